# labels: threads
"""Roots that go away, are replaced and come back: their pages are kept, and nothing is missed."""

import os
import shutil

from daemon import main
from watching import Watching, scaled


class Roots(Watching):
    def setUp(self):
        super().setUp()
        self.write("top/docs/a.md", "# A\n")
        self.write("top/docs/d/b.md", "# B\n")

    def start(self):
        """Deletions wait for sync: a disk that is busy for a while in a rmtree makes none of them one
        of its own, before the root has gone."""
        return self.daemon(self.config(self.source("top/docs", "pages"), delete_grace_ms=60000))

    def assert_missing(self, daemon, stamps):
        """The root is missing, that is said, and no page was touched."""
        daemon.sync()
        source = daemon.source("docs")
        self.assertEqual(source["state"], "root_missing")
        self.assertIn(source["root"], source["detail"])
        self.assertEqual(daemon.status()["degraded"], ["docs: " + source["detail"]])
        self.assertEqual(source["watches"], 0)
        self.assertEqual(self.stamps("pages"), stamps)

    def assert_back(self, daemon):
        daemon.sync()
        self.assertEqual(daemon.source("docs")["state"], "watching")
        self.assertEqual(daemon.status()["degraded"], [])
        self.assert_mirrors()

    def test_moved_away_and_back(self):
        with self.start() as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            os.rename(self.path("top/docs"), self.path("top/r2"))
            self.assert_missing(daemon, stamps)
            self.write("top/r2/a.md", "# A, changed while away\n")
            self.write("top/r2/new/c.md", "# C, made while away\n")
            os.unlink(self.path("top/r2/d/b.md"))
            self.assert_missing(daemon, stamps)
            os.rename(self.path("top/r2"), self.path("top/docs"))
            self.assert_back(daemon)
            self.assertEqual(self.paths(), ["a.md", "new/c.md"])
            self.assertEqual(daemon.metrics()["processed_total"], 4)

    def test_it_comes_back_without_sync(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "state", "written")
            os.rename(self.path("top"), self.path("elsewhere"))  # what is above it goes
            self.assertEqual(client.event("state")["state"], "root_missing")
            self.write("elsewhere/docs/a.md", "# A, changed while away\n")
            os.rename(self.path("elsewhere"), self.path("top"))
            self.assertEqual(client.event("written")["path"], "a.md")
            self.assert_back(daemon)

    def test_removed_and_made_anew(self):
        with self.start() as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            shutil.rmtree(self.path("top/docs"))
            self.assert_missing(daemon, stamps)
            os.mkdir(self.path("top/docs"))
            self.write("top/docs/a.md", "# A, the next\n")
            self.assert_back(daemon)
            self.assertEqual(self.paths(), ["a.md"])

    def test_removed_with_what_is_above_it(self):
        with self.start() as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            shutil.rmtree(self.path("top"))
            self.assert_missing(daemon, stamps)
            client = self.subscriber(daemon, "written")
            self.write("top/docs/d/b.md", "# B, the next\n")
            self.assertEqual(client.event()["path"], "d/b.md")
            self.assert_back(daemon)
            self.assertEqual(self.paths(), ["d/b.md"])

    def test_a_removal_of_many_keeps_their_pages(self):
        """What the removal deletes on its way is held in its grace when the root itself goes."""
        for number in range(scaled(1500, 300)):
            self.write("top/docs/n%d/doc-%d.md" % (number % 40, number), "# %d\n" % number)
        config = self.config(self.source("top/docs", "pages"), delete_grace_ms=20000)
        with self.daemon(config) as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            client = self.subscriber(daemon, "state")
            shutil.rmtree(self.path("top/docs"))
            client.event("state")
            self.assert_missing(daemon, stamps)
            self.assertEqual(daemon.metrics()["removed_total"], 0)

    def test_it_goes_in_the_middle_of_its_first_build(self):
        for number in range(scaled(3000, 600)):
            self.write("top/docs/n%d/doc-%d.md" % (number % 40, number), "# %d\n\nWords.\n" % number)
        config = self.config(self.source("top/docs", "pages"))
        with self.daemon(config) as daemon:
            self.until(lambda: daemon.metrics()["written_total"] > 50, daemon)
            os.rename(self.path("top/docs"), self.path("top/r2"))
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "root_missing")
            self.assertEqual(daemon.metrics()["removed_total"], 0)
            self.assertEqual(daemon.metrics()["errors_total"], 0)
            os.rename(self.path("top/r2"), self.path("top/docs"))
            self.assert_back(daemon)
            self.assertEqual(daemon.metrics()["removed_total"], 0)

    def test_it_goes_while_all_is_made_again(self):
        for number in range(scaled(3000, 600)):
            self.write("top/docs/n%d/doc-%d.md" % (number % 40, number), "# %d\n\nWords.\n" % number)
        with self.start() as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            daemon.call("rebuild", source="docs")
            os.rename(self.path("top/docs"), self.path("top/r2"))
            self.assert_missing(daemon, stamps)
            self.assertEqual(daemon.metrics()["removed_total"], 0)
            os.rename(self.path("top/r2"), self.path("top/docs"))
            self.assert_back(daemon)

    def test_another_directory_takes_its_place(self):
        self.write("next/other.md", "# Other\n")
        with self.start() as daemon:
            daemon.sync()
            os.rename(self.path("top/docs"), self.path("before"))
            os.rename(self.path("next"), self.path("top/docs"))
            self.assert_back(daemon)
            self.assertEqual(self.paths(), ["other.md"])
            with self.comes_to(daemon, processed=0, removed=0, errors=0):
                self.write("before/a.md", "# Of the one before\n")
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("top/docs/other.md", "# Other, edited\n")
            self.assert_mirrors()

    def test_a_file_takes_its_place(self):
        with self.start() as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            os.rename(self.path("top/docs"), self.path("before"))
            self.write("top/docs", "no directory\n")
            self.assert_missing(daemon, stamps)
            os.unlink(self.path("top/docs"))
            os.rename(self.path("before"), self.path("top/docs"))
            self.assert_back(daemon)

    def test_it_flickers(self):
        """Gone and back a hundred times, with edits on either side."""
        with self.start() as daemon:
            daemon.sync()
            for number in range(100):
                os.rename(self.path("top/docs"), self.path("top/r2"))
                self.write("top/r2/d/b.md", "# B, the %d.\n" % number)
                os.rename(self.path("top/r2"), self.path("top/docs"))
                self.write("top/docs/a.md", "# A, the %d.\n" % number)
                if number % 7 == 0:
                    daemon.sync()
                    self.assertIn("the %d." % number, self.page_text("d/b.md"))
            self.assert_back(daemon)
            self.assertIn("the 99.", self.page_text("d/b.md"))
            self.assertEqual(daemon.metrics()["removed_total"], 0)
            self.assertEqual(daemon.metrics()["errors_total"], 0)

    def test_missing_at_the_start_keeps_what_the_last_run_made(self):
        config = self.configure(self.config(self.source("top/docs", "pages")))
        with self.daemon(config) as daemon:
            daemon.sync()
        stamps = self.stamps("pages")
        os.rename(self.path("top"), self.path("elsewhere"))
        with self.daemon(config) as daemon:
            self.assert_missing(daemon, stamps)
            os.rename(self.path("elsewhere"), self.path("top"))
            self.assert_back(daemon)
            self.assertEqual(daemon.metrics()["processed_total"], 0)


class Polled(Roots):
    poll = True

    def assert_back(self, daemon):
        daemon.sync()
        self.assertEqual(daemon.source("docs")["state"], "polling")
        self.assert_mirrors()


if __name__ == "__main__":
    main()
