"""What the sources promise of their own form. lint.py CHECK runs one check; each complaint is a line.

format      clang-format has nothing to change
text        .editorconfig: UTF-8, LF, one final newline, no trailing blanks, no tabs
strata      a folder's includes never point upward
quarantine  a third-party library is included where it may be, and nowhere else
symbols     what the libraries define for others begins with ctx_
functions   none has over 80 lines
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("CONTEXTOR_ROOT", pathlib.Path(__file__).parents[2]))
C_FOLDERS = ("include", "src", "daemon", "tests", "config")
TEXT_SUFFIXES = (".c", ".h", ".py", ".sh", ".cmake", ".json", ".txt", ".service", ".socket")
VERBATIM = ("tests/golden", "tests/fuzz/corpus")
LINES = 80

# What each stratum may include, besides itself and the public headers.
STRATA = {
    "include": {"contextor"},
    "base": {"build.h"},
    "transform": {"base"},
    "report": {"base"},
    "config": {"base"},
    "work": {"base"},
    "control": {"base"},
    "document": {"base", "config", "transform", "work"},
    "watch": {"base", "document"},
    "engine": {"base", "config", "document", "report", "work"},
    "worker": {"base", "document", "work"},
    "cli": {"base", "config", "control", "engine", "report"},
    "daemon": {"base", "config", "control", "document", "engine", "report", "watch", "work"},
}

# Where a header of a library may be included: files, or folders with a slash at the end.
QUARANTINE = {
    r"ev\.h": ("daemon/",),
    r"inotifytools/.*": ("src/watch/inotify.c",),
    r"cmark-gfm.*": ("src/transform/markdown.c", "src/transform/markdown_tree.c"),
    r"yaml\.h": ("src/transform/yaml.c",),
    r"gcrypt\.h": ("src/base/digest.c",),
    r"seccomp\.h": ("src/worker/sandbox.c",),
    r"sqlite3\.h": ("src/document/catalogue_sql.h", "src/document/catalogue_store.h"),
    r"systemd/.*": ("daemon/service.c",),
}


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            yield path


def name(path):
    return str(path.relative_to(ROOT))


def check_format():
    files = [str(path) for path in sources(*C_FOLDERS)]
    done = subprocess.run(
        [os.environ.get("CLANG_FORMAT", "clang-format"), "--dry-run", "-Werror", *files],
        stderr=subprocess.PIPE, text=True)
    return [line for line in done.stderr.split("\n") if ": error: " in line]


def text_files():
    for folder in (*C_FOLDERS, "systemd", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            verbatim = name(path).startswith(VERBATIM)
            if path.is_file() and not verbatim and (path.suffix in TEXT_SUFFIXES or not path.suffix):
                yield path


def check_text():
    for path in text_files():
        data = path.read_bytes()
        try:
            data.decode()
        except UnicodeDecodeError as error:
            yield "%s: %s" % (name(path), error)
        if data and (not data.endswith(b"\n") or data.endswith(b"\n\n")):
            yield "%s: must end with one newline" % name(path)
        for number, line in enumerate(data.split(b"\n"), 1):
            if line.endswith((b" ", b"\t", b"\r")):
                yield "%s:%d: ends with a blank" % (name(path), number)
            if line.startswith(b"\t"):
                yield "%s:%d: begins with a tab" % (name(path), number)


def stratum(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "src" else parts[0]


def check_strata():
    for path in sources("include", "src", "daemon"):
        own = stratum(path)
        allowed = STRATA[own] | {own, "contextor"}
        for included in re.findall(r'#include "([^"]+)"', path.read_text()):
            if included.split("/")[0] not in allowed:
                yield '%s: %s may not include "%s"' % (name(path), own, included)


def check_quarantine():
    for path in sources("include", "src", "daemon"):
        for included in re.findall(r"#include <([^>]+)>", path.read_text()):
            for header, places in QUARANTINE.items():
                if re.fullmatch(header, included) and not name(path).startswith(places):
                    yield "%s: <%s> belongs to %s" % (name(path), included, ", ".join(places))


def check_symbols():
    for library in os.environ["CONTEXTOR_LIBRARIES"].split(":"):
        done = subprocess.run(["nm", "-g", "--defined-only", "-P", library],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        for line in done.stdout.split("\n"):
            symbol = line.split(" ")[0]
            own = symbol.startswith(("ctx_", "__odr_asan", "_ub", "inotify_", "__"))
            if " " in line and not own:
                yield "%s: %s does not begin with ctx_" % (pathlib.Path(library).name, symbol)


def check_functions():
    for path in sources("include", "src", "daemon"):
        start = None
        for number, line in enumerate(path.read_text().split("\n"), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start - 1 > LINES:
                    yield "%s:%d: a function of %d lines" % (name(path), start, number - start - 1)
                start = None


def main():
    complaints = list(globals()["check_" + sys.argv[1]]())
    for complaint in complaints:
        print(complaint)
    print("%s: %d complaints" % (sys.argv[1], len(complaints)))
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
