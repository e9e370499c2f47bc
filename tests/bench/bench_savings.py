#!/usr/bin/env python3
"""What each profile leaves of documentation trees, and what each rule saves.

usage: bench_savings.py CONTEXTOR [TREE...]

Without trees, those of ../shared/corpora are taken. Each is built once by each profile into a fresh
output; the figures are those of `optimize --json`: bytes of the documents and of the pages (front
matter included), tokens of their text (words x 4/3), and by rule how often it found something and the
bytes and tokens that went, less the markers that took their place. A figure is the same in every run.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROFILES = ("lossless", "balanced", "compact")
CORPORA = pathlib.Path(__file__).resolve().parents[3] / "shared" / "corpora"


def build(contextor, tree, profile, place):
    out = tempfile.mkdtemp(dir=place)
    done = subprocess.run(
        [contextor, "optimize", "--src", tree, "--out", out, "--repo", "o/r", "--ref", "main",
         "--no-auto-detect-config", "--profile", profile, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    )
    return json.loads(done.stdout)


def share(part, whole):
    return 100 * part / whole if whole else 0


def show(name, contextor, tree, place):
    for profile in PROFILES:
        run = build(contextor, tree, profile, place)
        pages, bytes_in, bytes_out = run["pages"], run["bytes_in"], run["bytes_out"]
        print("%-10s %-9s %5d pages  bytes %9d -> %9d (%5.1f %%)  tokens %8d -> %8d (%5.1f %%)" % (
            name, profile, pages["count"], bytes_in, bytes_out, share(bytes_out, bytes_in),
            pages["tokens_in"], pages["tokens_out"], share(pages["tokens_out"], pages["tokens_in"])))
        for saving in run["savings"]:
            print("%20s %-18s %5d times  saved %9d bytes  %8d tokens (%4.1f %% of those in)" % (
                "", saving["rule"], saving["count"], saving["bytes"], saving["tokens"],
                share(saving["tokens"], pages["tokens_in"])))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("contextor")
    parser.add_argument("trees", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="contextor-savings-") as place:
        trees = [(os.path.basename(os.path.normpath(tree)), tree) for tree in arguments.trees]
        for archive in [] if trees else sorted(CORPORA.glob("*.tar.xz")):
            name = archive.name.removesuffix(".tar.xz")
            subprocess.run(["tar", "-xJf", archive, "-C", place], check=True)
            trees.append((name, os.path.join(place, name)))
        if not trees:
            sys.exit("no trees: name some, or put archives into %s" % CORPORA)
        for name, tree in trees:
            show(name, arguments.contextor, tree, place)


if __name__ == "__main__":
    main()
