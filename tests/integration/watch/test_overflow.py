# labels: threads release
# timeout: 900
"""The kernel's queue overflows: that is counted, and what was missed is found by comparing, not by
building all anew. A storm of events neither starves the socket nor becomes a storm of reconciling."""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
import threading
import time

from daemon import SANITIZE, Client, main
from watching import Watching, cpu_seconds, scaled

FILES = 20000  # three events each, and the kernel keeps 16 384 by default
DOCUMENTS = scaled(20000, 2000)  # of them
STORM_S = scaled(10, 5)

# Touches two files in turn (the kernel merges equal events in a row) and rewrites documents, as fast as
# it can, until its standard input ends.
STORM = """
import os, select, sys
folder, documents = sys.argv[1], int(sys.argv[2])
descriptors = [os.open("%s/x%d.txt" % (folder, i), os.O_WRONLY | os.O_CREAT) for i in range(2)]
turn = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(500):
        os.utime(descriptors[0])
        os.utime(descriptors[1])
    turn += 1
    with open("%s/d%d.md" % (folder, turn % documents), "w") as file:
        file.write("# Turn %d\\n" % turn)
"""


def queue_limit():
    return int(pathlib.Path("/proc/sys/fs/inotify/max_queued_events").read_text())


class Overflow(Watching):
    def setUp(self):
        super().setUp()
        if 3 * FILES <= queue_limit():
            self.skipTest("fs.inotify.max_queued_events is %d: too many to overflow" % queue_limit())
        for i in range(300):
            self.write("docs/f%d/p%d.md" % (i % 3, i), "# P %d\n" % i)
        for folder in ("gone", "from"):
            for i in range(10):
                self.write("docs/%s/sub/p%d.md" % (folder, i), "# %s %d\n" % (folder, i))

    def overflow(self, daemon):
        """Creates files while the daemon is stopped; then does what it is never told of."""
        daemon.process.send_signal(signal.SIGSTOP)
        for i in range(FILES):
            suffix = "md" if i % (FILES // DOCUMENTS) == 0 else "txt"
            self.write("docs/f%d/new%d.%s" % (i % 3, i, suffix), "# New %d\n" % i)
        for i in range(0, 300, 10):
            self.write("docs/f%d/p%d.md" % (i % 3, i), "# Edited %d\n" % i)
        for i in range(1, 300, 10):
            os.unlink(self.path("docs/f%d/p%d.md" % (i % 3, i)))
        self.run_program("rm", "-r", self.path("docs/gone"), status=0)
        os.rename(self.path("docs/from"), self.path("docs/to"))
        self.write("docs/made/after/that.md", "# Made\n")

    def test_what_was_missed_is_found_and_nothing_else_is_done(self):
        with self.watched() as daemon:
            before = daemon.metrics()
            self.overflow(daemon)
            daemon.process.send_signal(signal.SIGCONT)
            daemon.sync()
            after = daemon.metrics()
            spent = {name: after[name] - before[name] for name in after if name.endswith("_total")}
            self.assertGreaterEqual(spent["overflow_total"], 1)
            self.assertGreaterEqual(spent["reconciles_total"], 1)
            self.assertLessEqual(spent["reconciles_total"], spent["overflow_total"])
            self.assertEqual(spent["processed_total"], DOCUMENTS + 30 + 10 + 1)
            self.assertEqual(spent["written_total"], DOCUMENTS + 30 + 10 + 1)
            self.assertEqual(spent["removed_total"], 30 + 10 + 10)
            self.assertEqual(daemon.said().count("queue overflowed"), spent["overflow_total"])
            self.assert_all_watched(daemon)
            self.write("docs/to/sub/p1.md", "# Heard of by an event again\n")
            self.write("docs/made/after/more.md", "# More\n")
            with self.counted(daemon) as spent:
                pass
            self.assertEqual(spent["reconciles_total"], 0)
            self.assertIn("an event again", self.page("to/sub/p1.md").read_text())

    def test_sync_during_an_overflow_waits_for_the_comparing(self):
        with self.watched() as daemon:
            for turn in range(2):
                self.overflow(daemon)
                mark = "# Saved at the end of turn %d\n" % turn
                self.write("docs/f1/p4.md", mark)
                clients = [daemon.client() for _ in range(4)]
                numbers = [client.send("sync", timeout_ms=100000) for client in clients]
                daemon.process.send_signal(signal.SIGCONT)
                for client, number in zip(clients, numbers):
                    self.assertEqual(client.answer(number)["failed"], [])
                    self.assertIn(mark, self.page("f1/p4.md").read_text())
                self.assertGreater(daemon.metrics()["overflow_total"], turn)
                if turn == 0:  # back to where it began
                    os.rename(self.path("docs/to"), self.path("docs/from"))
                    self.write("docs/gone/sub/p0.md", "# Gone\n")
                    for i in range(1, 300, 10):
                        self.write("docs/f%d/p%d.md" % (i % 3, i), "# P %d\n" % i)
                    daemon.sync()


class Storm(Watching):
    def writer(self, folder):
        return self.start_program(
            sys.executable, "-c", STORM, self.path(folder), "16", stdin=subprocess.PIPE)

    def syncs(self, daemon, end, stale):
        """Saves and syncs while the storm lasts, and once after it."""
        with Client(daemon.socket) as client:
            turn, over = 0, False
            while not over:
                over = end.is_set()
                turn += 1
                mark = "# Through the storm %d\n" % turn
                self.write("docs/calm/a.md", mark)
                client.call("sync", timeout_ms=100000)
                if mark not in self.read("pages/docs__calm__a.mdc"):
                    stale.append(mark)

    def test_a_storm_starves_nobody_and_ends(self):
        for i in range(16):
            self.write("docs/s0/d%d.md" % i, "# D %d\n" % i)
            self.write("docs/s1/d%d.md" % i, "# D %d\n" % i)
        for i in range(500):
            self.write("docs/t%d/p.md" % i, "# P %d\n" % i)
        self.write("docs/calm/a.md", "# A\n")
        with self.watched() as daemon:
            before = daemon.metrics()
            end, stale, times = threading.Event(), [], []
            syncs = threading.Thread(target=self.syncs, args=(daemon, end, stale))
            daemon.process.send_signal(signal.SIGSTOP)  # one overflow is certain
            writers = [self.writer("docs/s0"), self.writer("docs/s1")]
            self.write_many()
            daemon.process.send_signal(signal.SIGCONT)
            began = time.monotonic()
            syncs.start()
            while time.monotonic() < began + STORM_S:
                asked = time.monotonic()
                daemon.status()
                times.append(time.monotonic() - asked)
                time.sleep(0.005)
            for writer in writers:
                writer.stdin.close()
                writer.wait()
            end.set()
            syncs.join()
            daemon.sync()
            took = time.monotonic() - began
            after = daemon.metrics()
            self.assertEqual(stale, [])
            self.assertGreaterEqual(after["overflow_total"] - before["overflow_total"], 1)
            # At most one a step of the back-off: 125 ms, 250 ms, … 2 s.
            self.assertLessEqual(after["reconciles_total"] - before["reconciles_total"], 6 + took)
            self.assertLess(statistics.median(times), 1 if SANITIZE else 0.1)
            self.assertLess(max(times), 20 if SANITIZE else 5)
            time.sleep(2)
            used = cpu_seconds(daemon)
            time.sleep(1)
            self.assertLess(cpu_seconds(daemon) - used, 0.1)
            self.assert_all_watched(daemon)

    def write_many(self):
        files = [open(self.path("docs/s%d/x.txt" % (i % 2)), "w") for i in range(2)]
        for i in range(queue_limit() + 1000):
            os.utime(files[i % 2].fileno())
        for file in files:
            file.close()


if __name__ == "__main__":
    main()
