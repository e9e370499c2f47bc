# labels: threads
"""Names that torture: whatever the kernel takes as a name is a document's name, byte for byte."""

import base64
import os
import shutil
import unittest

from daemon import main
from watching import Watching

NOBODY = 65534
# Below 4096 with the NUL, which no path given to the kernel may reach.
PATH_MAX = 4096


class Names(Watching):
    def setUp(self):
        super().setUp()
        self.path("docs").mkdir()

    def docs(self, name):
        """The path of an entry below the root, by bytes."""
        return os.fsencode(self.path("docs")) + b"/" + name

    def make(self, name, text="# Document\n"):
        path = self.docs(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def index_paths(self):
        """The paths of the index, by bytes."""
        return sorted(
            base64.b64decode(entry["path_b64"]) if "path_b64" in entry else entry["path"].encode()
            for entry in self.index("pages")
        )

    NAMES = (
        b"new\nline.md",
        b"tab\tand \x01 control.md",
        b"\"double\" and 'single'.md",
        b"back\\slash \\n.md",
        b"  spaces  .md",
        b"-rf.md",
        b"$(touch pwned) `x` ; & | * ? [a].md",
        b"{{braces}} <T> #hash %41.md",
        "Umläute, \u65e5\u672c\u8a9e, \U0001f600, e\u0301.md".encode(),
        b"invalid \xff\xfe utf-8.md",
        b"overlong \xc0\xaf \xed\xa0\x80.md",
        b"n" * 252 + b".md",
        b"\xe6\x97\xa5" * 84 + b".md",
        b"dir\nwith newline/\xc0\"/doc.md",
        b".hidden/.md/.md",
        b"foo.md/inner.md",
    )

    def test_each_is_mirrored_live(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=len(self.NAMES), errors=0):
                for name in self.NAMES:
                    self.make(name)
            self.assertEqual(self.index_paths(), sorted(self.NAMES))
            self.assert_mirrors()
            with self.comes_to(daemon, processed=len(self.NAMES), errors=0, removed=0):
                for name in self.NAMES:
                    self.make(name, "# Edited\n")
            self.assert_mirrors()
            with self.comes_to(daemon, removed=len(self.NAMES), errors=0):
                for name in self.NAMES:
                    os.unlink(self.docs(name))
            self.assertEqual(self.index_paths(), [])
            self.assert_mirrors()

    def test_each_is_known_after_a_restart(self):
        for name in self.NAMES:
            self.make(name)
        config = self.configure(self.source("docs", "pages"))
        with self.daemon(config) as daemon:
            daemon.sync()
            self.assert_mirrors()
        with self.daemon(config) as daemon:
            daemon.sync()
            self.assertEqual(daemon.metrics()["processed_total"], 0)
            self.assertEqual(self.index_paths(), sorted(self.NAMES))

    def test_each_can_be_asked_for(self):
        """By path, or by path_b64 where it is no UTF-8; and events tell of it the same way."""
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written")
            for name in self.NAMES:
                self.make(name)
                event = client.event()
                told = base64.b64decode(event["path_b64"]) if "path_b64" in event else event["path"].encode()
                self.assertEqual(told, name)
                asked = {"path_b64": base64.b64encode(name).decode()}
                (why,) = daemon.call("why", source="docs", **asked)["results"]
                self.assertEqual((why["verdict"], why["seen"]), ("document", "watched"), name)
                self.assertEqual(daemon.call("rebuild", source="docs", **asked)["queued"], 1)
            daemon.sync()
            self.assert_mirrors()

    def test_the_command_line_shows_each_on_lines_of_its_own(self):
        for name in self.NAMES:
            self.make(name)
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            for name in self.NAMES:
                result = self.contextor("why", "--socket", daemon.socket, os.fsdecode(self.docs(name)))
                self.assertEqual(result.status, 0, result.err)
                self.assertNotIn("\x01", result.out)
                self.assertNotIn("new\nline", result.out)

    def test_a_root_and_an_output_with_such_names(self):
        root = "new\nline/\"quoted\" %s {x} [y] * \u65e5\u672c/docs.md"
        self.write(root + "/d/doc.md", "# Doc\n")
        output = "out\nput %d \u00fc.md"
        with self.daemon(self.config(self.source(root, output))) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=2, errors=0):
                self.write(root + "/d/doc.md", "# Doc, edited\n")
                self.write(root + "/new/doc.md", "# New\n")
            self.assert_mirrors(output)
            os.rename(self.path(root), self.path("away"))
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "root_missing")
            os.rename(self.path("away"), self.path(root))
            daemon.sync()
            self.assert_mirrors(output)

    def test_a_directory_with_a_documents_name(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=1, errors=0):
                self.make(b"foo.md/inner.md")
            with self.comes_to(daemon, processed=1, removed=1, errors=0):
                shutil.rmtree(self.docs(b"foo.md"))
                self.make(b"foo.md", "# A file now\n")
            self.assertEqual(self.index_paths(), [b"foo.md"])
            with self.comes_to(daemon, processed=1, removed=1, errors=0):
                os.unlink(self.docs(b"foo.md"))
                self.make(b"foo.md/inner.md")
            self.assertEqual(self.index_paths(), [b"foo.md/inner.md"])
            self.assert_mirrors()


class Depth(Watching):
    def setUp(self):
        super().setUp()
        self.path("docs").mkdir()
        # shutil.rmtree recurses, and gives up; rm does neither.
        self.addCleanup(lambda: self.run_program("rm", "-rf", self.place))

    def go_down(self, names):
        """Makes directories one in the other, and returns a descriptor of the last."""
        fd = os.open(self.path("docs"), os.O_RDONLY)
        for name in names:
            os.mkdir(name, dir_fd=fd)
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
            os.close(fd)
            fd = below
        return fd

    def write_at(self, fd, name, text):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644, dir_fd=fd)
        os.write(file, text.encode())
        os.close(file)

    def names_to(self, length):
        """Directory names whose path below the root is so long that doc.md in it has that length."""
        left = length - len("/doc.md")
        names = []
        while left > 0:
            size = min(left, 255)
            if 0 < left - size < 2:
                size -= 2
            names.append("d" * size)
            left -= size + 1
        self.assertEqual(len("/".join(names + ["doc.md"])), length)
        return names

    def check(self, length):
        """A document whose path below the root is that long is mirrored, live and anew."""
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=1, errors=0):
                fd = self.go_down(self.names_to(length))
                self.write_at(fd, "doc.md", "# Deep\n")
            with self.comes_to(daemon, processed=1, errors=0):
                self.write_at(fd, "doc.md", "# Deep, edited\n")
            os.close(fd)
            (entry,) = self.index("pages")
            self.assertEqual(len(entry["path"]), length)
            self.assert_mirrors()

    def test_a_thousand_directories_deep(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=1, errors=0):
                fd = self.go_down(["d"] * 1000)
                self.write_at(fd, "doc.md", "# Deep\n")
            os.close(fd)
            self.assertEqual(daemon.source("docs")["watches"], 1001)
            self.assert_mirrors()
            os.rename(self.path("docs/d"), self.path("docs/e"))
            daemon.sync()
            self.assertTrue(self.paths()[0].startswith("e/d/d/"))
            self.assert_mirrors()

    def test_a_path_whose_absolute_form_is_just_below_the_limit(self):
        self.check(PATH_MAX - 1 - len(os.fsencode(self.path("docs"))) - 1)

    def test_a_path_whose_absolute_form_is_beyond_the_limit(self):
        """Below the root it fits; from / no system call would take it."""
        self.check(PATH_MAX - 10)

    def test_a_path_that_is_too_long_is_named_and_the_others_go_on(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            fd = self.go_down(["d" * 200] * 25)
            self.write_at(fd, "doc.md", "# Too deep\n")
            os.close(fd)
            self.write("docs/doc.md", "# Here\n")
            daemon.sync()
            self.assertEqual(self.paths(), ["doc.md"])
            self.assertIn("the path is too long", daemon.said())
            self.assertEqual(daemon.metrics()["errors_total"], 0)
            self.assertEqual(self.optimize_source(status=1).err.count("File name too long"), 1)
            self.assert_same_trees("pages", "cold")
            os.rename(self.path("docs") / ("d" * 200), self.path("gone"))
            # A directory that left is waited for, in case it only moved.
            self.until(lambda: daemon.source("docs")["watches"] == 1, daemon)


class Unreadable(Watching):
    """Permission bits, which root would not heed: the daemon is nobody, then."""

    def setUp(self):
        super().setUp()
        self.wrap = ()
        if os.geteuid() == 0:
            if not shutil.which("setpriv"):
                raise unittest.SkipTest("root heeds no permission bits, and there is no setpriv")
            self.wrap = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
            os.chown(self.place, NOBODY, NOBODY)
            self.path("pages").mkdir()
            os.chown(self.path("pages"), NOBODY, NOBODY)
        self.write("docs/good.md", "# Good\n")
        self.write("docs/d/doc.md", "# In a directory\n")
        os.chmod(self.write("docs/secret.md", "# Secret\n"), 0)

    def start(self, **watch):
        return self.daemon({"sources": [self.source("docs", "pages")], "watch": watch}, wrap=self.wrap)

    def assert_told(self, daemon, text, directories=1):
        """The status says that directories may not be read, and what to do."""
        source = daemon.source("docs")
        self.assertEqual((source["state"], source["unreadable_directories"]), ("degraded", directories))
        self.assertRegex(source["detail"], "^%s cannot be read: give this user permission" % text)
        self.assertIn("docs: " + source["detail"], daemon.status()["degraded"])

    def assert_untold(self, daemon):
        source = daemon.source("docs")
        self.assertEqual((source["state"], source["unreadable_directories"]), ("watching", 0))
        self.assertNotIn("detail", source)
        self.assertEqual(daemon.status()["degraded"], [])

    def assert_failed(self, daemon, *paths):
        failed = daemon.sync()["failed"]
        self.assertEqual(sorted(failure["path"] for failure in failed), sorted(paths))
        for failure in failed:
            self.assertIn("permission", failure["error"])

    def test_an_unreadable_file_is_told_and_comes_when_it_may_be_read(self):
        with self.start() as daemon:
            self.assert_failed(daemon, "secret.md")
            self.assertEqual(daemon.metrics()["errors_total"], 1)
            self.assertEqual(self.paths(), ["d/doc.md", "good.md"])
            client = self.subscriber(daemon, "written")
            os.chmod(self.path("docs/secret.md"), 0o644)
            self.assertEqual(client.event()["path"], "secret.md")  # by IN_ATTRIB: nothing was written
            self.assert_failed(daemon)
            self.assert_mirrors()

    def test_a_file_that_becomes_unreadable_keeps_its_page(self):
        with self.start() as daemon:
            self.assert_failed(daemon, "secret.md")
            os.chmod(self.path("docs/secret.md"), 0o644)
            self.assert_failed(daemon)
            before = self.stamps("pages")
            self.write("docs/secret.md", "# Secret, edited\n")
            os.chmod(self.path("docs/secret.md"), 0)
            self.assert_failed(daemon, "secret.md")
            self.assertEqual({k: v for k, v in self.stamps("pages").items() if k != "index.jsonl"},
                             {k: v for k, v in before.items() if k != "index.jsonl"})
            self.assertIn("# Secret", self.page_text("secret.md"))
            os.chmod(self.path("docs/secret.md"), 0o644)
            self.assert_failed(daemon)
            self.assert_mirrors()

    def test_a_directory_that_becomes_unreadable_keeps_its_pages(self):
        with self.start(poll_interval_ms=50) as daemon:
            self.assert_failed(daemon, "secret.md")
            os.chmod(self.path("docs/d"), 0)
            daemon.call("rebuild", source="docs")
            self.write("docs/.ignore", "# a reason to read all again\n")
            daemon.sync()
            self.assertIn("d/doc.md", self.paths())
            self.assertIn("d: Permission denied", daemon.said())
            self.assert_told(daemon, "d")
            os.chmod(self.path("docs/d"), 0o755)
            self.write("docs/d/new.md", "# New\n")
            os.chmod(self.path("docs/secret.md"), 0o644)
            self.assert_failed(daemon)
            self.assertIn("d/new.md", self.paths())
            self.assert_untold(daemon)
            self.assert_mirrors()

    def test_a_directory_that_was_unreadable_from_the_start(self):
        os.chmod(self.path("docs/d"), 0)
        with self.start() as daemon:
            self.assert_failed(daemon, "secret.md")
            self.assertEqual(self.paths(), ["good.md"])
            self.assert_told(daemon, "d")
            os.chmod(self.path("docs/d"), 0o755)
            os.chmod(self.path("docs/secret.md"), 0o644)
            self.assert_failed(daemon)
            self.assertEqual(self.paths(), ["d/doc.md", "good.md", "secret.md"])
            self.assert_untold(daemon)
            self.assert_mirrors()

    def test_unreadable_directories_are_told_while_they_are(self):
        """Each is told at once, by the change of its mode; and no more when it can be read, or is gone."""
        os.chmod(self.path("docs/secret.md"), 0o644)
        self.write("docs/d/e/deep.md", "# Deep\n")
        self.write("docs/f/doc.md", "# Doc\n")
        os.symlink(self.path("hidden/far.md"), self.path("docs/f/link.md"))
        self.write("hidden/far.md", "# Far\n")
        os.chmod(self.path("hidden"), 0)
        with self.start() as daemon:
            daemon.sync()
            self.assert_untold(daemon)
            os.chmod(self.path("docs/d/e"), 0o444)  # listed it may be, but not entered
            daemon.sync()
            self.assert_told(daemon, "d/e")
            self.assertEqual([(self.why(daemon, path)["verdict"], self.why(daemon, path)["seen"])
                              for path in ("d/e", "d/e/deep.md", "d/e/none.md", "d", "d/none.md")],
                             [("directory", "unreadable"), ("document", "unreadable"),
                              ("missing", "unreadable"), ("directory", "watched"), ("missing", "missing")])
            os.chmod(self.path("docs/f"), 0)
            daemon.sync()
            self.assert_told(daemon, "(d/e|f) and other directories", 2)
            os.chmod(self.path("docs/d/e"), 0o755)
            daemon.sync()
            self.assert_told(daemon, "f")
            os.rename(self.path("docs/f"), self.path("gone"))
            self.until(lambda: daemon.source("docs")["state"] == "watching", daemon)
            self.assert_untold(daemon)
            self.assertEqual(daemon.said().count("cannot be read: give"), 3, daemon.said())
            daemon.sync()
            self.assert_mirrors()


if __name__ == "__main__":
    main()
