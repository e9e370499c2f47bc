# timeout: 300
"""Disks that are full, read-only or taken away, and files that may not be read: documents fail
with a clear reason, the pages there were stay, and all is made good once there is what was wanting."""

import json
import os
import shutil
import subprocess
import time
import unittest

from daemon import PATIENCE, Case, RemoteError, main

NOBODY = 65534


def mounts():
    """Whether file systems can be mounted here."""
    if os.geteuid() != 0:
        return False
    probe = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True).returncode == 0


class Disk(Case):
    def make(self, documents=40):
        for number in range(documents):
            self.write("docs/p%02d.md" % number, "# Page %d\n\n%s\n" % (number, "word " * 400))

    def await_no_failures(self, daemon):
        """By itself: nobody saves anything."""
        deadline = time.monotonic() + PATIENCE
        while daemon.status()["degraded"] or daemon.call("failures")["total"]:
            self.assertLess(time.monotonic(), deadline, daemon.call("failures"))
            time.sleep(0.05)

    def assert_nothing_half_written(self, output="disk/pages"):
        self.assertEqual(os.listdir(self.path(output) / ".contextor/tmp"), [])
        for name, content in self.tree(output).items():
            if name.endswith(".mdc"):
                self.assertTrue(content.startswith(b"---\nschema: "), name)
                self.assertTrue(content.endswith(b"word\n") or b"Small" in content, name)
        for line in self.read(output + "/index.jsonl").split("\n")[:-1]:
            json.loads(line)


@unittest.skipUnless(mounts(), "needs root, and leave to mount a file system")
class FileSystem(Disk):
    def mount(self, *options):
        self.path("disk").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", self.path("disk")],
                       check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.path("disk")])

    def remount(self, how):
        subprocess.run(["mount", "-o", "remount," + how, self.path("disk")], check=True)

    def fill(self):
        with open(self.path("disk/filler"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def test_full_while_running(self):
        self.make()
        self.mount("size=2m")
        with self.daemon(self.source("docs", "disk/pages")) as daemon:
            daemon.sync()
            before = self.tree("disk/pages")
            self.fill()
            for number in range(20):
                self.write("docs/p%02d.md" % number, "# Changed %d\n\n%s\n" % (number, "word " * 800))
            failed = daemon.sync(index=False)["failed"]
            self.assertEqual(len(failed), 20)
            for failure in failed:
                self.assertRegex(failure["error"], r"disk/pages/docs__p\d\d\.mdc: No space left on device; "
                                                   r"free space on its file system")
            self.assertEqual(self.tree("disk/pages"), before)
            self.assertRegex(" ".join(daemon.status()["degraded"]), "20 documents are held up")
            self.assert_nothing_half_written()
            self.path("disk/filler").unlink()
            self.await_no_failures(daemon)
            self.assertEqual(daemon.sync()["failed"], [])
            self.assertEqual(daemon.metrics()["errors_total"], 20)
            self.assert_mirrors("disk/pages")
        said = daemon.said()
        self.assertEqual(said.count("No space left on device; free space on its"), 20, said)

    def test_full_for_the_index_alone(self):
        self.make()
        self.mount("size=2m")
        with self.daemon(self.source("docs", "disk/pages")) as daemon:
            daemon.sync()
            self.fill()
            self.write("docs/p01.md", "# Small\n")
            self.path("disk/pages/docs__p01.mdc").unlink()  # room for one page, not for an index
            with self.assertRaises(RemoteError) as caught:
                daemon.sync()
            self.assertIn("the index cannot be written: No space left", caught.exception.message)
            self.assertIn("index.jsonl: No space left on device", " ".join(daemon.status()["degraded"]))
            self.path("disk/filler").unlink()
            self.await_no_failures(daemon)
            daemon.sync()
            self.assert_mirrors("disk/pages")

    def test_full_at_the_start(self):
        self.make()
        self.mount("size=2m")
        with self.daemon(self.source("docs", "disk/pages")) as daemon:
            daemon.sync()
        self.fill()
        self.write("docs/p07.md", "# Changed\n\n" + "word " * 900 + "\n")
        with self.daemon(self.source("docs", "disk/pages")) as daemon:
            daemon.call("failures")  # waits until it was tried
            self.path("disk/filler").unlink()
            self.await_no_failures(daemon)
            daemon.sync()
            self.assert_mirrors("disk/pages")

    def test_read_only_at_the_start(self):
        self.make()
        self.mount("size=2m")
        self.remount("ro")
        with self.daemon(self.source("docs", "disk/pages")) as daemon:
            self.assertEqual(daemon.call("failures")["total"], 0)
            source = daemon.source("docs")
            self.assertEqual(source["state"], "failed")
            self.assertEqual(daemon.metrics()["sources"], 1)
            self.assertEqual(daemon.sync()["failed"],
                             [{"source": "docs", "path": "", "error": source["detail"]}])
            self.assertIn("Read-only file system", source["detail"])
            self.remount("rw")
            daemon.call("reload")
            daemon.sync()
            self.assert_mirrors("disk/pages")


class Directory(Disk):
    def test_output_removed_while_running(self):
        self.make()
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            shutil.rmtree(self.path("pages"))
            self.write("docs/p05.md", "# Small\n")
            daemon.wait_said("was removed: making it anew")
            daemon.sync()
            self.await_no_failures(daemon)
            self.assert_mirrors("pages")
            shutil.rmtree(self.path("pages/.contextor"))
            self.write("docs/p05.md", "# Smaller\n")
            while "Smaller" not in self.read("pages/docs__p05.mdc"):
                time.sleep(0.05)
            daemon.sync()
            self.assert_mirrors("pages")


@unittest.skipUnless(os.geteuid() == 0, "needs root, to become another user")
class Permission(Disk):
    def nobodys(self, *arguments):
        """A daemon of nobody's, in a place of nobody's."""
        for top, _, names in os.walk(self.place):
            for name in [".", *names]:
                os.chown(os.path.join(top, name), NOBODY, NOBODY)
        wrap = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        return self.daemon(self.source("docs", "pages"), wrap=wrap)

    def test_output_that_may_not_be_written_for_a_while(self):
        self.make()
        with self.nobodys() as daemon:
            daemon.sync()
            before = self.tree("pages")
            self.path("pages").chmod(0o555)
            self.write("docs/p03.md", "# Small\n")
            self.path("docs/p04.md").unlink()
            failed = daemon.sync(index=False)["failed"]
            self.assertEqual({f["path"] for f in failed}, {"p03.md", "p04.md"})
            for failure in failed:
                self.assertIn("Permission denied; make it writable for this user", failure["error"])
            self.assertEqual(self.tree("pages"), before)
            self.path("pages").chmod(0o755)
            self.await_no_failures(daemon)
            daemon.sync()
            self.assert_mirrors("pages")
            self.assert_nothing_half_written("pages")

    def test_files_that_may_not_be_read(self):
        self.make()
        self.path("docs/p01.md").chmod(0)
        shutil.copytree(self.path("docs"), self.path("docs/deep"))
        self.path("docs/deep").chmod(0)
        with self.nobodys() as daemon:
            failed = daemon.sync()["failed"]
            self.assertEqual([f["path"] for f in failed], ["p01.md"])
            self.assertIn("p01.md: cannot be read: give this user permission", failed[0]["error"])
            self.assertEqual(len(self.index("pages")), 39)
            self.path("docs/p01.md").chmod(0o644)
            self.path("docs/deep").chmod(0o755)
            while len(self.index("pages")) < 79:
                time.sleep(0.05)
            self.path("docs/deep/p01.md").chmod(0o644)
            self.await_no_failures(daemon)
            self.assertEqual(daemon.sync()["failed"], [])
            self.assertEqual(len(self.index("pages")), 80)


if __name__ == "__main__":
    main()
