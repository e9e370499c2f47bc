# labels: threads release
# timeout: 900
"""Directories that come and go all day leave no growth, and nothing on the standard error."""

import os

from daemon import SANITIZE, main
from watching import Watching, kernel_watches, scaled

CHURN = scaled(100000, 10000)
AT_ONCE = 2000  # well below what overflows the kernel's queue
WARM = 10000
FILES = scaled(5000, 1000)
FILES_AT_ONCE = 1000
MIB = 1024 * 1024


class Churn(Watching):
    def churn(self, daemon, number):
        for i in range(number):
            folder = self.path("docs/d%d" % (i % 1000) if i % 2 else "docs/same")
            os.mkdir(folder)
            os.rmdir(folder)
            if i % AT_ONCE == AT_ONCE - 1:
                daemon.sync()

    def test_a_hundred_thousand_directories_leave_no_growth(self):
        self.write("docs/a.md", "# A\n")
        with self.watched() as daemon:
            watches = daemon.source("docs")["watches"]
            kernel = set(kernel_watches(daemon))
            self.churn(daemon, WARM)
            before = daemon.metrics()
            self.churn(daemon, CHURN)
            daemon.sync()
            self.await_watches(daemon, watches)
            after = daemon.metrics()
            self.assertEqual(set(kernel_watches(daemon)), kernel)
            self.assertGreaterEqual(after["events_total"] - before["events_total"], 2 * CHURN)
            self.assertEqual(after["overflow_total"], 0)
            self.assertEqual(after["reconciles_total"], before["reconciles_total"])
            self.assertEqual(after["processed_total"], before["processed_total"])
            if not SANITIZE:  # they keep what is freed
                growth = after["resident_bytes"] - before["resident_bytes"]
                self.assertLess(growth, MIB)
            self.assertEqual(self.complaints(daemon), [])

    def test_files_that_come_and_go_leave_no_growth_either(self):
        self.write("docs/a.md", "# A\n")
        with self.watched() as daemon:
            for number in (FILES, 2 * FILES):  # the first fills the catalogue's cache
                before = daemon.metrics()["resident_bytes"]
                for i in range(number):
                    path = self.write("docs/f%d.md" % (i % FILES_AT_ONCE), "# F %d\n" % i)
                    os.unlink(path)
                    if i % FILES_AT_ONCE == FILES_AT_ONCE - 1:
                        daemon.sync()
                daemon.sync()
            self.assertEqual(self.paths(), ["a.md"])
            if not SANITIZE:
                self.assertLess(daemon.metrics()["resident_bytes"] - before, MIB)
            self.assertEqual(self.complaints(daemon), [])


if __name__ == "__main__":
    main()
