"""The output inside the source never triggers itself; what could is refused."""

import os
import time

from daemon import CONTEXTORD, main
from watching import Watching

DOCUMENTS = 30


class Inside(Watching):
    def setUp(self):
        super().setUp()
        for number in range(DOCUMENTS):
            self.write("docs/d%d/page-%d.md" % (number % 5, number), "# Page %d\n" % number)

    def assert_quiet(self, daemon, seconds):
        """For so long nothing is transformed, no event of the kernel's comes, and nothing waits."""
        before = daemon.metrics()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.5)
            daemon.sync()
        after = daemon.metrics()
        for name in ("processed_total", "written_total", "removed_total", "index_writes_total",
                     "skipped_unchanged_total", "reconciles_total"):
            self.assertEqual(after[name], before[name], name)

    def test_nothing_triggers_itself(self):
        """Acceptance test 18: ten seconds after the first build, and after saves."""
        with self.daemon(self.source("docs", "docs/.out")) as daemon:
            daemon.sync()
            self.assertEqual(daemon.metrics()["processed_total"], DOCUMENTS)
            self.assert_quiet(daemon, 5)
            with self.comes_to(daemon, processed=1, written=1, removed=0, errors=0):
                self.write("docs/d0/page-0.md", "# Saved\n")
            self.assert_quiet(daemon, 5)
            self.assertEqual(daemon.source("docs")["watches"], 6)
            self.assert_mirrors("docs/.out")

    def test_the_output_is_never_taken_for_documents(self):
        """Though include names everything, and pages of a second source lie there too."""
        sources = [
            self.source("docs", "docs/out/one", "docs", include=["**/*"], force_include=["**"]),
            self.source("docs", "docs/out/two", "two", profile="compact"),
        ]
        with self.daemon({"sources": sources}) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=2, written=2, removed=0, errors=0):
                self.write("docs/d0/page-0.md", "# Saved\n")
            self.assertFalse([path for path in self.paths("docs/out/one") if path.startswith("out/o")])
            self.assertFalse([path for path in self.paths("docs/out/one") if path.startswith("out/t")])
            for name, output in (("docs", "docs/out/one"), ("two", "docs/out/two")):
                self.assert_mirrors(output, name)

    def test_the_output_vanishes_and_comes_back(self):
        """It is no document's loss: a rebuild, or the next reconcile, makes the pages again."""
        with self.daemon(self.source("docs", "docs/out")) as daemon:
            daemon.sync()
            for page in self.path("docs/out").glob("*.mdc"):
                page.unlink()
            daemon.call("rebuild", source="docs")
            with self.comes_to(daemon, removed=0, errors=0):
                pass
            self.assert_mirrors("docs/out")

    def refused(self, config, *words):
        config = self.configure(config)
        result = self.run_program(CONTEXTORD, "--config", config, "--socket", self.path("s.sock"), status=2)
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 1, result.err)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(self.contextor("check-config", config).status, 2)

    def test_an_output_that_is_the_root_is_refused(self):
        before = self.tree("docs")
        self.refused(self.source("docs", "docs"), "output", "root")
        os.symlink("docs", self.path("alias"))
        self.refused(self.source("docs", "alias"), "output", "root")
        self.refused(self.source("docs", "docs/d0/.."), "output", "root")
        self.assertEqual(self.tree("docs"), before)

    def test_a_source_inside_an_output_is_refused(self):
        self.write("pages/in/doc.md", "# In\n")
        self.refused(self.source("pages/in", "pages"), "output")
        self.refused(
            {"sources": [self.source("docs", "pages"), self.source("pages/in", "others", "in")]}, "pages")

    def test_two_sources_with_one_output_are_refused(self):
        self.write("more/doc.md", "# More\n")
        self.refused(
            {"sources": [self.source("docs", "pages"), self.source("more", "pages", "more")]}, "output")


if __name__ == "__main__":
    main()
