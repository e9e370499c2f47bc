"""Project presets end to end: what each key of `settings` does to the pages, and how one is chosen."""

import json

from daemon import ROOT, Case, main

CODE = "```%s\n" + "".join("x%d = %d\n" % (i, i) for i in range(1, 31)) + "```\n"


class Preset(Case):
    def setUp(self):
        super().setUp()
        self.write("tree/.git/HEAD", "ref: refs/heads/main\n")

    def build(self, settings=None, *arguments, root="tree", out="pages", **more):
        """Builds the tree with a preset; returns its index by path, and what was said."""
        if settings is not None:
            self.write("preset.json", json.dumps({"settings": settings}))
            arguments = ("--project-config", self.path("preset.json"), *arguments)
        done = self.contextor("optimize", "--src", self.path(root), "--out", self.path(out), *arguments,
                              **{"status": 0, **more})
        if done.status == 2:
            return done
        return {entry["path"]: entry for entry in self.index(out)}

    def body(self, index, path, out="pages"):
        page = self.read("%s/%s.mdc" % (out, index[path]["slug"]))
        return page.split("\n---\n\n", 1)[1]

    def refused(self, settings, line):
        done = self.build(settings, status=2)
        self.assertEqual(done.err, "contextor: %s:1: %s\n" % (self.path("preset.json"), line))
        self.assertFalse(self.path("pages").exists())


class Files(Preset):
    def setUp(self):
        super().setUp()
        for path in ("docs/a.md", "docs/guide/b.mdx", "docs/guide/old/c.md", "errors/d.md", "src/e.md",
                     "README.md", "docs/README.md", "i18n/zh/f.md", "i18n/zh-cn/g/h.md", "i18n/fr/i.md",
                     "pkg/i18n/zh/j.md", "docs/node_modules/x/k.md", "a/deep/legacy/l.md", "legacy/m.md"):
            self.write("tree/" + path, "# P\n")

    def files(self, root="tree", **settings):
        return sorted(self.build(settings, root=root))

    def test_folders(self):
        self.assertEqual(self.files(folders=["docs", "/errors/"]),
                         ["docs/README.md", "docs/a.md", "docs/guide/b.mdx", "docs/guide/old/c.md",
                          "errors/d.md"])
        self.assertEqual(self.files(folders=["docs/guide", "README.md"]),
                         ["README.md", "docs/guide/b.mdx", "docs/guide/old/c.md"])
        self.assertEqual(self.files(folders=["i18n/*"]),
                         ["i18n/fr/i.md", "i18n/zh-cn/g/h.md", "i18n/zh/f.md"])
        self.assertEqual(len(self.files(folders=[])), 13)

    def test_folders_are_seen_from_a_part_of_the_repository(self):
        self.assertEqual(self.files(root="tree/docs", folders=["docs/guide"], excludeFolders=["docs/guide/old"]),
                         ["guide/b.mdx"])

    def test_bug_24_exclude_folders_at_any_depth_and_with_globs(self):
        self.assertEqual(self.files(folders=["i18n", "pkg"], excludeFolders=["i18n/zh*"]),
                         ["i18n/fr/i.md", "pkg/i18n/zh/j.md"])
        self.assertEqual(self.files(folders=["i18n", "pkg"], excludeFolders=["**/zh*"]), ["i18n/fr/i.md"])
        self.assertEqual(self.files(folders=["a", "legacy"], excludeFolders=["legacy"]), [])
        self.assertEqual(self.files(folders=["a", "legacy"], excludeFolders=["./legacy"]),
                         ["a/deep/legacy/l.md"])
        self.assertEqual(self.files(folders=["docs"], excludeFolders=["docs/guide/**"]),
                         ["docs/README.md", "docs/a.md"])

    def test_exclude_files(self):
        self.assertEqual(self.files(folders=["docs", "README.md"], excludeFiles=["README.md"]),
                         ["docs/a.md", "docs/guide/b.mdx", "docs/guide/old/c.md"])
        self.assertEqual(self.files(folders=["docs"], excludeFiles=["docs/README.md", "docs/guide/*.mdx"]),
                         ["docs/a.md", "docs/guide/old/c.md"])

    def test_what_is_not_there_is_a_warning(self):
        self.write("preset.json", '{"settings": {"folders": ["docs", "gone"]}}')
        done = self.contextor("optimize", "--src", self.path("tree"), "--out", self.path("pages"),
                              "--project-config", self.path("preset.json"), status=0)
        self.assertIn("settings.folders: %s has no gone" % self.path("tree"), done.err)


class Pages(Preset):
    def test_identity_topics_and_branch(self):
        self.write("tree/docs/a.md", "# A\n\n[b](b.md)\n")
        index = self.build({"docsRepoUrl": "https://github.com/o/n.git", "branch": "canary",
                            "topics": ["x", "y"], "title": "T", "project": "p"})
        entry = index["docs/a.md"]
        self.assertEqual((entry["repo"], entry["ref"], entry["topics"]), ("o/n", "canary", ["x", "y"]))
        self.assertIn("(https://github.com/o/n/blob/canary/docs/b.md)", self.body(index, "docs/a.md"))
        index = self.build({"docsRepoUrl": "o/n", "branch": "canary", "topics": ["x"]}, "--repo", "f/g",
                           "--ref", "v1", "--topics", "z", "--adopt")
        entry = index["docs/a.md"]
        self.assertEqual((entry["repo"], entry["ref"], entry["topics"]), ("f/g", "v1", ["z"]))

    def test_profile(self):
        self.write("tree/a.md", "# A\n\n" + CODE % "py")
        for profile, lines in (("lossless", 30), ("balanced", 14), ("compact", 9)):
            body = self.body(self.build({"profile": profile}), "a.md")
            self.assertEqual(len(body.split("```")[1].splitlines()) - 1, lines)
        body = self.body(self.build({"profile": "compact"}, "--profile", "lossless"), "a.md")
        self.assertIn("x15 = 15", body)

    def test_bug_29_mdx_components(self):
        self.write("tree/a.mdx", '# A\n\n<Own title="T">text</Own>\n\n<Gone>words</Gone>\n\n'
                                 "<Callout>a note</Callout>\n")
        body = self.body(self.build({}), "a.mdx")
        self.assertIn("words", body)
        self.assertNotIn("> text", body)
        self.assertIn("> a note", body)
        body = self.body(self.build({"transforms": {"mdx_components": {
            "Own": "quote", "Gone": "drop", "Callout": "unwrap"}}}), "a.mdx")
        self.assertIn("> **Note: T**\n>\n> text", body)
        self.assertNotIn("words", body)
        self.assertNotIn("> a note", body)
        self.assertIn("a note", body)
        body = self.body(self.build({"transforms": {"mdx_components": ["Callout"]}}), "a.mdx")
        self.assertNotIn("> a note", body)

    def test_bug_29_code_block_rules(self):
        self.write("tree/a.md", "# A\n\n" + CODE % "py" + "\n" + CODE % "sql {1}")
        rules = {"preserve_languages": ["SQL"], "max_lines": 10}
        body = self.body(self.build({"transforms": {"code_block_rules": rules}}), "a.md")
        python, sql = body.split("```")[1], body.split("```")[3]
        self.assertEqual(len(python.splitlines()) - 1, 10)
        self.assertIn("omitted", python)
        self.assertEqual(len(sql.splitlines()) - 1, 30)
        rules = {"max_lines": 30}
        body = self.body(self.build({"transforms": {"code_block_rules": rules}}), "a.md")
        self.assertNotIn("omitted", body)

    def test_bug_29_link_rules(self):
        self.write("tree/a.md", "# A\n\n[r](/x#y) [b](b.md#z) [own](#here)\n")
        body = self.body(self.build({"transforms": {"link_rules": {"base_url": "https://e.example/d"}}}), "a.md")
        self.assertIn("[r](https://e.example/d/x#y)", body)
        self.assertIn("b.md#z)", body)
        body = self.body(self.build({"transforms": {"link_rules": {
            "base_url": "https://e.example", "preserve_anchors": False}}}, "--repo", "o/r", "--adopt"), "a.md")
        self.assertIn("[r](https://e.example/x)", body)
        self.assertIn("/blob/HEAD/b.md)", body)
        self.assertIn("[own](#here)", body)

    def test_rules_and_dialect(self):
        self.write("tree/a.md", "# A\n\n![](d.png)\n\nSee {{jsxref(\"Array\")}}.\n")
        body = self.body(self.build({"profile": "compact"}), "a.md")
        self.assertNotIn("d.png", body)
        self.assertIn("{{jsxref", body)
        body = self.body(self.build({"profile": "compact", "dialect": "mdn", "transforms": {
            "rules": {"decorative_images": False}}}), "a.md")
        self.assertIn("d.png", body)
        self.assertNotIn("{{jsxref", body)

    def test_wrong_values_are_one_line_with_their_path(self):
        self.write("tree/a.md", "# A\n")
        for settings, line in (
            ({"folders": "docs"}, 'settings.folders: "docs" is of the wrong type; give an array of strings'),
            ({"profile": "compakt"}, 'settings.profile: unknown value "compakt"; did you mean "compact"?'),
            ({"transforms": {"rules": {"badge": False}}},
             'settings.transforms.rules.badge: unknown rule "badge"; did you mean "badges"?'),
            ({"transforms": {"mdx_components": {"A": "quot"}}},
             'settings.transforms.mdx_components.A: unknown form "quot"; did you mean "quote"?'),
            ({"transforms": {"code_block_rules": {"max_lines": 0}}},
             "settings.transforms.code_block_rules.max_lines: 0 is out of range; give a whole number "
             "from 1 to 1000000"),
            ({"transforms": {"code_block_rules": {"preserve_language": []}}},
             "settings.transforms.code_block_rules.preserve_language: unknown key; did you mean "
             '"preserve_languages"?'),
            ({"transforms": {"link_rules": {"base_url": "e.example"}}},
             'settings.transforms.link_rules.base_url: "e.example" is no URL; give one that begins with '
             "https:// or http://"),
            ({"transforms": {"link_rules": {"preserve_anchors": "no"}}},
             'settings.transforms.link_rules.preserve_anchors: "no" is of the wrong type; give true or '
             "false"),
            ({"excludeFolders": ["a[b"]},
             'settings.excludeFolders[0]: "a[b" ends inside a [class], or in a backslash; escape what is '
             "a letter with a backslash"),
        ):
            self.refused(settings, line)


class Chosen(Preset):
    def setUp(self):
        super().setUp()
        self.write("tree/docs/a.md", "# A\n")
        self.write("tree/other/b.md", "# B\n")

    def paths(self, *arguments, **more):
        done = self.contextor("optimize", "--src", self.path("tree"), "--out", self.path("pages"), *arguments,
                              **{"status": 0, **more})
        return [entry["path"] for entry in self.index("pages")], done

    def test_detected_with_a_line_that_says_so(self):
        for name, text in (("context7.json", {"folders": ["docs"]}),
                           ("contextor.json", {"settings": {"folders": ["other"]}})):
            file = self.write("tree/" + name, json.dumps(text))
            paths, done = self.paths()
            self.assertEqual(len(paths), 1)
            self.assertEqual(done.err, "contextor: %s: found at the root and used as the project preset; "
                             '--no-auto-detect-config or "auto_detect_config": false turns that off\n' % file)
        self.assertEqual(paths, ["other/b.md"])

    def test_bug_29_detection_can_be_turned_off(self):
        self.write("tree/contextor.json", '{"settings": {"folders": ["docs"]}}')
        paths, done = self.paths("--no-auto-detect-config")
        self.assertEqual((paths, done.err), (["docs/a.md", "other/b.md"], ""))
        paths, done = self.paths("--auto-detect-config")
        self.assertEqual(paths, ["docs/a.md"])

    def test_detected_mistakes_stop_nothing(self):
        self.write("tree/context7.json", '{"folders": 5, "excludeFiles": ["b.md"]}')
        paths, done = self.paths()
        self.assertEqual(paths, ["docs/a.md"])
        self.assertIn("context7.json:1: folders: 5 is of the wrong type; give an array of strings", done.err)

    def test_named_or_a_file(self):
        projects = self.path("projects")
        self.write("projects/mine.json", '{"settings": {"title": "Mine", "folders": ["docs"]}}')
        environment = {"CONTEXTOR_PROJECTS_DIR": str(projects)}
        self.assertEqual(self.paths("--project-config", "mine", environment=environment)[0], ["docs/a.md"])
        self.assertEqual(self.paths("--project-config", "projects/mine.json", cwd=self.place)[0], ["docs/a.md"])
        done = self.paths("--project-config", "mne", environment=environment, status=2)[1]
        self.assertEqual(done.err, 'contextor: --project-config: no preset "mne"; did you mean "mine"?\n')
        done = self.paths("--project-config", "./none.json", status=2)[1]
        self.assertRegex(done.err, r"^contextor: --project-config: no preset file \S+/none\.json; .*\n$")
        listed = self.contextor("list-projects", "--json", environment=environment, status=0).out
        self.assertEqual([(p["name"], p["title"]) for p in json.loads(listed)], [("mine", "Mine")])

    def test_bug_29_nothing_is_written_beside_the_presets(self):
        projects = self.path("projects")
        self.write("projects/mine.json", '{"settings": {"folders": ["docs"]}}')
        self.write("tree/contextor.json", '{"settings": {"topics": ["t"]}}')
        before = self.tree("projects"), self.tree("tree")
        environment = {"CONTEXTOR_PROJECTS_DIR": str(projects)}
        self.paths("--project-config", "mine", environment=environment)
        self.paths(environment=environment)
        self.assertEqual((self.tree("projects"), self.tree("tree")), before)

    def test_the_daemon_builds_the_same(self):
        self.write("p.json", json.dumps({"settings": {
            "folders": ["docs"], "topics": ["t"], "profile": "compact",
            "transforms": {"link_rules": {"base_url": "https://e.example"}}}}))
        self.write("tree/docs/a.md", "# A\n\n[r](/x)\n\n![](d.png)\n\n" + CODE % "py")
        with self.daemon(self.source("tree", "mirror", project="./p.json")) as daemon:
            daemon.sync()
            self.assert_mirrors("mirror")
        self.assertIn("https://e.example/x", self.read("mirror/docs__docs__a.mdc"))


class Shipped(Case):
    def test_there_are_ten_and_each_builds_a_tree_of_its_layout(self):
        names = sorted(path.stem for path in (ROOT / "config/projects").glob("*.json"))
        self.assertGreaterEqual(len(names), 10)
        environment = {"CONTEXTOR_PROJECTS_DIR": str(ROOT / "config/projects")}
        listed = json.loads(self.contextor("list-projects", "--json", environment=environment, status=0).out)
        self.assertEqual([p["name"] for p in listed], names)
        for name in names:
            settings = json.loads((ROOT / "config/projects" / (name + ".json")).read_text())["settings"]
            self.write("%s/.git/HEAD" % name, "ref: refs/heads/x\n")
            wanted = set()
            for folder in settings["folders"]:
                wanted.add(folder + "/page.md")
                wanted.add(folder + "/deep/er/page.mdx")
            for path in wanted | {"elsewhere/no.md"}:
                self.write("%s/%s" % (name, path), "# P\n")
            for folder in settings["excludeFolders"]:
                self.write("%s/%s/no.md" % (name, folder.replace("*", "x")), "# No\n")
            for file in settings["excludeFiles"]:
                self.write("%s/%s" % (name, file if "/" in file else settings["folders"][0] + "/" + file), "# No\n")
            done = self.contextor("optimize", "--src", self.path(name), "--out", self.path("out-" + name),
                                  "--project-config", name, environment=environment, status=0)
            self.assertEqual(done.err, "")
            entries = self.index("out-" + name)
            self.assertEqual({entry["path"] for entry in entries}, wanted)
            repo = settings["docsRepoUrl"].removeprefix("https://github.com/")
            self.assertEqual({(e["repo"], tuple(e["topics"])) for e in entries},
                             {(repo, tuple(settings["topics"]))})


if __name__ == "__main__":
    main()
