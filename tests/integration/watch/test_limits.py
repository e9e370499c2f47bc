"""The kernel's limits: watches and instances of inotify, and descriptors that select(2) can take."""

import contextlib
import os
import re
import resource
import subprocess
import sys
import time
import unittest

from daemon import PATIENCE, main
from watching import Watching, kernel_watches

DIRECTORIES = 50
# Sets limits of a user namespace of its own, where it is root, and becomes the daemon.
IN_NAMESPACE = ["unshare", "--user", "--map-root-user", "sh", "-c"]
WATCHES = "/proc/sys/user/max_inotify_watches"
INSTANCES = "/proc/sys/user/max_inotify_instances"
# Becomes the daemon with so many descriptors inherited that the next is beyond FD_SETSIZE.
CROWDED = """
import os, sys
last = 0
while last < 1100:
    last = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(last, True)
os.execv(sys.argv[1], sys.argv[1:])
"""


def with_limits(**limits):
    """A prefix that starts the daemon under other limits: watches=5, instances=0."""
    files = {"watches": WATCHES, "instances": INSTANCES}
    script = "".join("echo %d >%s && " % (value, files[name]) for name, value in limits.items())
    return IN_NAMESPACE + [script + 'exec "$@"', "sh"]


class Limits(Watching):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run(with_limits(watches=5, instances=1) + ["true"], capture_output=True)
        if done.returncode != 0:
            raise unittest.SkipTest("no user namespace with limits here: " + done.stderr.decode())

    def make_docs(self):
        for number in range(DIRECTORIES):
            self.write("docs/d%02d/page.md" % number, "# Page %d\n" % number)

    def start(self, wrap, **watch):
        config = {"sources": [self.source("docs", "pages")], "watch": watch}
        return self.daemon(config, wrap=wrap)

    def set_limit(self, daemon, file, value):
        """Changes a limit of the namespace that the daemon is in."""
        enter = ["nsenter", "--user", "--preserve-credentials", "--target", str(daemon.process.pid)]
        self.run_program(*enter, "sh", "-c", "echo %d >%s" % (value, file), status=0)

    @contextlib.contextmanager
    def becomes(self, daemon, state):
        """What is done inside, or earlier, brings the source into that state, by itself."""
        client = self.subscriber(daemon, "state")
        yield
        while daemon.source("docs")["state"] != state:
            client.event("state")

    def assert_follows(self, daemon):
        """An edit in every directory arrives, with nothing asked for."""
        client = self.subscriber(daemon, "written")
        awaited = set()
        for number in range(DIRECTORIES):
            self.write("docs/d%02d/page.md" % number, "# Page %d, edited\n\n%d\n" % (number, time.time_ns()))
            awaited.add("d%02d/page.md" % number)
        while awaited:
            awaited.discard(client.event("written")["path"])
        daemon.sync()
        self.assert_mirrors()


class Watches(Limits):
    def test_what_cannot_be_watched_is_polled_and_heals(self):
        self.make_docs()
        with self.start(with_limits(watches=5), poll_interval_ms=50) as daemon:
            daemon.sync()
            source = daemon.source("docs")
            self.assertEqual(source["state"], "degraded")
            self.assertLessEqual(source["watches"], 5)
            self.assertGreaterEqual(source["polled_directories"], DIRECTORIES + 1 - 5)
            self.assertEqual(source["watches"] + source["polled_directories"], DIRECTORIES + 1)
            self.assert_says_what_to_do(daemon)
            self.assert_follows(daemon)
            with self.becomes(daemon, "watching"):
                self.set_limit(daemon, WATCHES, 1000)
            source = daemon.source("docs")
            self.assertEqual((source["watches"], source["polled_directories"]), (DIRECTORIES + 1, 0))
            self.assertEqual(daemon.status()["degraded"], [])
            self.assertNotIn("detail", source)
            with self.comes_to(daemon, processed=1, written=1, errors=0):
                self.write("docs/d49/page.md", "# Watched again\n")
            self.assert_follows(daemon)

    def assert_says_what_to_do(self, daemon):
        """The numbers, and a command that sets what is needed."""
        (text,) = daemon.status()["degraded"]
        found = re.fullmatch(
            r"docs: (\d+) directories are polled for want of inotify watches: (\d+) needed, limit (\d+), "
            r"(\d+) in use; run: sysctl user\.max_inotify_watches=(\d+)", text)
        self.assertTrue(found, text)
        polled, needed, limit, in_use, advice = map(int, found.groups())
        self.assertEqual(polled, daemon.source("docs")["polled_directories"])
        self.assertGreaterEqual(needed, DIRECTORIES + 1)
        self.assertEqual((limit, in_use), (5, 5))
        self.assertGreater(advice, needed)
        self.assertEqual(daemon.source("docs")["detail"], text.removeprefix("docs: "))
        self.assertIn(text, daemon.said())

    def test_the_advice_is_enough(self):
        self.make_docs()
        with self.start(with_limits(watches=5), poll_interval_ms=50) as daemon:
            daemon.sync()
            with self.becomes(daemon, "watching"):
                detail = daemon.source("docs")["detail"]
                self.set_limit(daemon, WATCHES, int(detail.rpartition("=")[2]))

    def test_watches_given_back_are_used(self):
        """No limit is raised: directories go away, and those that were polled take their places."""
        self.make_docs()
        with self.start(with_limits(watches=30), poll_interval_ms=50) as daemon:
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "degraded")
            with self.becomes(daemon, "watching"):
                for number in range(30):
                    os.unlink(self.path("docs/d%02d/page.md" % number))
                    os.rmdir(self.path("docs/d%02d" % number))
            daemon.sync()
            self.assertEqual(daemon.source("docs")["watches"], DIRECTORIES - 30 + 1)
            self.assert_mirrors()

    def test_new_directories_beyond_the_limit(self):
        self.write("docs/page.md", "# Page\n")
        with self.start(with_limits(watches=10), poll_interval_ms=50) as daemon:
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "watching")
            with self.becomes(daemon, "degraded"):
                self.make_docs()
            self.assert_follows(daemon)
            os.rename(self.path("docs/d00"), self.path("docs/d49/d00"))
            self.write("docs/d49/d00/deep/er.md", "# Deeper\n")
            daemon.sync()
            self.assertIn("d49/d00/deep/er.md", self.paths())
            self.assert_mirrors()

    def test_a_barrier_costs_no_reconcile(self):
        """The cookies' directory has its watch before the tree takes them all."""
        self.make_docs()
        with self.start(with_limits(watches=5), poll_interval_ms=50) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=1, reconciles=0, errors=0):
                self.write("docs/d49/page.md", "# Polled\n")
                daemon.sync()

    def test_no_watch_at_all(self):
        """max_inotify_watches=0: a whole tree polled, sync and git's lock included."""
        self.make_docs()
        with self.start(with_limits(watches=0), poll_interval_ms=50) as daemon:
            daemon.sync()
            self.assertEqual(daemon.source("docs")["watches"], 0)
            self.assert_follows(daemon)
            with self.comes_to(daemon, processed=1, written=1, errors=0, overflow=0):
                self.write("docs/d49/page.md", "# Polled\n")
            self.assert_mirrors()
            with self.becomes(daemon, "watching"):
                self.set_limit(daemon, WATCHES, 1000)

    def test_a_root_that_returns_unwatched_is_found(self):
        """There is no watch left for the directory above, either."""
        self.make_docs()
        with self.start(with_limits(watches=1), poll_interval_ms=50) as daemon:
            daemon.sync()
            before = self.stamps("pages")
            os.rename(self.path("docs"), self.path("away"))
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "root_missing")
            self.assertEqual(self.stamps("pages"), before)
            self.write("away/d07/page.md", "# Changed while away\n")
            os.rename(self.path("away"), self.path("docs"))
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "degraded")
            self.assert_mirrors()


class Instances(Limits):
    def test_without_an_instance_everything_is_polled(self):
        self.make_docs()
        with self.start(with_limits(instances=0), poll_interval_ms=50) as daemon:
            daemon.sync()
            source = daemon.source("docs")
            self.assertEqual(source["state"], "degraded")
            self.assertEqual((source["watches"], source["polled_directories"]), (0, DIRECTORIES + 1))
            (text,) = daemon.status()["degraded"]
            self.assertIn("inotify", text)
            self.assertIn("max_user_instances", text)
            self.assert_follows(daemon)
            with self.comes_to(daemon, removed=DIRECTORIES // 2, processed=0, errors=0):
                for number in range(0, DIRECTORIES, 2):
                    os.unlink(self.path("docs/d%02d/page.md" % number))
            self.assert_mirrors()
            with self.becomes(daemon, "watching"):
                self.set_limit(daemon, INSTANCES, 10)
            self.until(lambda: daemon.source("docs")["watches"] == DIRECTORIES + 1, daemon)
            self.assertEqual(daemon.status()["degraded"], [])
            self.assertGreater(len(kernel_watches(daemon)), DIRECTORIES + 1)  # and what is above
            self.assert_follows(daemon)
            client = self.subscriber(daemon, "state")
            os.rename(self.path("docs"), self.path("away"))
            self.assertEqual(client.event()["state"], "root_missing")  # told by an event


class Descriptors(Watching):
    def test_more_inherited_descriptors_than_select_can_take(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if limit < 1200:
            self.skipTest("no more than %d descriptors are allowed here" % limit)
        raise_limit = "ulimit -n %d && exec \"$@\"" % min(limit, 4096)
        wrap = ["sh", "-c", raise_limit, "sh", sys.executable, "-c", CROWDED]
        self.write("docs/a.md", "# A\n")
        config = {"sources": [self.source("docs", "pages")], "watch": {"poll_interval_ms": 50}}
        with self.daemon(config, wrap=wrap) as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written")
            self.write("docs/b/c.md", "# C\n")
            self.assertEqual(client.event()["path"], "b/c.md")
            self.write("docs/a.md", "# A again\n")
            daemon.sync()
            self.assert_mirrors()


if __name__ == "__main__":
    main()
