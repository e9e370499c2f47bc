#!/usr/bin/env python3
"""Whole builds against what bounds them, measured side by side in one run.

usage: bench_build.py CONTEXTOR [--rounds N] [--check] [TREE...]

For each tree (and for made-up sets of 50, 200 and 500 documents):
  first build into a fresh output, against cp -r of the tree        (target: at most 1.5 times)
  parallel against own sequential, writes included                  (target: at least 1.7 times)
    --no-parallel leaves the catalogue and the index to a thread of their own, which another processor
    runs; "one core" keeps all of it on one, and shows what the processors are good for
  restart with nothing changed, against find -printf of both sides  (target: at most 2 times)
Rounds are interleaved; ratios are of each one's best round, since whatever else the machine does only
adds; medians stand beside. Nothing is removed before the end: for some minutes after a mass deletion
ext4 creates files ten times as slowly (ext4's recently_deleted() passes over fresh inodes), so put
TMPDIR on a file system where nothing was deleted lately. Beside the wall times stands the processor
time: where wall times tell of what else the machine did, that still tells of the program.

Where bench_transform stands beside CONTEXTOR, the floor is shown as well: what cmark-gfm alone takes
to parse the documents that the normalise stage is given, on all processors, with cp's work added; less
is not to be had by anything that parses with cmark-gfm and writes as many files.

"without start-up" is the same ratio of further builds by their own clocks (wall_time of
--metrics-output), from the engine's start on: what loading libraries takes is no part of it. --check
exits 1 when a target is missed.
"""
import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TARGETS = {"first/cp": (1.5, "most"), "sequential/parallel": (1.7, "least"), "restart/find": (2.0, "most")}
PARAGRAPH = (
    "Words of a paragraph with `code`, *emphasis* and a [link](../other/page.md) in it, long enough "
    "to be like one that a person wrote about something that needs to be explained at length.\n\n"
)
CODE = "```js\n" + "".join(f"const value{i} = compute({i}, 'text');\n" for i in range(12)) + "```\n\n"


def make_set(root, count):
    for i in range(count):
        folder = os.path.join(root, f"part{i % 20}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"page{i}.mdx"), "w") as page:
            page.write(f"---\ntitle: Page {i}\n---\nimport X from 'x'\n\n# Page {i}\n\n")
            for _ in range(8):
                page.write(PARAGRAPH * 3 + "<Callout title=\"Mind\">\n  A note.\n</Callout>\n\n" + CODE)
            page.write(f"End of page {i}.\n")


def on_one_core():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def seconds(argv, prepare=None):
    """The wall time of a program, and its processor time, user and system."""
    began = time.monotonic()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, preexec_fn=prepare)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def measure(contextor, tree, place, rounds):
    """By name: the (wall, processor) times of each round."""
    times = {name: [] for name in ("cp", "first", "sequential", "one core", "find", "restart")}
    own = {"parallel": [], "sequential": []}
    build = [contextor, "optimize", "--src", tree, "--repo", "o/r", "--ref", "main", "--quiet", "--out"]
    for _ in range(rounds):
        out = tempfile.mkdtemp(dir=place)
        for name, argv in (
            ("cp", ["cp", "-r", tree, os.path.join(out, "copy")]),
            ("first", build + [os.path.join(out, "parallel")]),
            ("sequential", build + [os.path.join(out, "sequential"), "--no-parallel"]),
            ("one core", build + [os.path.join(out, "one-core"), "--no-parallel"]),
            ("find", ["find", tree, os.path.join(out, "parallel"), "-printf", "%p %s %T@ %i\n"]),
            ("restart", build + [os.path.join(out, "parallel")]),
        ):
            os.sync()
            times[name].append(seconds(argv, on_one_core if name == "one core" else None))
        for name, flags in (("parallel", []), ("sequential", ["--no-parallel"])):
            figures = os.path.join(out, name + ".json")
            seconds(build + [os.path.join(out, "own-" + name), "--metrics-output", figures] + flags)
            with open(figures) as report:
                own[name].append(json.load(report)["wall_time"])
    return times, own


def floor(contextor, tree):
    """The seconds that cmark-gfm alone takes for the tree's documents, on all processors; None: unknown."""
    bench = os.path.join(os.path.dirname(contextor), "bench_transform")
    if not os.access(bench, os.X_OK):
        return None
    text = subprocess.run([bench, tree], capture_output=True, text=True, check=True).stdout
    line = re.search(r"^cmark-gfm +[0-9.]+ MB/s +([0-9.]+) ms", text, re.M)
    return float(line[1]) / 1e3 / len(os.sched_getaffinity(0)) if line else None


def best(rounds):
    return min(wall for wall, _ in rounds)


def show_floor(times, alone):
    if alone is None:
        return
    with_cp = alone + best(times["cp"]) / len(os.sched_getaffinity(0))
    print(f"  floor: cmark-gfm alone, on all processors {alone * 1e3:.1f} ms; with cp's work {with_cp * 1e3:.1f} ms,"
          f" {with_cp / best(times['cp']):.2f} times cp")


def report(name, files, size, measured, alone):
    times, own = measured
    ratios = {
        "first/cp": best(times["first"]) / best(times["cp"]),
        "sequential/parallel": best(times["sequential"]) / best(times["first"]),
        "restart/find": best(times["restart"]) / best(times["find"]),
    }
    print(f"{name}: {files} documents, {size / 1e6:.1f} MB")
    for key, rounds in times.items():
        wall, cpu = (statistics.median(column) for column in zip(*rounds))
        print(f"  {key:12} best {best(rounds) * 1e3:8.1f} ms   median {wall * 1e3:8.1f} ms   processors {cpu * 1e3:8.1f} ms")
    missed = False
    for key, value in ratios.items():
        bound, kind = TARGETS[key]
        good = value <= bound if kind == "most" else value >= bound
        missed |= not good
        print(f"  {key:20} {value:6.2f}  (at {kind} {bound}){'' if good else '  MISSED'}")
    print(f"  {'  one core/parallel':20} {best(times['one core']) / best(times['first']):6.2f}")
    print(f"  {'  without start-up':20} {min(own['sequential']) / min(own['parallel']):6.2f}")
    show_floor(times, alone)
    wall = best(times["first"])
    print(f"  {files / wall:.0f} pages/s, {size / 1e6 / wall:.1f} MB/s\n")
    return missed


def weigh(tree):
    files, size = 0, 0
    for folder, _, names in os.walk(tree):
        for name in names:
            if name.endswith((".md", ".mdx")):
                files += 1
                size += os.path.getsize(os.path.join(folder, name))
    return files, size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("contextor")
    parser.add_argument("trees", nargs="*")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true")
    flags = parser.parse_intermixed_args()
    place = tempfile.mkdtemp(prefix="contextor-bench-")
    missed = False
    try:
        trees = [(tree, os.path.basename(os.path.normpath(tree))) for tree in flags.trees]
        for count in (50, 200, 500):
            tree = os.path.join(place, f"set-{count}")
            make_set(tree, count)
            trees.append((tree, f"set of {count}"))
        for tree, name in trees:
            measured = measure(flags.contextor, tree, place, flags.rounds)
            missed |= report(name, *weigh(tree), measured, floor(flags.contextor, tree))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak resident memory of any build: {peak:.1f} MB")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 1 if flags.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
