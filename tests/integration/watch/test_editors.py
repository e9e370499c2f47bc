# labels: threads
"""Editors and the dances they save by: each save is one transform, and leaves no other trace."""

import os
import shutil
import subprocess
import time
import unittest

from daemon import PATIENCE, main
from watching import Watching

# What each program does to save doc.md, as strace(1) shows it: (step, arguments). A write goes
# through open, write and close; {text} is the content; in `truncate` the file is empty for a while.
TRACES = {
    "emacs, backup by renaming": [
        ("symlink", "writer@host.4711:1700000000", ".#doc.md"),
        ("write", "#doc.md#"),
        ("rename", "doc.md", "doc.md~"),
        ("write", "doc.md"),
        ("chmod", "doc.md"),
        ("unlink", "#doc.md#"),
        ("unlink", ".#doc.md"),
    ],
    "emacs, backup by copying": [
        ("symlink", "writer@host.4711:1700000000", ".#doc.md"),
        ("write", "doc.md~"),
        ("truncate", "doc.md"),
        ("chmod", "doc.md"),
        ("unlink", ".#doc.md"),
    ],
    "jetbrains": [
        ("write", "doc.md___jb_tmp___"),
        ("rename", "doc.md", "doc.md___jb_old___"),
        ("rename", "doc.md___jb_tmp___", "doc.md"),
        ("unlink", "doc.md___jb_old___"),
    ],
    "gedit": [
        ("write", ".goutputstream-7QKX41"),
        ("chmod", ".goutputstream-7QKX41"),
        ("rename", ".goutputstream-7QKX41", "doc.md"),
    ],
    "gedit, with a backup": [
        ("write", ".goutputstream-9AB2Z0"),
        ("link", "doc.md", "doc.md~"),
        ("rename", ".goutputstream-9AB2Z0", "doc.md"),
    ],
    "helix": [
        ("rename", "doc.md", "doc.mdq3VxZk.bck"),
        ("write", "doc.md"),
        ("unlink", "doc.mdq3VxZk.bck"),
    ],
    "vscode": [("truncate", "doc.md")],
    "nano": [
        ("write", ".doc.md.swp"),
        ("truncate", "doc.md"),
        ("unlink", ".doc.md.swp"),
    ],
    "kate": [
        ("write", ".doc.md.kate-swp"),
        ("write", "doc.md.kXw2Zq"),
        ("chmod", "doc.md.kXw2Zq"),
        ("rename", "doc.md.kXw2Zq", "doc.md"),
        ("unlink", ".doc.md.kate-swp"),
    ],
    "sed -i": [
        ("write", "sedq8Vf2L"),
        ("chmod", "sedq8Vf2L"),
        ("rename", "sedq8Vf2L", "doc.md"),
    ],
    "rsync": [
        ("write", ".doc.md.h4Gt9x"),
        ("chmod", ".doc.md.h4Gt9x"),
        ("rename", ".doc.md.h4Gt9x", "doc.md"),
    ],
    "the shell": [("truncate", "doc.md")],
}


class Editors(Watching):
    """Every file is a document here, but what the table of editors' temporary files keeps out."""

    # Of kate's QSaveFile: doc.md.XXXXXX could be a document's name, so the table does not have it.
    # Graces that a dance on a busy machine does not outlast.
    watch = {"ignore_temporary": ["*.md.??????"], "delete_grace_ms": 3000, "settle_ms": 1000}

    def start(self):
        self.write("docs/doc.md", "# Doc\n\nAs it was.\n")
        return self.daemon(self.config(self.source("docs", "pages", include=["**/*"]), **self.watch))

    def assert_one_save(self, daemon, client, text):
        """Since the last time doc.md was written once, and nothing else happened."""
        daemon.sync()
        self.assertEqual(self.heard(client), [("written", "doc.md")], daemon.said())
        self.assertEqual(self.paths(), ["doc.md"])
        self.assertIn(text, self.page_text("doc.md"))


class Vim(Editors):
    SETTINGS = "backupskip= directory=. swapfile undofile updatecount=1"

    @classmethod
    def setUpClass(cls):
        if not shutil.which("vim"):
            raise unittest.SkipTest("vim is not installed")

    def vim(self, settings, *commands):
        """Edits doc.md; the swap file's name comes back, as proof that there was one."""
        words = ["vim", "--not-a-term", "-N", "-u", "NONE", "-i", "NONE"]
        words += ["--cmd", "set %s %s" % (self.SETTINGS, settings)]
        for command in commands:
            words += ["-c", command]
        swap = self.path("swap")
        words += ["-c", "call writefile([swapname('%%')], '%s')" % swap, "-c", "wq", "doc.md"]
        environment = self.environment({"TERM": "dumb"})
        subprocess.run(
            words, cwd=self.path("docs"), env=environment, timeout=PATIENCE, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        return swap.read_text().strip()

    def check(self, settings):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            for number in range(5):
                text = "Line %d of vim." % number
                with self.comes_to(daemon, processed=1, written=1, removed=0, errors=0):
                    swap = self.vim(settings, "normal Go" + text)
                    self.assertTrue(swap.endswith(".doc.md.swp"), swap)
                self.assert_one_save(daemon, client, text)
            self.assertTrue(self.path("docs/.doc.md.un~").exists())
            self.assert_mirrors()

    def test_backupcopy_auto(self):
        self.check("backupcopy=auto")

    def test_backupcopy_no(self):
        self.check("backupcopy=no")

    def test_backupcopy_yes(self):
        self.check("backupcopy=yes")

    def test_backups_that_are_kept(self):
        self.check("backup backupcopy=auto")
        self.assertTrue(self.path("docs/doc.md~").exists())

    def test_no_backup_at_all(self):
        self.check("nowritebackup")

    def test_several_writes_in_one_session(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            self.vim("backupcopy=auto", "normal GoFirst.", "w", "normal GoSecond.", "w", "normal GoThird.")
            daemon.sync()
            heard = self.heard(client)
            self.assertLessEqual(len(heard), 3)
            self.assertEqual(set(heard), {("written", "doc.md")})
            self.assertIn("Third.", self.page_text("doc.md"))
            self.assert_mirrors()

    def test_a_probe_for_a_writable_directory_is_no_document(self):
        """vim makes and unlinks 4913, or 123 more where that is taken, before it saves."""
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            for name in ("4913", "5036", "5159"):
                self.write("docs/" + name, "left behind")
            daemon.sync()
            self.assertEqual(self.heard(client), [])
            self.vim("backupcopy=auto", "normal GoBeside a probe.")
            self.assert_one_save(daemon, client, "Beside a probe.")


class Traces(Editors):
    def play(self, trace, text):
        """Does what a trace says, as fast as it goes."""
        at = lambda name: self.path("docs") / name
        steps = {
            "write": lambda name: at(name).write_text(text),
            "truncate": lambda name: self.truncate(at(name), text),
            "rename": lambda old, new: os.rename(at(old), at(new)),
            "link": lambda old, new: os.link(at(old), at(new)),
            "symlink": lambda target, name: os.symlink(target, at(name)),
            "chmod": lambda name: os.chmod(at(name), 0o644),
            "unlink": lambda name: os.unlink(at(name)),
        }
        for step, *arguments in trace:
            steps[step](*arguments)
        at("doc.md~").unlink(missing_ok=True)

    def truncate(self, path, text):
        with open(path, "r+b", buffering=0) as file:
            file.truncate(0)
            file.write(text[:10].encode())
            file.write(text[10:].encode())
            os.fsync(file.fileno())

    def test_each_trace_is_one_transform(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            for name, trace in TRACES.items():
                for number in range(3):
                    with self.subTest(name, number=number):
                        text = "# Doc\n\nSave %d by %s.\n" % (number, name)
                        with self.comes_to(daemon, processed=1, written=1, removed=0, errors=0):
                            self.play(trace, text)
                        self.assert_one_save(daemon, client, "Save %d by %s." % (number, name))
                        self.assert_mirrors()
            self.assertEqual(self.complaints(daemon), [])

    def test_without_sync_too(self):
        """The save itself, not the barrier, brings the page; the graces pass by themselves."""
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            for name, trace in TRACES.items():
                with self.subTest(name):
                    self.play(trace, "# Doc\n\nBy %s.\n" % name)
                    event = client.event()
                    self.assertEqual((event["event"], event["path"]), ("written", "doc.md"))
                    self.assertIn("By %s." % name, self.page_now("doc.md"))
            self.until(lambda: daemon.status()["queue"]["held"] == 0, daemon)
            self.assertEqual(self.heard(client), [])

    def page_now(self, path):
        """A page by the slug it has always had, since the index follows later."""
        return self.read("pages/docs__%s.mdc" % path.removesuffix(".md"))

    def test_a_lock_of_emacs_that_leads_nowhere_says_nothing(self):
        with self.start() as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=0, errors=0, removed=0):
                os.symlink("writer@host.4711:1700000000", self.path("docs/.#doc.md"))
            os.unlink(self.path("docs/.#doc.md"))
            daemon.sync()
            self.assertNotIn(".#", daemon.said())
            self.assertEqual(self.complaints(daemon), [])
            self.assertEqual(self.paths(), ["doc.md"])

    def test_temporary_files_that_stay_are_no_documents(self):
        """A crash of an editor leaves them; they are there at the next start, too."""
        names = {new for trace in TRACES.values() for step, *_, new in trace if step != "unlink"}
        names = sorted(names - {"doc.md"})
        for name in names:
            self.write("docs/" + name, "# Temporary\n")
        with self.start() as daemon:
            daemon.sync()
            self.assertEqual(self.paths(), ["doc.md"])
            for name in names:
                self.write("docs/" + name, "# Temporary still\n")
                why = self.why(daemon, name)
                self.assertEqual((why["verdict"], why["reason"]["rule"]), ("ignored", "temporary"), name)
            daemon.sync()
            self.assertEqual(self.paths(), ["doc.md"])
            self.assert_mirrors()


class Programs(Editors):
    """The real ones, where they are installed."""

    def run_in_docs(self, *command):
        if not shutil.which(command[0]):
            self.skipTest(command[0] + " is not installed")
        self.run_program(*command, status=0, cwd=self.path("docs"))

    def check(self, text, *command):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            with self.comes_to(daemon, processed=1, written=1, removed=0, errors=0):
                self.run_in_docs(*command)
            self.assert_one_save(daemon, client, text)
            self.assert_mirrors()

    def test_sed_in_place(self):
        self.check("As it is.", "sed", "-i", "s/was/is/", "doc.md")

    def test_rsync(self):
        self.write("from/doc.md", "# Doc\n\nFrom elsewhere.\n")
        self.check("From elsewhere.", "rsync", "-a", "../from/", ".")

    def test_rsync_in_place(self):
        self.write("from/doc.md", "# Doc\n\nFrom elsewhere.\n")
        self.check("From elsewhere.", "rsync", "-a", "--inplace", "../from/", ".")

    def test_mv_over_the_document(self):
        self.write("new.md", "# Doc\n\nMoved in.\n")
        self.check("Moved in.", "mv", "../new.md", "doc.md")


class Truncation(Editors):
    def test_an_empty_instant_is_never_published(self):
        """Opened anew, emptied, closed, and filled a moment later: acceptance test 14."""
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            for number in range(20):
                text = "# Doc\n\nFill %d.\n" % number
                open(self.path("docs/doc.md"), "w").close()
                time.sleep(0.005)  # what the gap is about, not a wait for the daemon
                self.path("docs/doc.md").write_text(text)
                self.assertEqual(client.event()["event"], "written")
                self.assertIn("Fill %d." % number, self.read("pages/docs__doc.mdc"))
            daemon.sync()
            self.assertEqual(self.heard(client), [])
            self.assert_mirrors()

    def test_a_file_that_stays_empty_becomes_an_empty_page(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", "removed", "failed")
            open(self.path("docs/doc.md"), "w").close()
            self.assertEqual(client.event()["event"], "written")
            daemon.sync()
            self.assertEqual(self.heard(client), [])
            self.assertNotIn("As it was.", self.page_text("doc.md"))
            self.assert_mirrors()


if __name__ == "__main__":
    main()
