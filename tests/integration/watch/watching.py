"""What the tests of watching share: a daemon whose first build is done, what must be true at the end of
each test, and the kernel's own list of watches.

A class of tests runs by polling as well when a subclass of it says `poll = True` (test_polling.py).
"""

import contextlib
import ctypes
import os
import pathlib
import re
import time

from daemon import PATIENCE, SANITIZE, Case

KERNEL_WATCH = re.compile(r"^inotify wd:([0-9a-f]+) ino:([0-9a-f]+) ", re.MULTILINE)

# A warning, an error, or what a library prints past the log.
COMPLAINT = re.compile(r"contextord: (warning|error): |(?!contextord: )")


AT_FDCWD = -100
RENAME_EXCHANGE = 2


def scaled(full, sanitized):
    """How many of something a test takes: all of them, or fewer, since sanitizers are slow."""
    return sanitized if SANITIZE else full


def kernel_watches(daemon):
    """{inode: watch descriptor} of what the kernel watches for a daemon."""
    watches = {}
    fdinfo = pathlib.Path("/proc/%d/fdinfo" % daemon.process.pid)
    for name in os.listdir(fdinfo):
        with contextlib.suppress(FileNotFoundError):
            text = (fdinfo / name).read_text()
            watches.update((int(ino, 16), int(wd, 16)) for wd, ino in KERNEL_WATCH.findall(text))
    return watches


def exchange(one, other):
    """Swaps two names at once, as renameat2(2) can."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) < 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def cpu_seconds(daemon):
    """Processor time that a daemon took so far, its worker processes left out."""
    words = pathlib.Path("/proc/%d/stat" % daemon.process.pid).read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Watching(Case):
    poll = False

    def config(self, *sources, **watch):
        """A configuration: of one source, docs to pages, when none is given."""
        if self.poll:
            watch = {"poll": True, "poll_interval_ms": 100, **watch}
        return {"sources": list(sources) or [self.source("docs", "pages")], "watch": watch}

    @contextlib.contextmanager
    def watched(self, config=None, errors=0, **more):
        """A daemon that has built what there was. At the end its outputs are what cold builds make
        of the sources, nothing half-written is left, and there were so many errors."""
        config = config or self.config()
        with self.daemon(config, **more) as daemon:
            daemon.sync()
            yield daemon
            daemon.sync()
            self.assertEqual(daemon.metrics()["errors_total"], errors)
            for source in config["sources"]:
                self.assert_nothing_left(source["output"])
                self.assert_mirrors(source["output"], source["name"])

    def assert_nothing_left(self, output="pages"):
        self.assertEqual(os.listdir(self.path(output) / ".contextor/tmp"), [])

    @contextlib.contextmanager
    def counted(self, daemon):
        """What the counters grow by, from sync to sync: in the dict that it gives, at the end."""
        spent = {}
        daemon.sync()
        before = daemon.metrics()
        yield spent
        daemon.sync()
        after = daemon.metrics()
        spent.update((name, after[name] - before[name]) for name in after if name.endswith("_total"))

    def directories(self, root="docs", pruned=()):
        """{path: inode} of the directories of a root, those of `pruned` and all below left out."""
        found = {}
        for folder, folders, _ in os.walk(self.path(root)):
            path = os.path.relpath(folder, self.path(root))
            found[path] = os.stat(folder).st_ino
            folders[:] = [name for name in folders if os.path.normpath(path + "/" + name) not in pruned]
        return found

    def assert_all_watched(self, daemon, root="docs", name="docs", pruned=()):
        """Each directory is watched, or polled where that was asked for, and none besides. (.git is
        watched for git's lock, not for documents.)"""
        wanted = self.directories(root, pruned)
        source = daemon.source(name)
        watched, polled = source["watches"], source["polled_directories"]
        self.assertEqual((watched, polled), (0, len(wanted)) if self.poll else (len(wanted), 0))
        kernel = kernel_watches(daemon)
        if not self.poll:
            self.assertEqual([path for path, inode in wanted.items() if inode not in kernel], [])
        unwanted = set(self.directories(root).items()) - set(wanted.items())
        self.assertEqual([path for path, inode in unwanted if inode in kernel and path != ".git"], [])

    def await_watches(self, daemon, watches):
        """Waits until a source holds so many watches: those of what was moved out go a moment later."""
        deadline = time.monotonic() + PATIENCE
        while (held := daemon.source("docs")["watches"]) != watches:
            if time.monotonic() > deadline:
                self.fail("%d watches instead of %d" % (held, watches))
            time.sleep(0.02)

    @contextlib.contextmanager
    def comes_to(self, daemon, **expected):
        """What is done inside comes to these counts, once synchronised: processed=1, removed=0…"""
        before = daemon.metrics()
        yield
        daemon.sync()
        after = daemon.metrics()
        got = {name: after[name + "_total"] - before[name + "_total"] for name in expected}
        self.assertEqual(got, expected, daemon.said())

    def subscriber(self, daemon, *events, **more):
        """A client that hears of events from here on."""
        client = daemon.client()
        client.call("subscribe", events=list(events), **more)
        return client

    def heard(self, client):
        """What a subscriber has heard so far, in order: (event, path)."""
        client.call("version")
        events = [(event["event"], event.get("path")) for event in client.events]
        client.events.clear()
        return events

    def complaints(self, daemon):
        """What a daemon has said that a person has to know."""
        return [line for line in daemon.said().splitlines() if COMPLAINT.match(line)]

    def why(self, daemon, path):
        """How the daemon sees a path of the source."""
        (result,) = daemon.call("why", source="docs", path=path)["results"]
        return result

    def assert_mirrors(self, *arguments, **more):
        super().assert_mirrors(*arguments, **more)
        self.assert_nothing_left(*arguments[:1])

    def slug(self, path, output="pages"):
        return next(entry["slug"] for entry in self.index(output) if entry["path"] == path)

    def page(self, path, output="pages"):
        """Where the page of a document lies."""
        return self.path(output) / (self.slug(path, output) + ".mdc")

    def page_text(self, path, output="pages"):
        return self.page(path, output).read_text()

    def paths(self, output="pages"):
        return sorted(entry["path"] for entry in self.index(output))
