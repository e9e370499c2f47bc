"""Links: hard and symbolic ones appear without a write, are followed where they lead to a file, and never
in circles. (Bind mounts, which link directories, are in test_mounts.py.)"""

import mmap
import os

from daemon import main
from watching import Watching, kernel_watches


class Links(Watching):
    def setUp(self):
        super().setUp()
        self.write("docs/x.md", "# X\n\nThe original.\n")

    def start(self, **watch):
        return self.daemon({"sources": [self.source("docs", "pages")], "watch": watch})

    def test_links_appear_with_no_further_write(self):
        """By the event of their making alone: no sync asks for it."""
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written")
            os.link(self.path("docs/x.md"), self.path("docs/y.md"))
            self.assertEqual(client.event()["path"], "y.md")
            os.symlink("x.md", self.path("docs/z.md"))
            self.assertEqual(client.event()["path"], "z.md")
            daemon.sync()
            for path in ("x.md", "y.md", "z.md"):
                self.assertIn("The original.", self.page_text(path))
            self.assert_mirrors()

    def test_a_link_is_one_transform(self):
        with self.start() as daemon:
            daemon.sync()
            for make, name in ((os.link, "y.md"), (os.symlink, "z.md")):
                with self.comes_to(daemon, processed=1, written=1, errors=0):
                    make(self.path("docs/x.md"), self.path("docs") / name)
            with self.comes_to(daemon, processed=0, removed=2, errors=0):
                os.unlink(self.path("docs/y.md"))
                os.unlink(self.path("docs/z.md"))
            self.assert_mirrors()

    def test_a_link_to_a_file_outside(self):
        """What it leads to is the page; an edit of that is seen when the link is touched, or rarely."""
        self.write("outside/file.md", "# Outside\n")
        with self.start(reconcile_interval_s=1) as daemon:
            daemon.sync()
            os.symlink("../outside/file.md", self.path("docs/out.md"))
            daemon.sync()
            self.assertIn("# Outside", self.page_text("out.md"))
            client = self.subscriber(daemon, "written")
            self.write("outside/file.md", "# Outside, edited\n")
            self.assertEqual(client.event()["path"], "out.md")
            daemon.sync()
            self.assertIn("# Outside, edited", self.page_text("out.md"))
            os.unlink(self.path("outside/file.md"))
            client = self.subscriber(daemon, "removed")
            self.assertEqual(client.event()["path"], "out.md")
            daemon.sync()
            self.assert_mirrors()

    def test_links_that_lead_nowhere_say_nothing(self):
        os.symlink("nowhere.md", self.path("docs/before.md"))
        os.symlink("self.md", self.path("docs/self.md"))
        with self.start() as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=0, errors=0):
                os.symlink("nowhere.md", self.path("docs/after.md"))
                os.symlink("/dev/zero", self.path("docs/zero.md"))
                os.symlink("..", self.path("docs/up.md"))
                os.mkfifo(self.path("docs/fifo.md"))
            self.assertEqual(self.complaints(daemon), [])
            self.assertEqual(self.paths(), ["x.md"])
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/nowhere.md", "# Somewhere\n")
            daemon.call("rebuild", source="docs")
            daemon.sync()
            self.assertEqual(self.complaints(daemon), [])

    def test_a_link_to_a_directory_is_not_entered(self):
        self.write("elsewhere/deep/doc.md", "# Elsewhere\n")
        self.write("docs/in/doc.md", "# In\n")
        with self.start() as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=0, removed=0, errors=0):
                os.symlink("../elsewhere", self.path("docs/out"))
                os.symlink("in", self.path("docs/alias"))
                self.write("elsewhere/deep/doc.md", "# Elsewhere, edited\n")
            self.assertEqual(self.paths(), ["in/doc.md", "x.md"])
            self.assertEqual(daemon.source("docs")["watches"], 2)
            self.assert_mirrors()

    def test_a_loop_of_links_ends_and_each_document_comes_once(self):
        self.write("docs/a/doc.md", "# A\n")
        os.symlink("..", self.path("docs/a/b"))
        with self.start() as daemon:
            daemon.sync()
            self.assertEqual(self.paths(), ["a/doc.md", "x.md"])
            os.symlink(".", self.path("docs/a/here"))
            os.symlink(self.path("docs"), self.path("docs/a/top"))
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/a/doc.md", "# A, edited through no loop\n")
            self.assertEqual(daemon.source("docs")["watches"], 2)
            self.assertEqual(self.paths(), ["a/doc.md", "x.md"])
            self.assert_mirrors()

    def test_a_directory_that_a_link_replaces(self):
        self.write("docs/d/doc.md", "# D\n")
        with self.start() as daemon:
            daemon.sync()
            os.rename(self.path("docs/d"), self.path("elsewhere"))
            os.symlink("../elsewhere", self.path("docs/d"))
            daemon.sync()
            self.assertEqual(self.paths(), ["x.md"])
            os.unlink(self.path("docs/d"))
            os.rename(self.path("elsewhere"), self.path("docs/d"))
            daemon.sync()
            self.assertEqual(self.paths(), ["d/doc.md", "x.md"])
            self.assert_mirrors()

    def test_a_root_that_is_a_link(self):
        os.symlink("docs", self.path("link"))
        with self.daemon(self.source("link", "pages")) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/x.md", "# X, edited\n")
            self.assert_mirrors()
            self.write("docs-2/y.md", "# Y\n")
            os.symlink("docs-2", self.path("link.new"))
            os.rename(self.path("link.new"), self.path("link"))
            daemon.call("reload")  # a root is what its path led to when the configuration was read
            daemon.sync()
            self.assertEqual(self.paths(), ["y.md"])
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs-2/y.md", "# Y, edited\n")
            self.assert_mirrors()

    def test_the_same_root_twice_is_watched_once(self):
        """By its name and by a link to it: one node, and one transform per source."""
        os.symlink("docs", self.path("link"))
        sources = [self.source("docs", "pages", "docs"), self.source("link", "others", "link")]
        with self.daemon({"sources": sources}) as daemon:
            daemon.sync()
            watches = len(kernel_watches(daemon))
            os.mkdir(self.path("docs/d"))
            with self.comes_to(daemon, processed=2, written=2, errors=0):
                self.write("docs/d/doc.md", "# D\n")
            self.assertEqual(len(kernel_watches(daemon)), watches + 1)
            self.assert_mirrors("pages", "docs")
            self.assert_mirrors("others", "link")


class Unseen(Watching):
    """What inotify does not tell of in the directory: the rare reconcile finds it."""

    def setUp(self):
        super().setUp()
        self.write("docs/doc.md", "# Document\n\nWords that are there.\n")

    def check(self, change):
        config = {"sources": [self.source("docs", "pages")], "watch": {"reconcile_interval_s": 1}}
        with self.daemon(config) as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written")
            change()
            self.assertEqual(client.event()["path"], "doc.md")
            daemon.sync()
            self.assertIn("WORDS", self.page_text("doc.md"))
            self.assertGreater(daemon.metrics()["reconciles_total"], 0)
            self.assert_mirrors()

    def test_an_edit_through_another_hard_link(self):
        os.link(self.path("docs/doc.md"), self.path("elsewhere.md"))

        def change():
            with open(self.path("elsewhere.md"), "r+b") as file:
                file.write(b"# Document\n\nWORDS")

        self.check(change)

    def test_an_edit_of_mapped_memory(self):
        """A mapping that outlives its descriptor changes the file without an event."""
        with open(self.path("docs/doc.md"), "r+b") as file:
            memory = mmap.mmap(file.fileno(), 0)
        self.addCleanup(memory.close)

        def change():
            memory[12:17] = b"WORDS"
            memory.flush()

        self.check(change)

    def test_a_reconcile_of_what_did_not_change_reads_nothing(self):
        config = {"sources": [self.source("docs", "pages")], "watch": {"reconcile_interval_s": 1}}
        with self.daemon(config) as daemon:
            daemon.sync()
            before = daemon.metrics()
            while daemon.metrics()["reconciles_total"] < before["reconciles_total"] + 2:
                daemon.sync()
            after = daemon.metrics()
            for name in ("processed_total", "skipped_unchanged_total", "bytes_in_total", "index_writes_total"):
                self.assertEqual(after[name], before[name], name)


if __name__ == "__main__":
    main()
