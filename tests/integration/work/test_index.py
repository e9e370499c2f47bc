# labels: threads release
# timeout: 900
"""The index and the catalogue are off the loop and off a save's path: a first build rewrites the
index a bounded number of times, a save has its line soon after, with nothing to hurry it, and overtakes bulk work."""

import json
import os
import threading
import time

from daemon import SANITIZE, Case, main
from inotify import Inotify

PAGES = 1500 if SANITIZE else 10000
PER_FOLDER = 100
# Seconds for a line to be in the index. bench_index.py holds it to one; here the machine may have
# other work, and sanitizers make everything some ten times slower.
LINE = 10 if SANITIZE else 3
TEXT = "# Page %d\n\n" + "Words of a paragraph with `code` and *emphasis* in it.\n\n" * 8


class Counter(threading.Thread):
    """Counts how often index.jsonl is moved into place, until it is stopped."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        folder.mkdir(exist_ok=True)
        self.inotify = Inotify(folder)
        self.pages = self.indexes = 0
        self.over = threading.Event()
        self.start()

    def take(self, timeout):
        for name in self.inotify.names(timeout):
            self.indexes += name == "index.jsonl"
            self.pages += name.endswith(".mdc")

    def run(self):
        while not self.over.is_set():
            self.take(0.02)

    def stop(self):
        self.over.set()
        self.join()
        self.take(0)
        self.inotify.close()
        return self.indexes


class Index(Case):
    def write_tree(self, pages=PAGES):
        for i in range(pages):
            if i % PER_FOLDER == 0:
                self.path("docs/part%d" % (i // PER_FOLDER)).mkdir(parents=True)
            self.path("docs/part%d/page%d.md" % (i // PER_FOLDER, i)).write_text(TEXT % i)

    def check_rewrites(self, writes, seconds):
        """At the end, and at least every second under load: at most once a second, then."""
        self.assertGreaterEqual(writes, 1)
        self.assertLessEqual(writes, 2 + int(seconds), "in %.1f s" % seconds)

    def test_a_first_build_rewrites_the_index_a_bounded_number_of_times(self):
        self.write_tree()
        counter = Counter(self.path("cold"))
        self.configure(self.source("docs", "pages"))
        began = time.monotonic()
        self.optimize_source()
        seconds = time.monotonic() - began
        self.check_rewrites(counter.stop(), seconds)
        self.assertEqual(counter.pages, PAGES)
        self.assertEqual(len(self.index("cold")), PAGES)

    def test_the_daemons_first_build_too_and_its_metric_counts_them(self):
        self.write_tree()
        counter = Counter(self.path("pages"))
        began = time.monotonic()
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            writes = daemon.metrics()["index_writes_total"]
            self.assertEqual(counter.stop(), writes)
            self.check_rewrites(writes, time.monotonic() - began)
            self.check_saves(daemon)
            self.check_burst(daemon)

    def check_saves(self, daemon):
        """Each save's page comes first, and its line soon after, with no sync to hurry it."""
        with Inotify(self.path("pages")) as inotify:
            for i in range(5):
                number = i * PAGES // 5
                slug = "docs__part%d__page%d" % (number // PER_FOLDER, number)
                saved = time.monotonic()
                self.replace("docs/part%d/page%d.md" % (number // PER_FOLDER, number),
                             "# Saved %d\n\nsave %d\n" % (i, i))
                inotify.wait(slug + ".mdc", LINE)
                at = inotify.wait("index.jsonl", LINE)
                self.assertLessEqual(at - saved, LINE)
                line = next(entry for entry in self.index("pages") if entry["slug"] == slug)
                self.assertEqual(line["title"], "Saved %d" % i)

    def check_burst(self, daemon):
        """Saves that follow each other closely do not rewrite the index one by one."""
        before = daemon.metrics()["index_writes_total"]
        began = time.monotonic()
        for i in range(200):
            self.replace("docs/part0/page%d.md" % (i % PER_FOLDER), "# Burst %d\n" % i)
        daemon.sync()
        writes = daemon.metrics()["index_writes_total"] - before
        self.check_rewrites(writes, time.monotonic() - began)

    def test_a_save_overtakes_bulk_work(self):
        self.write_tree(PAGES // 4)
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            with daemon.client() as client:
                client.call("subscribe", events=["written"], paths=["saved.md"])
                daemon.call("rebuild")
                self.write("docs/saved.md", "# Saved\n")
                event = client.event("written", "saved.md")
                waiting = daemon.status()["queue"]["bulk"]
            self.assertGreater(waiting, PAGES // 16, "the save came with latency %r" % event)
            daemon.sync()
            self.assert_mirrors("pages")


if __name__ == "__main__":
    main()
