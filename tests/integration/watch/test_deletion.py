# labels: threads release
# timeout: 900
"""What is deleted: pages go after the grace, watches and memory with them."""

import os
import shutil
import time

from daemon import SANITIZE, main
from watching import Watching, kernel_watches, scaled

FOLDERS = scaled(15000, 3000)
PER_DOCUMENT = 10  # folders a document
WARM_UP = 1  # a cycle that fills the cache of the catalogue (2 MiB, SQLite's default)
CYCLES = 3


class Deletion(Watching):
    def make_tree(self):
        for i in range(FOLDERS // 3):
            folder = self.path("docs/tree/d%d/e%d/f%d" % (i % 100, i % 10, i))
            for name in ("g", "h"):
                os.makedirs(folder / name)
            if i % (PER_DOCUMENT // 3) == 0:
                (folder / "p.md").write_text("# P %d\n" % i)

    def await_removed(self, daemon, number):
        """Waits, with no barrier, until so many pages were removed since the daemon began."""
        self.until(lambda: daemon.metrics()["removed_total"] >= number, daemon)

    def test_a_big_tree_comes_and_goes_and_leaves_nothing(self):
        self.write("docs/keep.md", "# Keep\n")
        resident = []
        with self.watched() as daemon:
            watches = daemon.source("docs")["watches"]
            kernel = set(kernel_watches(daemon))
            for _ in range(WARM_UP + CYCLES):
                self.make_tree()
                daemon.sync()
                documents = len(self.paths()) - 1
                self.assertEqual(documents, len(list(self.path("docs/tree").rglob("*.md"))))
                self.assert_all_watched(daemon)
                before = daemon.metrics()["removed_total"]
                shutil.rmtree(self.path("docs/tree"))
                self.await_removed(daemon, before + documents)  # with no sync: after their grace
                self.assertEqual(daemon.metrics()["removed_total"] - before, documents)
                daemon.sync()
                self.assertEqual(self.paths(), ["keep.md"])
                self.await_watches(daemon, watches)
                self.assertEqual(set(kernel_watches(daemon)), kernel)
                self.assertEqual(daemon.source("docs")["documents"], 1)
                resident.append(daemon.metrics()["resident_bytes"])
            if not SANITIZE:  # they keep what is freed
                self.assertLess(resident[-1], resident[WARM_UP] * 1.05, resident)

    def test_a_page_goes_no_sooner_than_the_grace_is_over(self):
        self.write("docs/a.md", "# A\n")
        self.write("docs/d/b.md", "# B\n")
        with self.watched(self.config(delete_grace_ms=600)) as daemon:
            client = daemon.client()
            client.call("subscribe", events=["removed"])
            pages = [self.page("a.md"), self.page("d/b.md")]
            began = time.monotonic()
            os.unlink(self.path("docs/a.md"))
            shutil.rmtree(self.path("docs/d"))
            client.event("removed")
            self.assertGreaterEqual(time.monotonic() - began, 0.6)
            client.event("removed")
            self.assertFalse(any(page.exists() for page in pages))

    def test_what_comes_back_within_the_grace_was_never_gone(self):
        self.write("docs/a.md", "# A\n")
        with self.watched(self.config(delete_grace_ms=60000)) as daemon:
            client = daemon.client()
            client.call("subscribe", events=["removed", "written", "unchanged"])
            page = self.page("a.md")
            os.unlink(self.path("docs/a.md"))
            self.write("docs/a.md", "# A\n")
            os.rename(self.path("docs/a.md"), self.path("docs/a.md~"))
            self.write("docs/a.md", "# B\n")
            self.assertEqual(client.event()["path"], "a.md")
            daemon.sync()
            self.assertEqual(daemon.metrics()["removed_total"], 0)
            self.assertIn("# B", page.read_text())


if __name__ == "__main__":
    main()
