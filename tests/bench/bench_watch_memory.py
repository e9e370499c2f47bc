#!/usr/bin/env python3
"""What the daemon keeps in memory for each directory that it watches or polls, and for each document that
it knows: resident bytes, measured as the difference of two trees of the same daemon, in what it has after
a restart with nothing to do. What the kernel keeps for a watch (about 1 KB) is not in it.

usage: bench_watch_memory.py CONTEXTORD [--directories N] [--files N] [--pages N]
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PER_FOLDER = 100
MIB = 1024 * 1024


class Place:
    def __init__(self, contextord):
        self.contextord = contextord
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="contextor-bench-"))

    def make_tree(self, name, directories, files):
        """Directories two deep, and so many documents spread over the first of them."""
        for i in range(directories):
            (self.path / name / ("chapter-%03d" % (i // PER_FOLDER)) / ("section-%03d" % i)).mkdir(parents=True)
        for i in range(files):
            number = i // PER_FOLDER % max(directories, 1)
            folder = self.path / name / ("chapter-%03d" % (number // PER_FOLDER)) / ("section-%03d" % number)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ("a-page-of-the-manual-%05d.md" % i)).write_text("# Page %d\n\nWords.\n" % i)

    @contextlib.contextmanager
    def daemon(self, name, watch):
        """A daemon that is ready, and a call to its socket."""
        source = {"name": "bench", "root": str(self.path / name), "output": str(self.path / (name + "-out")),
                  "repo": "example/docs", "ref": "main"}
        config = self.path / "config.json"
        config.write_text(json.dumps({"sources": [source], "watch": watch}))
        address = str(self.path / "socket")
        command = [self.contextord, "--config", str(config), "--socket", address, "--log-level", "warning"]
        process = subprocess.Popen(command)
        try:
            connection = socket.socket(socket.AF_UNIX)
            while connection.connect_ex(address) != 0:
                time.sleep(0.01)
            stream = connection.makefile("rw")

            def call(method, **params):
                stream.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
                stream.flush()
                return json.loads(stream.readline())["result"]

            call("sync", timeout_ms=3000000)
            yield call
            stream.close()
            connection.close()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()

    def resident(self, name, watch):
        """Resident bytes after the first build and after a restart; directories and documents."""
        values = []
        for _ in range(2):
            with self.daemon(name, watch) as call:
                metrics = call("metrics")
                values.append(metrics["resident_bytes"])
        return values, metrics["watches"] + metrics["polled_directories"], metrics["documents"]


def measure(place, watch, directories, files, title):
    trees = {"none": (10, 0), "folders": (10 + directories, 0), "files": (10, files)}
    found = {}
    for name, (folders, documents) in trees.items():
        place.make_tree(name, folders, documents)
        found[name] = place.resident(name, watch)
        shutil.rmtree(place.path / name)
        shutil.rmtree(place.path / (name + "-out"))
    (_, base), few, _ = found["none"]
    (_, with_folders), many, _ = found["folders"]
    (built, with_files), _, documents = found["files"]
    print("%-8s an idle daemon %.1f MiB; a directory %.0f bytes; a document %.0f bytes (%.0f after the first "
          "build)" % (title, base / MIB, (with_folders - base) / (many - few), (with_files - base) / documents,
                      (built - base) / documents))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("contextord")
    parser.add_argument("--directories", type=int, default=20000)
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--pages", type=int, default=100000, help="of the whole tree; 0: none")
    arguments = parser.parse_args()
    place = Place(arguments.contextord)
    try:
        for title, watch in (("inotify", {}), ("polling", {"poll": True, "poll_interval_ms": 60000})):
            measure(place, watch, arguments.directories, arguments.files, title)
        if arguments.pages:
            place.make_tree("all", arguments.pages // PER_FOLDER, arguments.pages)
            (built, idle), folders, documents = place.resident("all", {})
            print("%d documents in %d directories: %.1f MiB after the first build, %.1f MiB after a restart"
                  % (documents, folders, built / MIB, idle / MIB))
    finally:
        shutil.rmtree(place.path)


if __name__ == "__main__":
    main()
