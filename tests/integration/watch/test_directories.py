# labels: threads release
# timeout: 900
"""Directories that are made, moved in, moved out, renamed and exchanged, with no pause between."""

import os
import signal

from daemon import main
from watching import Watching, exchange, kernel_watches, scaled

NEW = scaled(5000, 1000)
MOVED = scaled(1000, 500)
RENAMED = scaled(5000, 1000)


class New(Watching):
    def test_files_of_new_directories_are_never_missed(self):
        self.write("docs/a.md", "# A\n")
        with self.watched() as daemon:
            with self.counted(daemon) as spent:
                for i in range(NEW):
                    folder = self.path("docs/a_%d/b/c" % i)
                    os.makedirs(folder)
                    (folder / "f.md").write_text("# F %d\n" % i)
            self.assertEqual(len(self.index("pages")), NEW + 1)
            self.assertEqual(spent["overflow_total"], 0)
            self.assert_all_watched(daemon)
            self.assertEqual(daemon.metrics()["documents"], NEW + 1)


class Moved(Watching):
    def test_a_tree_that_is_moved_in_and_out_again(self):
        self.write("docs/a.md", "# A\n")
        for i in range(MOVED):
            self.write("outside/d%d/s/p%d.md" % (i % 40, i), "# P %d\n" % i)
        with self.watched() as daemon:
            before = daemon.source("docs")
            kernel = kernel_watches(daemon)
            with self.counted(daemon) as spent:
                os.rename(self.path("outside"), self.path("docs/inside"))
            self.assertEqual(spent["written_total"], MOVED)
            self.assertEqual(len(self.index("pages")), MOVED + 1)
            self.assert_all_watched(daemon)
            with self.counted(daemon) as spent:
                os.rename(self.path("docs/inside"), self.path("outside"))
            self.assertEqual(spent["removed_total"], MOVED)
            self.assertEqual(self.paths(), ["a.md"])
            self.await_watches(daemon, before["watches"])
            self.assertEqual(set(kernel_watches(daemon)), set(kernel))
            with self.counted(daemon) as spent:
                for i in range(MOVED):
                    self.write("outside/d%d/s/p%d.md" % (i % 40, i), "# Edited outside\n")
            self.assertEqual(spent["processed_total"], 0)
            if not self.poll:  # the barrier's own event is the only one
                self.assertLessEqual(spent["events_total"], 2)
            self.assertEqual(self.paths(), ["a.md"])


class Renaming(Watching):
    def setUp(self):
        super().setUp()
        for i in range(RENAMED):
            self.write("docs/foo/d%d/p.md" % i, "# P %d\n" % i)
        self.write("docs/foobar/sibling.md", "# Sibling\n")
        self.write("docs/into/x.md", "# X\n")


class Renamed(Renaming):
    def test_a_renamed_directory_keeps_its_watches_and_its_neighbour(self):
        with self.watched() as daemon:
            kernel = kernel_watches(daemon)
            sibling = os.stat(self.page("foobar/sibling.md")).st_ino
            with self.counted(daemon) as spent:
                os.rename(self.path("docs/foo"), self.path("docs/into/zed"))
            # Their paths are in the pages: each is emitted again, once, and nothing else is.
            self.assertEqual(spent["written_total"], RENAMED)
            self.assertEqual(spent["removed_total"], RENAMED)
            self.assertEqual(kernel_watches(daemon), kernel)  # the same watch of each
            with self.counted(daemon) as spent:
                for i in range(RENAMED):
                    self.write("docs/into/zed/d%d/p.md" % i, "# Next %d\n" % i)
                self.write("docs/foobar/new.md", "# New\n")
            self.assertEqual(spent["written_total"], RENAMED + 1)
            self.assertEqual(spent["removed_total"], 0)
            self.assertEqual(os.stat(self.page("foobar/sibling.md")).st_ino, sibling)
            self.assertEqual(sum(path.startswith("into/zed/") for path in self.paths()), RENAMED)
            self.assertFalse([path for path in self.paths() if path.startswith("foo/")])
            self.assert_all_watched(daemon)

    def test_renamed_back_and_forth_and_saved_in_between(self):
        with self.watched() as daemon:
            for turn in range(20):
                here, there = ("foo", "zed") if turn % 2 == 0 else ("zed", "foo")
                os.rename(self.path("docs/" + here), self.path("docs/" + there))
                self.write("docs/%s/d%d/p.md" % (there, turn), "# Turn %d\n" % turn)
            daemon.sync()
            self.assert_all_watched(daemon)
            self.assertIn("# Turn 19", self.page("foo/d19/p.md").read_text())


class Priority(Renaming):
    """Not by polling, which sees what is renamed and what is saved in no order."""

    def test_a_save_does_not_wait_for_the_pages_of_a_rename(self):
        with self.watched() as daemon:
            client = daemon.client()
            client.call("subscribe", events=["written", "removed"])
            os.rename(self.path("docs/foo"), self.path("docs/zed"))
            self.write("docs/into/x.md", "# Saved meanwhile\n")
            before = 0
            while (event := client.event())["path"] != "into/x.md":
                before += 1
            self.assertLess(before, RENAMED)


class Exchanged(Watching):
    """What was done while the daemon could not look: the events come when nothing is where they say."""

    def setUp(self):
        super().setUp()
        self.write("docs/foo/in/x.md", "# X\n")
        self.write("docs/foo/y.md", "# Y\n")
        self.write("docs/z.md", "# Z\n")

    def stopped(self, daemon, *commands):
        """Runs shell commands in docs while the daemon is stopped."""
        daemon.process.send_signal(signal.SIGSTOP)
        for command in commands:
            self.run_program("sh", "-ec", command, status=0, cwd=self.path("docs"))
        daemon.process.send_signal(signal.SIGCONT)
        daemon.sync()

    def test_a_directory_that_became_a_link_to_where_it_went(self):
        with self.watched() as daemon:
            self.stopped(daemon, "mv foo bar && ln -s bar foo")
            self.assertEqual(self.paths(), ["bar/in/x.md", "bar/y.md", "z.md"])
            self.assert_all_watched(daemon)
            self.write("docs/bar/in/x.md", "# X, by its new name\n")
            self.write("docs/foo/y.md", "# Y, through the link\n")
            daemon.sync()
            self.assertIn("by its new name", self.page("bar/in/x.md").read_text())
            self.assertIn("through the link", self.page("bar/y.md").read_text())

    def test_directories_and_files_that_take_turns(self):
        dance = "touch a && mkdir d1 d2 && mv d1 d2 && mv d2/d1 . && mv a d1"
        with self.watched() as daemon:
            self.stopped(daemon, dance)
            self.assert_all_watched(daemon)
            self.write("docs/d1/later.md", "# Later\n")
            self.write("docs/d2/later.md", "# Later\n")
            daemon.sync()
            self.assertEqual(len(self.paths()), 5)
            self.stopped(daemon, "mv d1 t && mv d2 d1 && mv t d2 && echo '# New' > d1/new.md")
            self.assert_all_watched(daemon)
            self.assertIn("d1/new.md", self.paths())

    def test_a_document_that_became_a_directory_and_the_reverse(self):
        with self.watched() as daemon:
            self.stopped(daemon, "mv z.md t && mkdir z.md && mv t z.md/z.md", "rm -r foo && echo '# F' > foo.md")
            self.assertEqual(self.paths(), ["foo.md", "z.md/z.md"])
            self.assert_all_watched(daemon)
            self.stopped(daemon, "mv z.md/z.md t && rmdir z.md && mv t z.md", "rm foo.md && mkdir -p foo.md/foo")
            self.assertEqual(self.paths(), ["z.md"])
            self.assert_all_watched(daemon)

    def test_directories_and_documents_that_are_swapped_at_once(self):
        self.write("docs/bar/in/x.md", "# Bar's X\n")
        self.write("docs/y.md", "# Another Y\n")
        with self.watched() as daemon:
            exchange(self.path("docs/foo"), self.path("docs/bar"))
            exchange(self.path("docs/bar/y.md"), self.path("docs/y.md"))
            daemon.sync()
            self.assertEqual(self.paths(), ["bar/in/x.md", "bar/y.md", "foo/in/x.md", "y.md", "z.md"])
            self.assertIn("# Bar's X", self.page("foo/in/x.md").read_text())
            self.assertIn("# Another Y", self.page("bar/y.md").read_text())
            self.assert_all_watched(daemon)
            exchange(self.path("docs/foo"), self.path("docs/z.md"))
            self.write("docs/z.md/in/new.md", "# New\n")
            daemon.sync()
            self.assertEqual(self.paths(), ["bar/in/x.md", "bar/y.md", "y.md", "z.md/in/new.md", "z.md/in/x.md"])
            self.assert_all_watched(daemon)

    def test_a_document_under_a_link_that_leads_nowhere(self):
        with self.watched() as daemon:
            os.symlink("nowhere", self.path("link"))
            os.rename(self.path("link"), self.path("docs/z.md"))
            daemon.sync()
            self.assertEqual(self.paths(), ["foo/in/x.md", "foo/y.md"])

    def test_a_directory_that_was_removed_and_made_again_often(self):
        with self.watched() as daemon:
            again = "for i in $(seq 50); do rm -rf foo && mkdir -p foo/in && echo \"# $i\" > foo/in/x.md; done"
            self.stopped(daemon, again)
            self.assertEqual(self.paths(), ["foo/in/x.md", "z.md"])
            self.assertIn("# 50", self.page("foo/in/x.md").read_text())
            self.assert_all_watched(daemon)
            self.write("docs/foo/in/more.md", "# More\n")
            daemon.sync()
            self.assertIn("foo/in/more.md", self.paths())


if __name__ == "__main__":
    main()
