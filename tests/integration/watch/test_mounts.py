"""File systems that come and go at and below the root, directories that are bound twice, and file systems
that report nothing. Runs in a mount namespace of its own, so that whatever it mounts goes with it."""

import os
import shutil
import subprocess
import sys
import unittest

from daemon import SKIPPED, main
from watching import Watching, kernel_watches

ISOLATED = "CONTEXTOR_TEST_ISOLATED"


def isolate():
    """Runs this file anew, as root of a namespace of mounts (and of users, for who is not root)."""
    if os.environ.get(ISOLATED):
        return
    enter = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        enter += ["--user", "--map-root-user"]
    if subprocess.run(enter + ["mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode:
        print("skipped: no mounts here: neither root nor user namespaces with mounts")
        sys.exit(SKIPPED)
    os.environ[ISOLATED] = "1"
    os.execvp("unshare", enter + [sys.executable, "-B", *sys.argv])


class Mounts(Watching):
    def setUp(self):
        super().setUp()
        self.mounted = []
        self.path("docs").mkdir()

    def tearDown(self):
        for path in reversed(self.mounted):
            self.run_program("umount", path)
        super().tearDown()

    def mount(self, path, *arguments):
        self.run_program("mount", *arguments, self.path(path), status=0)
        self.mounted.append(self.path(path))

    def mount_tmpfs(self, path):
        self.mount(path, "-t", "tmpfs", "tmpfs")

    def bind(self, source, path):
        self.mount(path, "--bind", self.path(source))

    def umount(self, path):
        self.run_program("umount", self.path(path), status=0)
        self.mounted.remove(self.path(path))

    def assert_missing(self, daemon, stamps):
        daemon.sync()
        self.assertEqual(daemon.source("docs")["state"], "root_missing")
        self.assertIn("unmounted?", daemon.source("docs")["detail"])
        self.assertEqual(self.stamps("pages"), stamps)

    def assert_back(self, daemon, state="watching"):
        daemon.sync()
        self.assertEqual(daemon.source("docs")["state"], state)
        self.assert_mirrors()


class Root(Mounts):
    """The root is where a volume is mounted."""

    def setUp(self):
        super().setUp()
        self.path("volume").mkdir()
        self.mount_tmpfs("volume")  # what is unmounted from docs is kept here
        self.bind("volume", "docs")
        self.write("docs/a.md", "# A\n")
        self.write("docs/d/b.md", "# B\n")

    def test_unmounted_and_mounted_again(self):
        with self.daemon(self.config()) as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            client = self.subscriber(daemon, "state")
            self.umount("docs")
            daemon.sync()
            self.assertEqual(client.event()["state"], "root_missing")
            self.assert_missing(daemon, stamps)
            self.write("volume/a.md", "# A, changed meanwhile\n")
            self.bind("volume", "docs")
            self.assert_back(daemon)
            self.assertIn("changed meanwhile", self.page_text("a.md"))
            self.assertEqual(daemon.metrics()["removed_total"], 0)

    def test_its_file_system_is_gone_for_good(self):
        """The last mount of it: the kernel itself says so, and gives the watches back."""
        self.mount_tmpfs("docs")
        self.write("docs/c.md", "# C\n")
        with self.daemon(self.config()) as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            self.umount("docs")  # volume's documents are below it
            self.assert_back(daemon)
            self.assertEqual(self.paths(), ["a.md", "d/b.md"])
            self.umount("docs")
            stamps = self.stamps("pages")
            self.assert_missing(daemon, stamps)

    def test_mounted_over_by_an_empty_one(self):
        """Nothing tells of it but the light reconcile; the pages stay, and an edit below is not seen."""
        with self.daemon(self.config(reconcile_interval_s=1)) as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            client = self.subscriber(daemon, "state")
            self.mount_tmpfs("docs")
            self.assertEqual(client.event("state")["state"], "root_missing")
            self.assert_missing(daemon, stamps)
            self.umount("docs")
            self.write("volume/d/b.md", "# B, changed meanwhile\n")
            while client.event("state")["state"] != "watching":
                pass
            self.assert_back(daemon)

    def test_mounted_over_by_another_tree(self):
        """What is there now is the source; what was there comes back with its place."""
        self.path("other").mkdir()
        self.mount_tmpfs("other")
        self.write("other/c.md", "# C\n")
        with self.daemon(self.config(reconcile_interval_s=1)) as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written")
            self.bind("other", "docs")
            self.assertEqual(client.event()["path"], "c.md")  # by the reconcile alone
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/c.md", "# C, edited\n")
            self.assertEqual(self.paths(), ["c.md"])
            self.assert_mirrors()
            self.umount("docs")
            self.assert_back(daemon)
            self.assertEqual(self.paths(), ["a.md", "d/b.md"])

    def test_not_mounted_yet_at_the_start(self):
        """An empty directory where the volume will be is not "all documents were deleted"."""
        config = self.configure(self.config())
        with self.daemon(config) as daemon:
            daemon.sync()
        stamps = self.stamps("pages")
        self.umount("docs")
        with self.daemon(config) as daemon:
            self.assert_missing(daemon, stamps)
            self.bind("volume", "docs")
            self.assert_back(daemon)
            self.assertEqual(daemon.metrics()["processed_total"], 0)
            self.assertEqual(daemon.metrics()["removed_total"], 0)


class Below(Mounts):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n")
        self.write("docs/sub/b.md", "# B\n")
        self.write("docs/sub/deep/c.md", "# C\n")

    def test_a_mount_over_a_directory_is_noticed_by_the_reconcile(self):
        with self.daemon(self.config(reconcile_interval_s=1)) as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed")
            self.path("volume").mkdir()
            self.mount_tmpfs("volume")
            self.write("volume/new.md", "# New\n")
            self.bind("volume", "docs/sub")
            heard = {(e["event"], e["path"]) for e in (client.event(), client.event(), client.event())}
            self.assertEqual(heard, {("written", "sub/new.md"), ("removed", "sub/b.md"),
                                     ("removed", "sub/deep/c.md")})
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/sub/new.md", "# New, edited\n")
            self.assert_mirrors()
            self.heard(client)
            self.umount("docs/sub")
            heard = {(e["event"], e["path"]) for e in (client.event(), client.event(), client.event())}
            self.assertEqual(heard, {("removed", "sub/new.md"), ("written", "sub/b.md"),
                                     ("written", "sub/deep/c.md")})
            self.assert_back(daemon)

    def test_an_empty_mount_over_a_directory_keeps_its_pages(self):
        with self.daemon(self.config(reconcile_interval_s=1, poll_interval_ms=50)) as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            self.mount_tmpfs("docs/sub")
            self.until(lambda: daemon.source("docs")["state"] == "degraded", daemon)
            self.assertIn("mounted over", daemon.source("docs")["detail"])
            self.assertEqual(self.stamps("pages"), stamps)
            self.umount("docs/sub")
            self.write("docs/sub/b.md", "# B, edited\n")
            self.assert_back(daemon)
            self.mount_tmpfs("docs/sub")
            self.write("docs/sub/filled.md", "# Filled\n")
            self.until(lambda: "sub/filled.md" in self.paths(), daemon)
            self.assert_back(daemon)

    def test_a_mounted_directory_that_is_unmounted(self):
        """Its pages are kept while the place is empty, and looked through when it is back."""
        self.path("volume").mkdir()
        self.mount_tmpfs("volume")
        self.write("volume/v.md", "# V\n")
        self.write("volume/in/w.md", "# W\n")
        self.path("docs/vol").mkdir()
        self.bind("volume", "docs/vol")
        with self.daemon(self.config(poll_interval_ms=50)) as daemon:
            daemon.sync()
            self.assertIn("vol/in/w.md", self.paths())
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/vol/in/w.md", "# W, edited\n")
            stamps = self.stamps("pages")
            self.umount("docs/vol")
            self.write("docs/.ignore", "# all is read again\n")
            daemon.sync()
            self.assertEqual(self.stamps("pages"), stamps)
            self.write("volume/v.md", "# V, edited meanwhile\n")
            self.bind("volume", "docs/vol")
            self.until(lambda: "edited meanwhile" in self.page_text("vol/v.md"), daemon)
            self.assert_back(daemon)

    def test_the_last_mount_of_a_file_system_below(self):
        self.path("docs/vol").mkdir()
        self.mount_tmpfs("docs/vol")
        self.write("docs/vol/in/v.md", "# V\n")
        with self.daemon(self.config(poll_interval_ms=50)) as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            self.umount("docs/vol")
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "degraded")
            self.assertEqual(self.stamps("pages"), stamps)
            self.write("docs/vol/now.md", "# In the directory itself\n")
            self.assert_back(daemon)
            self.assertNotIn("vol/in/v.md", self.paths())


class Binds(Mounts):
    def setUp(self):
        super().setUp()
        self.write("docs/one/doc.md", "# Doc\n")
        self.path("docs/two").mkdir()

    def test_one_directory_twice_below_a_root_is_read_once(self):
        self.bind("docs/one", "docs/two")
        with self.daemon(self.config()) as daemon:
            daemon.sync()
            self.assertEqual(daemon.source("docs")["watches"], 2)
            self.assertEqual(len(self.paths()), 1)
            with self.comes_to(daemon, processed=1, written=1, errors=0):
                self.write("docs/two/doc.md", "# Doc, edited\n")
            (path,) = self.paths()
            self.assertIn("edited", self.page_text(path))
            self.assertIn("bind mount", daemon.said())
            self.umount("docs/two")
            daemon.sync()
            self.write("docs/.ignore", "# all is read again\n")
            self.assert_back(daemon)

    def test_a_directory_that_holds_itself(self):
        """docs bound below docs: it ends, and each document comes once."""
        self.bind("docs", "docs/two")
        with self.daemon(self.config()) as daemon:
            daemon.sync()
            self.assertEqual(self.paths(), ["one/doc.md"])
            self.assertEqual(daemon.source("docs")["watches"], 2)
            with self.comes_to(daemon, processed=1, written=1, errors=0):
                self.write("docs/two/one/doc.md", "# Doc, edited through the loop\n")
            self.assertIn("through the loop", self.page_text("one/doc.md"))

    def test_two_roots_on_one_directory_share_its_watches(self):
        self.path("again").mkdir()
        self.bind("docs", "again")
        sources = [self.source("docs", "pages"), self.source("again", "others", "again")]
        with self.daemon(self.config(*sources)) as daemon:
            daemon.sync()
            watches = len(kernel_watches(daemon))
            with self.comes_to(daemon, processed=2, written=2, errors=0):
                self.write("docs/new/doc.md", "# New\n")
            self.assertEqual(len(kernel_watches(daemon)), watches + 1)
            with self.comes_to(daemon, processed=2, written=2, errors=0):
                self.write("again/one/doc.md", "# Doc, edited\n")
            self.assert_mirrors("pages", "docs")
            self.assert_mirrors("others", "again")
            self.umount("again")
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/one/doc.md", "# Doc, edited again\n")
            self.assert_mirrors("pages", "docs")


class Kinds(Mounts):
    def fuse(self, lower, path):
        if not shutil.which("bindfs"):
            self.skipTest("bindfs is not installed")
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.skipTest("/dev/fuse may not be opened here")
        self.run_program("bindfs", self.path(lower), self.path(path), status=0)
        self.mounted.append(self.path(path))

    def test_a_fuse_root_is_polled_from_the_start(self):
        self.write("lower/a.md", "# A\n")
        self.write("lower/d/b.md", "# B\n")
        self.fuse("lower", "docs")
        with self.daemon(self.config(poll_interval_ms=50)) as daemon:
            daemon.sync()
            source = daemon.source("docs")
            self.assertEqual((source["state"], source["watches"], source["polled_directories"]), ("polling", 0, 2))
            self.assertIn("file system", source["detail"])
            self.assertEqual(daemon.status()["degraded"], [])
            client = self.subscriber(daemon, "written", "removed")
            self.write("lower/a.md", "# A, written behind its back\n")
            self.assertEqual(client.event()["path"], "a.md")
            with self.comes_to(daemon, processed=2, removed=1, errors=0):
                self.write("lower/new/c.md", "# C\n")
                self.write("docs/a.md", "# A, through it\n")
                os.unlink(self.path("docs/d/b.md"))
            os.unlink(self.path("lower/a.md"))  # a stat of it is answered from a cache for a while
            self.assertEqual(client.event("removed")["path"], "d/b.md")
            self.assertEqual(client.event("removed")["path"], "a.md")
            self.assert_back(daemon, "polling")

    def test_a_fuse_directory_below_is_polled_and_the_rest_watched(self):
        self.write("docs/a.md", "# A\n")
        self.write("lower/b.md", "# B\n")
        self.path("docs/fuse").mkdir()
        self.fuse("lower", "docs/fuse")
        with self.daemon(self.config(poll_interval_ms=50)) as daemon:
            daemon.sync()
            source = daemon.source("docs")
            self.assertEqual((source["watches"], source["polled_directories"]), (1, 1))
            client = self.subscriber(daemon, "written")
            self.write("lower/b.md", "# B, written behind its back\n")
            self.assertEqual(client.event()["path"], "fuse/b.md")
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/a.md", "# A, edited\n")
            self.assert_mirrors()

    def test_an_overlay_is_watched_and_copying_up_is_one_change(self):
        for folder in ("lower/d", "upper", "work"):
            self.path(folder).mkdir(parents=True)
        self.write("lower/a.md", "# A\n")
        self.write("lower/d/b.md", "# B\n")
        options = "lowerdir=%s,upperdir=%s,workdir=%s" % tuple(map(self.path, ("lower", "upper", "work")))
        try:
            self.mount("docs", "-t", "overlay", "overlay", "-o", options)
        except AssertionError as error:
            self.skipTest("no overlay on this file system: %s" % error)
        with self.daemon(self.config()) as daemon:
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "watching")
            for number in range(3):
                with self.comes_to(daemon, processed=1, written=1, removed=0, errors=0):
                    self.write("docs/d/b.md", "# B, edit %d\n" % number)
            with self.comes_to(daemon, processed=1, removed=1, errors=0):
                os.rename(self.path("docs/a.md"), self.path("docs/d/moved.md"))
            self.assert_mirrors()


if __name__ == "__main__":
    isolate()
    main()
