#!/usr/bin/env python3
"""Resident memory of whole builds against what contextord.json(5) promises, measured from outside.

usage: bench_memory.py CONTEXTOR CONTEXTORD [--check] [--small]

Trees of 10 000 documents, of 50 documents of 20 MB, and of dense ones, whose parse takes many times
what others' takes; each built by `optimize` in threads and in worker processes, with several limits,
and by the daemon. The figure is the most that the program and its worker processes held together.
--small takes a tenth of each. --check exits 1 when a bound is not kept.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../integration"))
import resident

CORES = len(os.sched_getaffinity(0))
PROCESSES = max(1, CORES - 1)
PARAGRAPH = (
    "Words of a paragraph with `code`, *emphasis* and a [link](../other/page.md) in it, long enough "
    "to be like one that a person wrote about something that needs to be explained at length.\n\n"
)
CODE = "```js\n" + "".join(f"const value{i} = compute({i}, 'text');\n" for i in range(12)) + "```\n\n"
# Indented: what begins in the first column is read without the parser, and takes little.
DENSE = " | a | b | c |\n |---|---|---|\n" + " | 1 | 2 | 3 |\n" * 1000 + "\n"


def fill(path, size, part):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("# A document\n\n")
        written = 0
        while written < size:
            file.write(part)
            written += len(part)


def make_trees(place, scale):
    for i in range(10000 // scale):
        fill(f"{place}/many/part{i % 97}/page{i}.md", 4000, PARAGRAPH * 3 + CODE)
    for i in range(50 // scale):
        fill(f"{place}/large/page{i}.md", 20_000_000, PARAGRAPH * 300 + CODE * 30)
    for i in range(20 // scale):
        fill(f"{place}/dense/page{i}.md", 1_000_000, DENSE)


class Bench:
    def __init__(self, flags, place):
        self.flags = flags
        self.place = place
        self.outputs = 0
        self.missed = False

    def output(self):
        self.outputs += 1
        return f"{self.place}/out{self.outputs}"

    def report(self, name, peak, limit, workers, processes, failed):
        bound = resident.bound(limit, workers, processes)
        good = peak.bytes <= bound and not failed
        self.missed |= not good
        print(f"{name:58} {peak.bytes / resident.MIB:8.1f} MiB of {bound / resident.MIB:6.0f}"
              f"{'' if good else '  MISSED'}{f' ({failed} failed)' if failed else ''}", flush=True)

    def optimize(self, tree, limit, workers, pool, fails=False):
        metrics = f"{self.place}/metrics.json"
        command = [self.flags.contextor, "optimize", "--quiet", "--src", f"{self.place}/{tree}", "--out",
                   self.output(), "--repo", "o/r", "--ref", "main", "--memory-limit", limit,
                   "--max-workers", workers, "--metrics-output", metrics]
        command += ["--process-pool"] if pool else []
        status, peak = resident.run(command, stderr=subprocess.DEVNULL if fails else None)
        with open(metrics) as file:
            figures = json.load(file)
        errors = figures["errors"]
        if fails:
            told = all("memory_limit_mb" in failure["error"] for failure in figures["failures"])
            errors = 0 if status == 1 and told and figures["written"] == 0 else -1
        name = f"optimize, {tree}, limit {limit}, {workers} workers{', process pool' if pool else ''}"
        self.report(name, peak, limit, workers, PROCESSES, errors)
        claimed = figures["memory_peak_mb"]
        if not 0.9 * peak.bytes / resident.MIB <= claimed <= 1.1 * peak.bytes / resident.MIB + 8:
            print(f"  memory_peak_mb says {claimed:.1f}")

    def daemon(self, tree, limit):
        config, socket = f"{self.place}/config.json", f"{self.place}/socket"
        source = {"name": tree, "root": f"{self.place}/{tree}", "output": self.output(),
                  "repo": "o/r", "ref": "main"}
        with open(config, "w") as file:
            json.dump({"sources": [source], "performance": {"memory_limit_mb": limit}}, file)
        process = subprocess.Popen([self.flags.contextord, "--config", config, "--socket", socket,
                                    "--log-level", "warning"])
        peak = resident.Peak(process.pid)
        while not os.path.exists(socket):
            time.sleep(0.01)
        done = subprocess.run([self.flags.contextor, "sync", "--socket", socket, "--timeout", "3600",
                               "--json"], capture_output=True)
        peak.stop()
        process.send_signal(signal.SIGTERM)
        process.wait()
        failed = json.loads(done.stdout)["failed_total"]
        self.report(f"daemon, {tree}, limit {limit}", peak, limit, CORES, PROCESSES, failed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("contextor")
    parser.add_argument("contextord")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--check", action="store_true")
    flags = parser.parse_args()
    place = tempfile.mkdtemp(prefix="contextor-bench-")
    try:
        make_trees(place, 10 if flags.small else 1)
        bench = Bench(flags, place)
        bench.optimize("many", 512, CORES, False)
        bench.optimize("many", 16, 8, False)
        bench.optimize("many", 64, 8, True)
        bench.daemon("many", 64)
        bench.optimize("large", 512, CORES, False)
        bench.optimize("large", 1024, 4, False)
        bench.optimize("large", 64, CORES, False, fails=True)
        bench.daemon("large", 512)
        bench.optimize("dense", 2048, 4, False)
        bench.optimize("dense", 2048, 4, True)
        return 1 if flags.check and bench.missed else 0
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
