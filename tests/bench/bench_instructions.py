#!/usr/bin/python3
"""Instructions a byte of each stage of the transform, counted by callgrind: exact on a busy machine.

usage: bench_instructions.py BENCH_TRANSFORM FOLDER...
BENCH_TRANSFORM is the program of a release build (build/release/bin/bench_transform). Callgrind's
processor has no SHA extensions, which the transform does not use.
"""
import collections
import re
import subprocess
import sys
import tempfile

STAGES = ("front_matter", "dialect", "mdx", "normalise", "links", "size", "measure")


class Profile:
    """What callgrind wrote: by function, its own instructions and those of what it called."""

    def __init__(self, path):
        self.names = {}
        self.total = collections.Counter()
        function = None
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("fn="):
                    function = self.name_of(line[3:])
                elif line.startswith(("cfn=", "cfni=")):
                    self.name_of(line.split("=", 1)[1])
                elif line.startswith("calls="):
                    self.total[function] += int(next(lines).split()[1])
                elif re.match(r"[0-9+*-]", line) and function:
                    self.total[function] += int(line.split()[1])

    def name_of(self, text):
        """Names stand in full where they come first, then as "(12)"."""
        number, _, name = text.strip().partition(" ")
        if name:
            self.names[number] = name
        return self.names.get(number, number)


def run(program, folders):
    with tempfile.NamedTemporaryFile(prefix="callgrind-") as out:
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", program,
             "--rounds", "1", "--only", STAGES[-1], *folders],
            check=True, capture_output=True, text=True)
        return result.stdout.splitlines()[-1], Profile(out.name)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    summary, profile = run(sys.argv[1], sys.argv[2:])
    size = float(re.search(r"([0-9.]+) MB", summary).group(1)) * 1e6
    print(summary)
    rows = [(name, f"ctx_stage_{name}") for name in STAGES]
    total = sum(profile.total[function] for _, function in rows)
    for name, function in rows + [("parse", "ctx_markdown_parse")]:
        print(f"{name.replace('_', ' '):14} {profile.total[function] / size:8.1f}")
    print(f"{'whole':14} {total / size:8.1f}")


if __name__ == "__main__":
    main()
