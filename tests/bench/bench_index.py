#!/usr/bin/env python3
"""How long after a save its page and its line in index.jsonl are there, in trees of any size.

usage: bench_index.py CONTEXTOR CONTEXTORD [--saves N] [--check] [PAGES...]

By default trees of 1 000 and of 100 000 pages. Each save is alone: nothing hurries the index. --check
exits 1 when a line takes more than a second, or a first build rewrites the index more than once a
second and twice at its end.
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../integration"))
from inotify import Inotify

PER_FOLDER = 100
TEXT = "# Page %d\n\n" + "Words of a paragraph with `code` and *emphasis* in it.\n\n" * 8


def path_of(tree, number):
    return f"{tree}/part{number // PER_FOLDER}/page{number}.md"


def make_tree(tree, pages):
    for i in range(pages):
        if i % PER_FOLDER == 0:
            os.makedirs(os.path.dirname(path_of(tree, i)))
        with open(path_of(tree, i), "w") as file:
            file.write(TEXT % i)


class Daemon:
    def __init__(self, flags, place, tree):
        self.flags, self.socket = flags, f"{place}/socket"
        config, self.output = f"{place}/config.json", f"{place}/pages"
        source = {"name": "docs", "root": tree, "output": self.output, "repo": "o/docs", "ref": "main"}
        with open(config, "w") as file:
            json.dump({"sources": [source]}, file)
        self.process = subprocess.Popen([flags.contextord, "--config", config, "--socket", self.socket,
                                         "--log-level", "warning"])
        while not os.path.exists(self.socket):
            time.sleep(0.01)

    def ask(self, *command):
        done = subprocess.run([self.flags.contextor, *command, "--socket", self.socket, "--json"],
                              capture_output=True, check=True)
        return json.loads(done.stdout)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def save(tree, number, text):
    path = path_of(tree, number)
    with open(path + ".new~", "w") as file:
        file.write(text)
    os.rename(path + ".new~", path)


def measure(flags, pages):
    place = tempfile.mkdtemp(prefix="contextor-bench-")
    tree = f"{place}/docs"
    try:
        make_tree(tree, pages)
        began = time.monotonic()
        daemon = Daemon(flags, place, tree)
        daemon.ask("sync", "--timeout", "3600")
        seconds = time.monotonic() - began
        writes = daemon.ask("metrics")["index_writes_total"]
        emitted, indexed = [], []
        with Inotify(daemon.output) as inotify:
            for i in range(flags.saves):
                number = i * 7919 % pages
                saved = time.monotonic()
                save(tree, number, f"# Saved {i}\n")
                emitted.append(inotify.wait(f"docs__part{number // PER_FOLDER}__page{number}.mdc", 60) - saved)
                indexed.append(inotify.wait("index.jsonl", 60) - saved)
        daemon.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    missed = max(indexed) > 1 or writes > 2 + int(seconds)
    print(f"{pages} pages: first build {seconds:.2f} s, index written {writes} times; save to page "
          f"p50 {statistics.median(emitted) * 1e3:.2f} ms; save to index p50 "
          f"{statistics.median(indexed) * 1e3:.0f} ms, max {max(indexed) * 1e3:.0f} ms"
          f"{'  MISSED' if missed else ''}", flush=True)
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("contextor")
    parser.add_argument("contextord")
    parser.add_argument("pages", nargs="*", type=int)
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    flags = parser.parse_intermixed_args()
    missed = False
    for pages in flags.pages or (1000, 100000):
        missed |= measure(flags, pages)
    return 1 if flags.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
