"""The Python ancestor's bugs, those that no single document shows; and that each has its test.

Its thirty bugs are numbered. Those of the transform have a golden file each in tests/golden/ancestor,
named by number and subject; the others a test whose name cites the number (test_bug_18_…, or the name
of a C test); a few concern what contextor does not have.
"""

import hashlib
import json
import os
import random
import re
import subprocess

from daemon import ROOT, Case, main

# What contextor has no counterpart of.
NOT_APPLICABLE = {
    27: "an HTTP server that searches and serves files by name; there is none, and the socket serves no files",
    28: "topics, quality, related and duplicate pages from a state file; nothing of it is computed",
}


class Coverage(Case):
    def test_each_bug_has_a_test_or_a_reason(self):
        covered = set(NOT_APPLICABLE)
        for path in (ROOT / "tests/golden/ancestor").glob("[0-9][0-9]-*.in.md*"):
            covered.add(int(path.name[:2]))
        for path in (ROOT / "tests").rglob("test_*.*"):
            if path.suffix in (".py", ".c"):
                covered.update(map(int, re.findall(r"(?:def test|^static void \w+)_bug_(\d\d)_", path.read_text(), re.M)))
        self.assertEqual(sorted(covered), list(range(1, 31)))

    def test_each_golden_file_has_its_output(self):
        for path in (ROOT / "tests/golden/ancestor").glob("*.in.md*"):
            self.assertTrue(path.with_name(path.name.split(".in.")[0] + ".out.md").exists(), path)


class Bugs(Case):
    def front_matter(self, document, *arguments):
        page = self.contextor("transform", "--mdc", *arguments, input=document, status=0).out
        return page.split("\n---\n", 1)[0]

    def build(self, *arguments, **more):
        return self.contextor("optimize", "--src", self.path("docs"), "--out", self.path("pages"), *arguments,
                              "--json", **{"status": 0, **more})

    def git(self, *arguments):
        subprocess.run(["git", "-C", str(self.path("work")), *arguments], check=True, env=self.environment(),
                       capture_output=True)

    def test_bug_17_addresses_begin_at_the_repository_not_at_the_source(self):
        self.write("work/docs/guide/start.md", "# S\n\n[other](../other.md) ![i](i.png)\n")
        self.git("init", "-q")
        self.git("remote", "add", "origin", "git@github.com:o/n.git")
        self.optimize("--src", self.path("work/docs"), "--out", self.path("pages"), "--ref", "main")
        page = self.read("pages/n__guide__start.mdc")
        self.assertIn('  path: "guide/start.md"\n', page)
        self.assertIn('  url: "https://github.com/o/n/blob/main/docs/guide/start.md"\n', page)
        self.assertIn("(https://github.com/o/n/blob/main/docs/other.md)", page)
        self.assertIn("(https://raw.githubusercontent.com/o/n/main/docs/guide/i.png)", page)

    def test_bug_18_every_document_has_a_page_of_its_own(self):
        paths = ["a/b.md", "a__b.md", "x.md", "x.mdx", "API.md", "api.md", "v1.2.md", "v12.md", "c++.md",
                 "c#.md", "c.md", "[slug].mdx", "slug.mdx", "foo bar.md", "foo-bar.md", "a/-b.md", "+.md",
                 "d/index.md", "e/index.md"]
        for path in paths:
            self.write("docs/" + path, "# %s\n" % path)
        self.build("--repo", "o/repo", "--ref", "main")
        entries = self.index("pages")
        self.assertEqual(sorted(entry["path"] for entry in entries), sorted(paths))
        slugs = {entry["slug"].lower() for entry in entries}
        self.assertEqual(len(slugs), len(paths))
        for entry in entries:
            self.assertIn("\n  path: %s\n" % json.dumps(entry["path"]),
                          self.read("pages/%s.mdc" % entry["slug"]))

    def test_bug_18_names_are_those_of_the_set_whatever_came_and_went(self):
        """Names that collide, and documents that are really named as the others' names with digits."""
        def short(path):
            return "%s-%s.md" % (path[0], hashlib.sha256(path.encode()).hexdigest()[:8])
        names = ["x.md", "x.mdx", "X.md", "y.md", "y.mdx"]
        names += [short("x.mdx"), short("x.md"), short("X.md"), short("y.mdx"), short("x.mdx") + "x"]
        chance = random.Random(18)
        present = set()

        def toggle(n):
            for name in chance.sample(names, n):
                if name in present:
                    os.unlink(self.path("docs/" + name))
                else:
                    self.write("docs/" + name, "# %s\n" % name)
                present.symmetric_difference_update({name})

        self.path("docs").mkdir()
        with self.daemon(self.source("docs", "pages")) as daemon:
            for _ in range(12):
                toggle(chance.choice([1, 3, 6]))
                daemon.sync()
                entries = self.index("pages")
                self.assertEqual({entry["path"] for entry in entries}, present)
                self.assertEqual(len({entry["slug"] for entry in entries}), len(present))
                self.assert_mirrors()
        for _ in range(6):  # while it is away
            toggle(4)
            self.optimize_source("docs", "pages")
            self.assert_mirrors()

    def test_bug_19_the_same_input_gives_the_same_bytes(self):
        self.write("docs/a.md", "# A\n\ntext\n")
        os.utime(self.path("docs/a.md"), (1600000000, 1600000000))
        unset = {"SOURCE_DATE_EPOCH": ""}
        self.build(environment=unset)
        first = self.tree("pages")
        self.optimize("--src", self.path("docs"), "--out", self.path("again"), environment=unset)
        self.assertEqual(self.tree("again"), first)
        self.assertIn(b'fetched_at: "2020-09-13T12:26:40Z"', first["docs__a.mdc"])

    def test_bug_19_titles_topics_and_refs_reach_the_page_though_its_body_is_the_same(self):
        self.write("docs/a.md", "---\ntitle: One\n---\n\ntext\n")
        self.build("--ref", "v1")
        self.write("docs/a.md", "---\ntitle: Two\n---\n\ntext\n")
        self.build("--ref", "v2", "--topics", "t")
        page = self.read("pages/docs__a.mdc")
        for line in ('title: "Two"', '  ref: "v2"', '  - "t"'):
            self.assertIn("\n%s\n" % line, page)

    def test_bug_19_a_damaged_page_is_made_again(self):
        self.write("docs/a.md", "# A\n\ntext\n")
        self.build()
        good = self.read("pages/docs__a.mdc")
        for damage in (good[:-5], good.replace("text", "t3xt"), ""):
            self.write("pages/docs__a.mdc", damage)
            self.build()
            self.assertEqual(self.read("pages/docs__a.mdc"), good)
        body = good.split("\n---\n\n", 1)[1]
        self.assertIn('content_hash: "%s"' % hashlib.sha256(body.encode()).hexdigest(), good)

    def test_bug_20_the_index_is_sorted_whole_and_pruned(self):
        for i in range(300):
            self.write("docs/%d/p%d.md" % (i % 7, i), "# P%d\n" % i)
        self.build()
        good = self.read("pages/index.jsonl")
        slugs = [entry["slug"] for entry in self.index("pages")]
        self.assertEqual(slugs, sorted(slugs))
        self.assertEqual(len(slugs), 300)
        lines = good.splitlines()
        for damage in (None, "\n".join(lines[:100] + ["not JSON"] + lines[200:]), ""):
            if damage is None:
                os.unlink(self.path("pages/index.jsonl"))
            else:
                self.write("pages/index.jsonl", damage)
            self.assertEqual(json.loads(self.build().out)["written"], 0)
            self.assertEqual(self.read("pages/index.jsonl"), good)
        os.unlink(self.path("docs/0/p0.md"))
        self.build()
        self.assertEqual(len(self.index("pages")), 299)
        self.assertNotIn("docs__0__p0.mdc", os.listdir(self.path("pages")))

    def test_bug_20_the_index_is_written_once_for_a_tree_not_once_a_page(self):
        for i in range(200):
            self.write("docs/p%d.md" % i, "# P%d\n" % i)
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.assertLess(daemon.metrics()["index_writes_total"], 20)
        self.assertEqual(len(self.index("pages")), 200)

    def test_bug_21_front_matter_is_valid_yaml_of_strings(self):
        head = self.front_matter(b"---\ntitle: null\ntags: [1, yes, 'a: b', \"q\\\"q\"]\n---\n\n# It's: \"odd\" # really\n")
        self.assertIn('title: "It\'s: \\"odd\\" # really"\n', head)
        self.assertIn('topics:\n  - "1"\n  - "yes"\n  - "a: b"\n  - "q\\"q"\n', head)
        head = self.front_matter(b"# T\n")
        self.assertIn("\ntopics: []\n", head)
        self.assertNotRegex(head, r"(?m): (None|null)?$(?!\n  )")

    def test_bug_23_tokens_of_any_text_are_counted(self):
        head = self.front_matter(b"# One\n\nA page that says <|endoftext|> six times.\n")
        words = len("# One A page that says <|endoftext|> six times.".split())
        self.assertIn("\n  tokens: %d\n" % (words * 4 // 3), head)

    def test_bug_25_titles_come_from_headings_not_from_code(self):
        for document, title in (
            (b"Text.\n\n```sh\n# install deps\n```\n\n# Real\n", "Real"),
            (b"A title\n=======\n\n# Second\n", "A title"),
            (b"\xef\xbb\xbf---\ntitle: Kept\n---\n\n# Other\n", "Kept"),
            (b"    # indented code\n\ntext\n", "the-file"),
        ):
            head = self.front_matter(document, "--path", "d/the-file.md")
            self.assertIn('title: "%s"\n' % title, head)

    def test_bug_26_what_cannot_be_read_is_an_error_that_counts(self):
        self.write("docs/good.md", "# Good\n")
        self.write("docs/bad.md", b"\xff\xfe")
        done = self.build(status=1)
        report = json.loads(done.out)
        self.assertEqual((report["errors"], report["written"]), (1, 1))
        self.assertEqual([failure["path"] for failure in report["failures"]], ["bad.md"])
        self.assertRegex(done.err, r"^contextor: bad\.md: .*UTF-8.*\n$")

    def test_bug_30_commands_of_the_ancestor_say_what_to_use_and_delete_nothing(self):
        self.write("home/mine/precious.txt", "p")
        for command in (["fetch", "--workspace", self.path("home/mine")], ["batch-fetch"], ["scan-history"],
                        ["intelligence"], ["benchmark"], ["tokens"]):
            done = self.contextor(*command, status=2)
            self.assertEqual((done.err.count("\n"), done.out), (1, ""))
        self.assertEqual(self.read("home/mine/precious.txt"), "p")

    def test_bug_30_files_that_are_not_ours_are_never_deleted(self):
        self.write("docs/a.md", "# A\n")
        mine = {"notes.txt": b"n", "own.mdc": b"mine", "docs__gone.mdc": b"# not ours\n", "sub/x.mdc": b"x"}
        for name, content in mine.items():
            self.write("pages/" + name, content)
        self.build()
        self.write("docs/b.md", "# B\n")
        os.unlink(self.path("docs/a.md"))
        self.build()
        left = self.tree("pages")
        self.assertEqual({name: left.get(name) for name in mine}, mine)
        self.assertEqual(sorted(set(left) - set(mine)), ["docs__b.mdc", "index.jsonl"])


if __name__ == "__main__":
    main()
