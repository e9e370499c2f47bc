# labels: threads release
# timeout: 900
"""sync is a barrier: what was saved before it is in the page and in the index after it."""

import os
import threading
import time

from daemon import CONTEXTORD, SANITIZE, Case, Client, RemoteError, main

CLIENTS = 8
ROUNDS = 20 if SANITIZE else 125  # of each client


class Sync(Case):
    def test_eight_clients_never_read_a_stale_page(self):
        for number in range(CLIENTS):
            self.write("docs/c%d.md" % number, "# C\n")
        stale, errors = [], []
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()

            def work(number):
                try:
                    with Client(daemon.socket) as client:
                        for turn in range(ROUNDS):
                            mark = "client %d, turn %d" % (number, turn)
                            save = self.replace if turn % 2 else self.write
                            save("docs/c%d.md" % number, "# %s\n" % mark)
                            client.call("sync")
                            if mark not in self.read("pages/docs__c%d.mdc" % number):
                                stale.append(mark)
                            titles = {entry["title"] for entry in self.index("pages")}
                            if mark not in titles:
                                stale.append("index: " + mark)
                except Exception as error:  # told by the main thread
                    errors.append(error)

            threads = [threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual((errors, stale), ([], []))
            self.assert_mirrors("pages")

    def test_ends_graces_and_holds_and_takes_open_files_as_they_stand(self):
        self.write("docs/gone.md", "# Gone\n")
        self.write("docs/empty.md", "# Full\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.path("docs/gone.md").unlink()
            self.write("docs/empty.md", "")
            with open(self.path("docs/open.md"), "w") as file:
                file.write("# Still open\n")
                file.flush()
                began = time.monotonic()
                daemon.sync()
                took = time.monotonic() - began
                self.assertIn("Still open", self.read("pages/docs__open.mdc"))
            self.assertFalse(self.path("pages/docs__gone.mdc").exists())
            self.assertNotIn("Full", self.read("pages/docs__empty.mdc"))
            self.assertEqual(len(self.index("pages")), 2)
            if not SANITIZE:
                self.assertLess(took, 0.25)  # the deletion's grace alone is longer

    def test_includes_the_first_build(self):
        for number in range(500):
            self.write("docs/d%d/p.md" % number, "# P %d\n" % number)
        with self.daemon(self.source("docs", "pages")) as daemon:
            self.assertEqual(daemon.sync()["failed_total"], 0)
            self.assertEqual(len(self.index("pages")), 500)

    def test_cookies_are_no_documents_wherever_they_are_made(self):
        """The socket, and so the directory of its cookies, lies in the source itself."""
        self.write("docs/a.md", "# A\n")
        source = self.source(".", "pages", include=["**"], exclude=["home", "*.json", "cold", "pages"])
        with self.daemon(source) as daemon:
            daemon.sync()
            client = daemon.client()
            client.call("subscribe", events=["written", "removed", "failed", "unchanged"])
            before = daemon.metrics()
            for turn in range(50):
                daemon.sync()
            self.write("docs/a.md", "# B\n")
            self.assertEqual(client.event()["path"], "docs/a.md")
            daemon.sync()
            after = daemon.metrics()
            self.assertEqual(after["processed_total"] - before["processed_total"], 1)
            self.assertEqual([entry["path"] for entry in self.index("pages")], ["docs/a.md"])
            self.assertEqual(os.listdir(self.path("contextord.sock.cookies")), [])
            self.assert_mirrors("pages")

    def test_polled_directories_are_polled(self):
        self.write("docs/a.md", "# A\n")
        config = {"sources": [self.source("docs", "pages")],
                  "watch": {"poll": True, "poll_interval_ms": 60000}}
        with self.daemon(config) as daemon:
            daemon.sync()
            for turn in range(5):
                self.write("docs/a.md", "# Turn %d\n" % turn)
                self.write("docs/new%d/b.md" % turn, "# New\n")
                daemon.sync()
                self.assertIn("Turn %d" % turn, self.read("pages/docs__a.mdc"))
                self.assertTrue(self.path("pages/docs__new%d__b.mdc" % turn).exists())

    def test_without_its_cookie_directory_is_an_error_and_not_a_hang(self):
        self.write("docs/a.md", "# A\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            cookies, elsewhere = self.path("contextord.sock.cookies"), self.path("elsewhere")
            cookies.rename(elsewhere)
            cookies.write_text("in the way")
            with self.assertRaises(RemoteError) as caught:
                daemon.sync()
            self.assertEqual(caught.exception.code, -32603)
            self.assertIn("can make and write this directory", caught.exception.message)
            self.assertEqual(daemon.status()["state"], "ready")
            cookies.unlink()
            for turn in range(3):  # made anew, whoever removed it
                self.write("docs/a.md", "# Turn %d\n" % turn)
                daemon.sync()
                self.assertIn("Turn %d" % turn, self.read("pages/docs__a.mdc"))
                cookies.rmdir()

    def test_a_second_daemon_takes_nothing_from_the_first(self):
        self.write("docs/a.md", "# A\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            done = self.run_program(CONTEXTORD, "--config", daemon.config, "--socket", daemon.socket,
                                    status=1)
            self.assertIn("(process %d)" % daemon.process.pid, done.err)
            self.assertTrue(self.path("contextord.sock.cookies").is_dir())
            self.assertTrue(daemon.socket.exists())
            daemon.sync()
        self.assertFalse(self.path("contextord.sock.cookies").exists())

    def test_pages_only_does_not_wait_for_the_index(self):
        self.write("docs/a.md", "# A\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.write("docs/a.md", "# B\n")
            daemon.sync(index=False)
            self.assertIn("# B", self.read("pages/docs__a.mdc"))
            daemon.sync()
            self.assertEqual([entry["title"] for entry in self.index("pages")], ["B"])


if __name__ == "__main__":
    main()
