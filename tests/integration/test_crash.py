# labels: release
# timeout: 900
"""Killed at any moment under load, the daemon loses nothing: what was saved before, after, and while
it was dead is in its page, no page or index is half-written, and what did not change is not redone."""

import json
import os
import random
import signal
import threading
import time

from daemon import SANITIZE, Case, main

KILLS = 12 if SANITIZE else 100
DOCUMENTS = 150


class Crash(Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(20)
        self.turn = 0

    def path_of(self, number):
        return "docs/d%d/p%d.md" % (number % 12, number)

    def save_one(self):
        """One of the things that people do to documents."""
        self.turn += 1
        path = self.path_of(self.random.randrange(DOCUMENTS))
        text = "# Turn %d\n\n%s\n" % (self.turn, "word " * self.random.randrange(1, 3000))
        what = self.random.randrange(10)
        if what == 0:
            self.path(path).unlink(missing_ok=True)
        elif what == 1 and self.path(path).exists():
            os.rename(self.path(path), self.path(self.path_of(self.random.randrange(DOCUMENTS))))
        elif what < 6:
            self.replace(path, text)
        else:
            self.write(path, text)

    def assert_whole(self):
        """As a reader sees it, right after a kill."""
        for name, content in self.tree("pages").items():
            if name.endswith(".mdc"):
                self.assertTrue(content.startswith(b"---\nschema: \"mdc/1.0\"\n"), name)
                self.assertTrue(content.endswith(b"\n"), name)
        if self.path("pages/index.jsonl").exists():
            for line in self.read("pages/index.jsonl").split("\n")[:-1]:
                json.loads(line)

    def test_killed_at_any_moment_it_loses_nothing(self):
        for number in range(DOCUMENTS):
            self.write(self.path_of(number), "# Page %d\n\n%s\n" % (number, "word " * 500))
        source = self.source("docs", "pages")
        for kill in range(KILLS):
            with self.daemon(source, arguments=("--log-level", "error")) as daemon:
                if kill % 3 == 0:
                    daemon.call("rebuild")
                until = time.monotonic() + self.random.random() * 0.15
                while time.monotonic() < until:
                    self.save_one()
                daemon.kill()
                self.assert_whole()
            for _ in range(self.random.randrange(5)):
                self.save_one()  # while it is dead
        with self.daemon(source) as daemon:
            self.assertEqual(daemon.sync()["failed"], [])
            self.assertEqual(os.listdir(self.path("pages/.contextor/tmp")), [])
            self.assert_mirrors()
        with self.daemon(source) as daemon:
            daemon.sync()
            self.assertEqual(daemon.metrics()["processed_total"], 0)

    def test_the_index_after_a_kill_is_that_of_the_pages(self):
        """Killed right after a barrier for pages alone, when the index is still on its way."""
        for number in range(40):
            self.write(self.path_of(number), "# Page %d\n" % number)
        source = self.source("docs", "pages")
        for turn in range(4 if SANITIZE else 20):
            with self.daemon(source) as daemon:
                daemon.sync()
                for number in range(turn % 7 + 1):
                    self.write(self.path_of(number), "# Turn %d\n" % turn)
                daemon.sync(index=False)
                daemon.kill()
        with self.daemon(source) as daemon:
            daemon.sync()
            self.assert_mirrors()

    def test_a_page_that_has_no_row_yet_is_known_by_the_journal(self):
        """Killed between a new page and its row, its document deleted before the next start."""
        self.write("docs/a.md", "# A\n")
        source = self.source("docs", "pages")
        with self.daemon(source) as daemon:
            daemon.sync()
            self.assertEqual(self.read("pages/.contextor/journal"), "")
        page = self.read("pages/docs__a.mdc")
        for slug in ("docs__gone", "docs__others"):
            self.write("pages/%s.mdc" % slug, page)
        self.write("docs/back.md", "# Back\n")
        self.write("pages/docs__back.mdc", page)
        journal = self.path("pages/.contextor/journal")
        journal.write_bytes(b"docs__gone\0gone.md\0docs__back\0back.md\0docs__a\0a.md\0docs__cut\0cu")
        with self.daemon(source) as daemon:
            self.assertEqual(daemon.sync()["failed"], [])
            self.assertEqual(self.read("pages/.contextor/journal"), "")
            os.unlink(self.path("pages/docs__others.mdc"))  # nobody's, so it was kept
            self.assert_mirrors()

    def test_a_page_that_was_to_change_its_name_is_known_by_the_journal(self):
        """The page's second name was written, the document is found under its first again."""
        self.write("docs/b.md", "# B\n")
        source = self.source("docs", "pages")
        with self.daemon(source) as daemon:
            daemon.sync()
            self.write("docs/B.md", "# The smaller path\n")
            daemon.sync()
            slug = next(line["slug"] for line in self.index("pages") if line["path"] == "b.md")
            second = self.read("pages/%s.mdc" % slug)
            os.unlink(self.path("docs/B.md"))
            daemon.sync()
        self.write("pages/%s.mdc" % slug, second)
        self.path("pages/.contextor/journal").write_bytes(b"%s\0b.md\0" % slug.encode())
        with self.daemon(source) as daemon:
            daemon.sync()
            self.assert_mirrors()

    def test_stopped_twice_it_ends_at_once(self):
        """The second SIGTERM does not wait for what the first one waits for."""
        self.write("docs/large.md", "word *emphasis* `code`\n\n" * 800000)
        with self.daemon(self.source("docs", "pages")) as daemon:
            while daemon.status()["queue"]["in_flight"] == 0:
                time.sleep(0.001)
            daemon.process.send_signal(signal.SIGTERM)
            daemon.wait_said("stopping")
            if daemon.status()["queue"]["in_flight"]:
                self.assertEqual(daemon.status()["state"], "stopping")
                daemon.process.send_signal(signal.SIGTERM)
                self.assertEqual(daemon.wait_end(), 3)

    def test_a_stop_drains_what_is_in_flight_and_answers_meanwhile(self):
        for number in range(400):
            self.write(self.path_of(number), "# Page %d\n\n%s\n" % (number, "word " * 2000))
        source = self.source("docs", "pages")
        with self.daemon(source) as daemon:
            daemon.sync()
            client = daemon.client()
            synced = []

            def sync():
                try:
                    client.call("sync")
                    synced.append(None)
                except Exception as error:  # judged below
                    synced.append(error)

            daemon.call("rebuild")
            thread = threading.Thread(target=sync)
            thread.start()
            while daemon.metrics()["syncs_total"] < 2:
                pass
            self.assertEqual(daemon.stop(), 0)
            thread.join()
            self.assertTrue(synced[0] is None or getattr(synced[0], "code", None) == -32006, synced)
            self.assertEqual(os.listdir(self.path("pages/.contextor/tmp")), [])
            self.assert_whole()
        with self.daemon(source) as daemon:
            daemon.sync()
            self.assert_mirrors()


if __name__ == "__main__":
    main()
