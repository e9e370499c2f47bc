"""Bad input: one clear line, the right exit status, and every other document still built."""

import os

from daemon import Case, main


class BadInput(Case):
    def make(self):
        self.write("docs/good.md", "# Good\n")
        self.write("docs/also/good.md", "# Also\n")

    def fails(self, status, *words, **more):
        """Runs optimize; it ends with that status and one line on stderr that has the words."""
        arguments = more.pop("arguments", ("--src", self.path("docs"), "--out", self.path("pages")))
        result = self.contextor("optimize", "--quiet", *arguments, status=status)
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 1, result.err)
        for word in words:
            self.assertIn(word, lines[0])

    def assert_rest_built(self):
        self.assertEqual(sorted(e["path"] for e in self.index("pages")), ["also/good.md", "good.md"])
        self.assertEqual(os.listdir(self.path("pages/.contextor/tmp")), [])

    def test_document_that_is_not_utf8(self):
        self.make()
        self.write("docs/bad.md", b"# Not \xff text\n")
        self.fails(1, "bad.md", "UTF-8")
        self.assert_rest_built()

    def test_document_of_100_mb(self):
        self.make()
        with open(self.path("docs/huge.md"), "wb") as file:
            file.truncate(100 * 1000 * 1000)
        self.fails(1, "huge.md", "larger than")
        self.assert_rest_built()

    def test_source_that_is_missing(self):
        self.fails(2, "docs", arguments=("--src", self.path("docs"), "--out", self.path("pages")))
        self.assertFalse(self.path("pages/index.jsonl").exists())

    def test_output_that_is_the_source(self):
        self.make()
        self.fails(2, "output", arguments=("--src", self.path("docs"), "--out", self.path("docs")))
        self.assertEqual(sorted(os.listdir(self.path("docs"))), ["also", "good.md"])

    def test_unknown_flag(self):
        self.fails(2, "--sorce", arguments=("--sorce", "docs"))

    def test_configuration_that_is_wrong(self):
        self.make()
        self.write(
            "contextord.json",
            '{\n  "sources": [{ "name": "docs", "root": "docs", "output": "pages" }],\n  "performence": {}\n}\n',
        )
        self.fails(
            2, "contextord.json:3", "performence", "performance",
            arguments=("--config", self.path("contextord.json"), "--source", "docs"),
        )

    def test_second_writer(self):
        self.make()
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.fails(
                1, "pid %d" % daemon.process.pid,
                arguments=("--config", self.path("contextord.json"), "--source", "docs"),
            )
            self.assert_mirrors("pages")

    def test_daemon_builds_the_rest_and_lists_the_failure(self):
        self.make()
        self.write("docs/bad.md", b"\xff")
        with self.daemon(self.source("docs", "pages")) as daemon:
            failed = daemon.sync()["failed"]
            self.assertEqual([entry["path"] for entry in failed], ["bad.md"])
            self.assert_rest_built()
            self.write("docs/bad.md", "# Mended\n")
            self.assertEqual(daemon.sync()["failed"], [])
            self.assert_mirrors("pages")

    def test_failures_of_very_many_do_not_flood_the_log(self):
        for i in range(130):
            self.write("docs/p%d.md" % i, b"\xff")
        with self.daemon(self.source("docs", "pages")) as daemon:
            self.assertEqual(daemon.sync()["failed_total"], 130)
            daemon.wait_said("warning: 30 more documents failed: see contextor failures")
            self.assertEqual(daemon.said().count("is not UTF-8"), 100)
            self.write("docs/later.md", b"\xff")
            daemon.wait_said("docs: later.md: byte 0 is not UTF-8")
            self.assertEqual(daemon.said().count("more documents"), 1)

    def test_failures_are_sorted_by_source_and_path(self):
        names = ["z.md", "a/y.md", "b.md", "a/x.md", "a-1.md", "m/n/o.md", "c.md"]
        for root in ("zoo", "docs"):
            for name in names:
                self.write("%s/%s" % (root, name), b"\xff")
        wanted = [(root, name) for root in ("docs", "zoo") for name in sorted(names)]
        sources = [self.source(root, root + "-pages", root) for root in ("zoo", "docs")]
        with self.daemon({"sources": sources}) as daemon:
            done = daemon.sync()
            self.assertEqual([(f["source"], f["path"]) for f in done["failed"]], wanted)
            self.assertEqual(done["failed_total"], len(wanted))
            some = daemon.call("failures", limit=3)
            self.assertEqual([(f["source"], f["path"]) for f in some["failures"]], wanted[:3])
            self.assertEqual(some["total"], len(wanted))

    def test_source_that_is_missing_at_start(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "root_missing")
            self.make()
            daemon.sync()
            self.assert_mirrors("pages")


if __name__ == "__main__":
    main()
