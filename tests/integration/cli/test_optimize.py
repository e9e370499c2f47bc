"""`optimize`: every flag, every key of `performance` and `transforms`, which of them wins, and what is
said of what is wrong. The list of flags is that of --help, so that none is left out."""

import json
import os
import pty
import re
import shutil
import subprocess

from daemon import CONTEXTOR, Case, main

CODE = "```js\n" + "".join("let x%d = %d\n" % (i, i) for i in range(200)) + "```\n"
PAGE = "# Page\n\nSee [other](other.md) and [root](/top).\n\n<Box>\n\nIn it.\n\n</Box>\n\n" + CODE


class Optimize(Case):
    def setUp(self):
        super().setUp()
        self.write("tree/page.mdx", PAGE)
        self.write("tree/other.md", "# Other\n")

    def build(self, *arguments, out="pages", status=0, program=CONTEXTOR, **more):
        """A build of the tree by flags: its figures."""
        done = self.run_program(program, "optimize", "--src", self.path("tree"), "--out", self.path(out),
                                "--json", *arguments, status=status, **more)
        return json.loads(done.out) if done.out else done

    def build_source(self, config, *arguments, out="pages", name="docs", **more):
        """The same by a configuration."""
        self.configure(config)
        done = self.contextor("optimize", "--config", self.path("contextord.json"), "--source", name, "--json",
                              *arguments, **{"status": 0, **more})
        return json.loads(done.out)

    def page(self, out="pages"):
        entry = next(e for e in self.index(out) if e["path"] == "page.mdx")
        return entry, self.read("%s/%s.mdc" % (out, entry["slug"]))


class Flags(Optimize):
    def flag_src_and_out(self):
        self.assertEqual(self.build()["written"], 2)
        self.assertEqual(len(list(self.path("pages").glob("*.mdc"))), 2)

    def flag_config_and_source(self):
        config = {"sources": [self.source("tree", "one", "one", topics=["a"]),
                              self.source("tree", "two", "two", topics=["b"])]}
        run = self.build_source(config, name="two")
        self.assertEqual((run["source"], run["output"]), ("two", str(self.path("two"))))
        self.assertFalse(self.path("one").exists())
        self.assertEqual(self.page("two")[0]["topics"], ["b"])
        self.build_source(config, "--out", self.path("three"), name="two")
        self.assert_same_trees("two", "three")

    def flag_repo_ref_topics(self):
        self.build("--repo", "a/b", "--ref", "v1", "--topics", "x, y,x")
        entry, page = self.page()
        self.assertEqual((entry["repo"], entry["ref"], entry["slug"]), ("a/b", "v1", "b__page"))
        self.assertEqual(entry["topics"], ["x", "y"])
        self.assertIn("https://github.com/a/b/blob/v1/other.md", page)

    def flag_profile(self):
        lines = {}
        for profile in ("lossless", "balanced", "compact"):
            run = self.build("--profile", profile, out=profile)
            self.assertEqual(run["profile"], profile)
            lines[profile] = self.page(profile)[1].count("let x")
        self.assertEqual(lines["lossless"], 200)
        self.assertGreater(lines["lossless"], lines["balanced"])
        self.assertGreaterEqual(lines["balanced"], lines["compact"])

    def flag_project_config_and_auto_detect_config(self):
        preset = {"settings": {"profile": "lossless", "topics": ["preset"]}}
        self.write("preset.json", json.dumps(preset))
        run = self.build("--project-config", self.path("preset.json"), out="named")
        self.assertEqual((run["profile"], self.page("named")[0]["topics"]), ("lossless", ["preset"]))
        self.write("tree/contextor.json", json.dumps(preset))
        self.assertEqual(self.build(out="found")["profile"], "lossless")
        self.assertEqual(self.build("--no-auto-detect-config", out="off")["profile"], "balanced")
        self.assertEqual(self.build("--auto-detect-config", out="on")["profile"], "lossless")

    def flag_metrics_output_and_json(self):
        run = self.build("--metrics-output", self.path("m.json"))
        self.assertEqual(json.loads(self.read("m.json")), run)
        done = self.contextor("optimize", "--src", self.path("tree"), "--out", self.path("other"),
                              "--metrics-output", "/no/such/place", status=2)
        self.assertIn("/no/such/place: cannot be written", done.err)
        self.assertFalse(self.path("other").exists())

    def flag_report(self):
        self.build("--report", self.path("r.jsonl"))
        lines = [json.loads(line) for line in self.read("r.jsonl").splitlines()]
        self.assertIn("page.mdx", [line["path"] for line in lines])

    def flag_parallel_and_max_workers_and_batch_size(self):
        run = self.build("--parallel", "--max-workers", "3", "--batch-size", "1", out="a")
        self.assertEqual((run["parallel_enabled"], run["max_workers"], run["batch_size"]), (True, 3, 1))
        self.assertEqual(run["total_batches"], 2)
        run = self.build("--no-parallel", "--max-workers", "3", out="b")
        self.assertEqual((run["parallel_enabled"], run["max_workers"]), (False, 1))
        self.assertEqual(self.build("--max-workers", "256", out="c")["max_workers"], 256)

    def flag_memory_limit(self):
        self.write("tree/large.md", "Words. " * 20000)
        self.assertEqual(self.build(out="a")["errors"], 0)
        run = self.build("--memory-limit", "2", out="b", status=1)
        self.assertEqual([f["path"] for f in run["failures"]], ["large.md"])
        self.assertIn("memory_limit_mb", run["failures"][0]["error"])
        self.path("tree/large.md").unlink()

    def flag_process_pool(self):
        self.assertEqual(self.build("--process-pool", out="a")["degraded"], [])
        alone = self.lone_program()
        self.assertEqual(self.build(out="b", program=alone)["degraded"], [])
        self.assertIn("contextor-worker", self.build("--process-pool", out="c", program=alone)["degraded"][0])
        self.assert_same_trees("a", "c")

    def lone_program(self):
        """The program where it finds no worker: whoever asks for one is told."""
        self.path("alone/bin").mkdir(parents=True, exist_ok=True)
        return shutil.copy2(CONTEXTOR, self.path("alone/bin/contextor"))

    def flag_adopt(self):
        self.build()
        self.write("tree2/page.mdx", "# Two\n")
        arguments = ("optimize", "--src", self.path("tree2"), "--out", self.path("pages"), "--quiet")
        done = self.contextor(*arguments)
        self.assertNotEqual(done.status, 0)
        self.assertIn("--adopt", done.err)
        self.contextor(*arguments, "--adopt", status=0)
        self.assertEqual(len(self.index("pages")), 1)

    def flag_dry_run(self):
        run = self.build("--dry-run")
        self.assertEqual((run["dry_run"], run["processed"]), (True, 2))
        self.assertFalse(self.path("pages").exists())

    def flag_quiet(self):
        done = self.contextor("optimize", "--src", self.path("tree"), "--out", self.path("pages"), "-q", status=0)
        self.assertEqual((done.out, done.err), ("", ""))

    def test_every_flag_of_help_does_what_it_says(self):
        helped = set(re.findall(r"--(?:\[no-\])?([a-z][a-z-]*)",
                                self.contextor("optimize", "--help", status=0).out)) - {"help"}
        named, checks = set(), [name for name in dir(self) if name.startswith("flag_")]
        for name in checks:
            for word in name[len("flag_"):].split("_and_"):
                named.update([word.replace("_", "-")] if word.replace("_", "-") in helped
                             else word.split("_"))
        self.assertEqual(named, helped)
        for name in checks:
            with self.subTest(name):
                for out in self.path("").iterdir():
                    if out.name not in ("tree", "home", "alone"):
                        shutil.rmtree(out) if out.is_dir() else out.unlink()
                getattr(self, name)()

    def test_what_is_wrong_is_one_line_and_status_2(self):
        src, out = ["--src", self.path("tree")], ["--out", self.path("pages")]
        for arguments, text in (
            ([*out], "--src DIR is missing"),
            ([*src], "--out DIR is missing"),
            (["--config", "x.json"], "--config needs --source"),
            (["--source", "x", *src, *out], "--source needs --config"),
            (["--config", "x.json", "--source", "x", *src], "exclude each other"),
            (["--config", self.path("none.json"), "--source", "x"], "none.json"),
            ([*src, *out, "--max-workers", "0"], "--max-workers takes a number from 1 to 256"),
            ([*src, *out, "--batch-size", "1001"], "--batch-size takes a number from 1 to 1000"),
            ([*src, *out, "--memory-limit", "0"], "--memory-limit takes a number from 1 to 1048576"),
            ([*src, *out, "--memory-limit", "lots"], "--memory-limit takes a number"),
            ([*src, *out, "--profile", "small"], "--profile: unknown value \"small\""),
            ([*src, *out, "--project-config", "nosuch"], "nosuch"),
            ([*src, *out, "--paralel"], "did you mean --parallel?"),
            (["--src", self.path("none"), *out], "none"),
            ([*src, "--out", self.path("tree")], "root and output are both"),
        ):
            with self.subTest(arguments):
                done = self.contextor("optimize", *arguments, status=2)
                self.assertIn(text, done.err)
                self.assertEqual((done.err.count("\n"), done.out), (1, ""))
                self.assertFalse(self.path("pages").exists())
        done = self.contextor("optimize", *src, *out, status=2, environment={"SOURCE_DATE_EPOCH": "soon"})
        self.assertIn("SOURCE_DATE_EPOCH=soon: not a number", done.err)

    def test_progress_is_for_terminals(self):
        terminal, other = pty.openpty()
        command = [CONTEXTOR, "optimize", "--src", self.path("tree"), "--out", self.path("pages")]
        done = subprocess.run(command, env=self.environment(), stderr=other, stdout=subprocess.PIPE)
        os.close(other)
        drawn = b""
        try:
            while chunk := os.read(terminal, 4096):
                drawn += chunk
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"2", drawn)
        self.assertIn(b"\r", drawn)
        self.assertNotIn(b"\r", done.stdout)
        self.assertEqual(self.contextor(*command[1:], status=0).err, "")


class Keys(Optimize):
    """The keys of `performance` and `transforms`."""

    def config(self, performance=None, transforms=None, **source):
        return {"sources": [self.source("tree", "pages", **source)],
                "performance": performance or {}, "transforms": transforms or {}}

    def build_with(self, *arguments, performance=None, transforms=None, status=0, **source):
        shutil.rmtree(self.path("pages"), ignore_errors=True)
        config = self.config(performance, transforms, **source)
        return self.build_source(config, *arguments, status=status)

    def test_performance(self):
        run = self.build_with()
        self.assertEqual((run["batch_size"], run["total_batches"]), (50, 1))
        cores = len(os.sched_getaffinity(0))
        self.assertEqual(run["max_workers"], min(32, cores))
        run = self.build_with(performance={"max_workers": 5, "batch_size": 1})
        self.assertEqual((run["max_workers"], run["batch_size"], run["total_batches"]), (5, 1, 2))
        self.assertEqual(self.build_with(performance={"max_workers": "auto"})["max_workers"], min(32, cores))
        self.assertFalse(self.build_with(performance={"max_workers": 1})["parallel_enabled"])
        self.write("tree/large.md", "Words. " * 20000)
        run = self.build_with(performance={"memory_limit_mb": 2}, status=1)
        self.assertEqual((run["written"], run["errors"]), (2, 1))
        pages = self.tree("pages")
        self.build_with(performance={"use_process_pool": True, "memory_limit_mb": 64})
        self.assertEqual({name: page for name, page in self.tree("pages").items() if name in pages
                          and name != "index.jsonl"},
                         {name: page for name, page in pages.items() if name != "index.jsonl"})

    def test_parallel_transforms(self):
        """One transform at a time: their times add up to no more than the run's."""
        for i in range(40):
            self.write("tree/p%d.md" % i, "# P\n\n" + "Words of *a* paragraph with `code`.\n\n" * 2000)
        run = self.build_with(performance={"max_workers": 4}, transforms={"parallel_transforms": False})
        self.assertTrue(run["parallel_enabled"])
        self.assertLessEqual(run["transform_seconds"]["sum"], run["wall_time"])
        pages = self.tree("pages")
        self.build_with(performance={"max_workers": 4}, transforms={"parallel_transforms": True})
        self.assertEqual(pages, self.tree("pages"))

    def test_cpu_intensive_threshold(self):
        """What is larger runs in a worker process: where there is none, that is said."""
        alone = self.path("alone/bin/contextor")
        alone.parent.mkdir(parents=True)
        shutil.copy2(CONTEXTOR, alone)
        size = self.path("tree/page.mdx").stat().st_size
        for threshold, degraded in ((size - 1, 1), (size, 0)):
            self.configure(self.config(transforms={"cpu_intensive_threshold": threshold}))
            shutil.rmtree(self.path("pages"), ignore_errors=True)
            done = self.run_program(alone, "optimize", "--config", self.path("contextord.json"), "--source", "docs",
                                    "--json", status=0)
            self.assertEqual(len(json.loads(done.out)["degraded"]), degraded, threshold)

    def test_transforms(self):
        self.build_with(transforms={"components": {"Box": "drop"}})
        self.assertNotIn("In it.", self.page()[1])
        self.build_with(transforms={"components": {"Box": "unwrap"}})
        self.assertIn("In it.", self.page()[1])
        self.build_with(transforms={"links": {"target": "mirror"}})
        self.assertIn("docs__other.mdc", self.page()[1])
        self.build_with(transforms={"link_rules": {"base_url": "https://e.org/d"}})
        self.assertIn("(https://e.org/d/top)", self.page()[1])
        self.build_with(transforms={"code_block_rules": {"preserve_languages": ["js"]}})
        self.assertEqual(self.page()[1].count("let x"), 200)
        self.build_with(transforms={"code_block_rules": {"max_lines": 20}})
        self.assertLess(self.page()[1].count("let x"), 21)

    def test_a_flag_wins_over_configuration_that_over_a_preset_that_over_the_default(self):
        preset = {"settings": {"profile": "compact", "topics": ["preset"], "branch": "preset",
                               "docsRepoUrl": "https://github.com/pre/set"}}
        self.write("preset.json", json.dumps(preset))
        source = {"name": "docs", "root": str(self.path("tree")), "output": str(self.path("pages"))}
        config = lambda more, **performance: {"sources": [{**source, **more}], "performance": performance}

        def told(config, *arguments):
            shutil.rmtree(self.path("pages"), ignore_errors=True)
            run = self.build_source(config, *arguments)
            entry = self.page()[0]
            return run["profile"], entry["repo"], entry["ref"], entry["topics"], run["batch_size"]

        self.assertEqual(told(config({})), ("balanced", "tree", "HEAD", [], 50))
        project = {"project": str(self.path("preset.json"))}
        self.assertEqual(told(config(project)), ("compact", "pre/set", "preset", ["preset"], 50))
        own = {**project, "profile": "lossless", "repo": "con/fig", "ref": "config", "topics": ["config"]}
        self.assertEqual(told(config(own, batch_size=7)), ("lossless", "con/fig", "config", ["config"], 7))
        flags = ("--profile", "balanced", "--repo", "fl/ag", "--ref", "flag", "--topics", "flag",
                 "--batch-size", "9")
        self.assertEqual(told(config(own, batch_size=7), *flags), ("balanced", "fl/ag", "flag", ["flag"], 9))


if __name__ == "__main__":
    main()
