# labels: threads release
"""A daemon says that it is ready when every directory is watched and every document is built."""

import os
import socket

from daemon import PATIENCE, main
from watching import Watching, scaled

DOCUMENTS = scaled(5000, 1000)
PER_FOLDER = 10
PRUNED = ("out", ".git", "node_modules", "guide/node_modules", "ignored", "excluded", "f3/again")


class Startup(Watching):
    def setUp(self):
        super().setUp()
        for i in range(DOCUMENTS):
            self.write("docs/f%d/g/p%d.md" % (i // PER_FOLDER, i), "# Page %d\n" % i)
        for path in PRUNED[1:]:
            self.write("docs/%s/deep/down/not.md" % path, "# No document\n")
        self.path("docs/empty/still").mkdir(parents=True)
        self.write("docs/.gitignore", "/ignored/\n")
        self.write("docs/f3/.contextorignore", "again/\n")
        self.source_config = self.source("docs", "docs/out", exclude=["excluded/**"])

    def notifications(self):
        """A socket for what the daemon tells its service manager, and its address."""
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(notify.close)
        notify.settimeout(PATIENCE)
        notify.bind(str(self.place / "notify"))
        return notify

    def await_ready(self, notify):
        while b"READY=1" not in notify.recv(65536).split(b"\n"):
            pass

    def test_ready_means_that_all_is_watched_and_built(self):
        notify = self.notifications()
        config = self.config(self.source_config)
        environment = {"NOTIFY_SOCKET": str(self.place / "notify")}
        with self.daemon(config, environment=environment) as daemon:
            self.await_ready(notify)
            status = daemon.status()
            self.assertEqual(status["state"], "ready")
            self.assertEqual(status["sources"][0]["documents"], DOCUMENTS)
            self.assert_all_watched(daemon, pruned=PRUNED)
            self.assertEqual(len(self.index("docs/out")), DOCUMENTS)
            metrics = daemon.metrics()
            self.assertEqual(metrics["watches"], len(self.directories(pruned=PRUNED)))
            self.assertEqual(metrics["errors_total"], 0)
            self.assert_nothing_left("docs/out")
            self.assert_mirrors("docs/out")

    def test_status_is_never_ready_too_early(self):
        expected = len(self.directories(pruned=PRUNED))
        seen_starting = False
        with self.daemon(self.config(self.source_config)) as daemon:
            while (status := daemon.status())["state"] != "ready":
                self.assertEqual(status["state"], "starting")
                seen_starting = True
            source = status["sources"][0]
            self.assertTrue(seen_starting)
            self.assertEqual(source["state"], "watching")
            self.assertEqual(source["watches"], expected)
            self.assertEqual(source["waiting"] + source["in_flight"], 0)
            self.assert_mirrors("docs/out")

    def test_a_save_during_start_up_is_not_lost(self):
        with self.daemon(self.config(self.source_config)) as daemon:
            for i in range(0, DOCUMENTS, DOCUMENTS // 50):
                self.write("docs/f%d/g/p%d.md" % (i // PER_FOLDER, i), "# Saved meanwhile %d\n" % i)
                self.write("docs/f%d/new%d/p.md" % (i // PER_FOLDER, i), "# New meanwhile %d\n" % i)
            daemon.sync()
            self.assert_all_watched(daemon, pruned=PRUNED)
            self.assert_mirrors("docs/out")

    def test_a_second_start_does_nothing_anew(self):
        config = self.config(self.source_config)
        with self.daemon(config) as daemon:
            daemon.sync()
        with self.watched(config) as daemon:
            self.assertEqual(daemon.metrics()["processed_total"], 0)
            self.assert_all_watched(daemon, pruned=PRUNED)


if __name__ == "__main__":
    main()
