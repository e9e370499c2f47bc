# labels: threads
"""Ignore rules, live: what they take away is unwatched, what they give back is watched and built."""

import os
import shutil
import threading
import unittest

from daemon import main
from watching import Watching, kernel_watches

RECONCILES = 200


class Ignore(Watching):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n")
        self.write("docs/b.md", "# B\n")
        self.write("docs/keep/doc.md", "# Keep\n")
        self.write("docs/skip/doc.md", "# Skip\n")
        self.write("docs/skip/deep/er/doc.md", "# Skip deeper\n")

    ALL = ["a.md", "b.md", "keep/doc.md", "skip/deep/er/doc.md", "skip/doc.md"]
    DIRECTORIES = 5  # the root, keep, skip, deep, er

    def start(self, **more):
        return self.daemon({"sources": [self.source("docs", "pages", **more)]})

    def assert_has(self, daemon, paths, watches):
        """Those documents, that many watches, by the kernel's account too, and a cold build's bytes."""
        self.assertEqual(self.paths(), sorted(paths))
        self.assertEqual(daemon.source("docs")["watches"], watches)
        self.assert_mirrors()


class Live(Ignore):
    def check(self, name, rule):
        """A rule for a directory, set and taken back."""
        with self.start() as daemon:
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)
            before = len(kernel_watches(daemon))
            with self.comes_to(daemon, processed=0, removed=2, errors=0):
                self.write("docs/" + name, rule + "\n")
            self.assert_has(daemon, ["a.md", "b.md", "keep/doc.md"], self.DIRECTORIES - 3)
            self.assertEqual(len(kernel_watches(daemon)), before - 3)
            why = self.why(daemon, "skip/doc.md")
            self.assertEqual((why["verdict"], why["seen"]), ("ignored", "ignored"))
            self.assertEqual((why["reason"]["file"], why["reason"]["line"]), (name, 1))
            events = daemon.metrics()["events_total"]
            self.write("docs/skip/doc.md", "# Skip, edited unseen\n")
            daemon.sync()
            self.assertLessEqual(daemon.metrics()["events_total"], events + 2)  # sync's cookie alone
            with self.comes_to(daemon, processed=2, removed=0, errors=0):
                os.unlink(self.path("docs/" + name))
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)
            self.assertEqual(len(kernel_watches(daemon)), before)
            self.assertIn("edited unseen", self.page_text("skip/doc.md"))
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/skip/deep/er/doc.md", "# Skip deeper, edited\n")

    def test_gitignore(self):
        self.check(".gitignore", "/skip/")

    def test_ignore(self):
        self.check(".ignore", "skip")

    def test_contextorignore(self):
        self.check(".contextorignore", "ski*")

    def test_it_acts_without_sync(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "removed", "written")
            self.write("docs/.gitignore", "b.md\n")
            self.assertEqual(client.event("removed")["path"], "b.md")
            self.write("docs/.gitignore", "\n")
            self.assertEqual(client.event("written")["path"], "b.md")

    def test_every_way_of_editing_a_rule(self):
        """In place, by rename in, by rename away, by a link, by a new directory that brings its own."""
        with self.start() as daemon:
            daemon.sync()
            rest = [path for path in self.ALL if path != "b.md"]
            self.write("rules", "b.md\n")
            self.write("docs/.gitignore", "b.md\n")
            daemon.sync()
            self.assert_has(daemon, rest, self.DIRECTORIES)
            self.write("docs/.gitignore", "# b.md\n")
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)
            self.replace("docs/.gitignore", "b.md\n")
            daemon.sync()
            self.assert_has(daemon, rest, self.DIRECTORIES)
            os.rename(self.path("docs/.gitignore"), self.path("docs/gitignore.bak"))
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)
            os.link(self.path("rules"), self.path("docs/.contextorignore"))
            daemon.sync()
            self.assert_has(daemon, rest, self.DIRECTORIES)
            self.write("docs/.contextorignore", "")
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)
            self.write("new/.ignore", "hidden.md\n")
            self.write("new/hidden.md", "# Hidden\n")
            self.write("new/shown.md", "# Shown\n")
            os.rename(self.path("new"), self.path("docs/new"))
            daemon.sync()
            self.assert_has(daemon, self.ALL + ["new/shown.md"], self.DIRECTORIES + 1)

    def test_nested_and_negated(self):
        with self.start() as daemon:
            daemon.sync()
            self.write("docs/.gitignore", "doc.md\n")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md"], self.DIRECTORIES)
            self.write("docs/skip/.gitignore", "!doc.md\n")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "skip/deep/er/doc.md", "skip/doc.md"], self.DIRECTORIES)
            self.write("docs/skip/deep/.gitignore", "doc.md\n")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "skip/doc.md"], self.DIRECTORIES)
            self.write("docs/skip/deep/er/.contextorignore", "!/doc.md\n")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "skip/deep/er/doc.md", "skip/doc.md"], self.DIRECTORIES)
            self.write("docs/.gitignore", "doc.md\nskip/\n")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md"], self.DIRECTORIES - 3)

    def test_which_file_wins_in_one_directory(self):
        with self.start() as daemon:
            daemon.sync()
            self.write("docs/.gitignore", "b.md\n")
            self.write("docs/.ignore", "!b.md\n")
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)
            self.write("docs/.contextorignore", "b.md\n")
            daemon.sync()
            self.assert_has(daemon, [path for path in self.ALL if path != "b.md"], self.DIRECTORIES)
            self.assertEqual(self.why(daemon, "b.md")["reason"]["rule"], "contextorignore")

    def test_rules_above_the_root_do_not_count(self):
        self.write(".gitignore", "*.md\n")
        self.write("docs/.git/HEAD", "ref: refs/heads/main\n")
        with self.start() as daemon:
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)

    def test_force_include_wins(self):
        with self.start(force_include=["skip/deep/**/*.md"], exclude=["b.md"]) as daemon:
            daemon.sync()
            rest = [path for path in self.ALL if path != "b.md"]
            self.assert_has(daemon, rest, self.DIRECTORIES)
            with self.comes_to(daemon, removed=1, errors=0):
                self.write("docs/.gitignore", "skip/\n")
            self.assert_has(daemon, ["a.md", "keep/doc.md", "skip/deep/er/doc.md"], self.DIRECTORIES)
            self.assertEqual(self.why(daemon, "skip/deep/er/doc.md")["reason"]["rule"], "force_include")
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/skip/deep/er/doc.md", "# Forced, edited\n")
            with self.comes_to(daemon, processed=0, errors=0):
                self.write("docs/skip/doc.md", "# Not forced, edited\n")
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/skip/deep/new/doc.md", "# Forced, new\n")
            self.assert_mirrors()

    def test_what_is_never_entered(self):
        for folder in (".git", "node_modules", "x/node_modules"):
            self.write("docs/%s/doc.md" % folder, "# Never\n")
        with self.start(force_include=["**/doc.md"]) as daemon:
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES + 1)
            with self.comes_to(daemon, processed=0, errors=0):
                self.write("docs/node_modules/doc.md", "# Never, edited\n")
                self.write("docs/keep/node_modules/p/doc.md", "# Never, new\n")
            self.assert_has(daemon, self.ALL, self.DIRECTORIES + 1)

    def test_a_rule_for_a_tree_that_is_being_made(self):
        """The rule comes in the middle of a thousand files, and goes again."""
        with self.start() as daemon:
            daemon.sync()
            for number in range(1000):
                self.write("docs/skip/n%03d/doc.md" % number, "# %d\n" % number)
                if number == 500:
                    self.write("docs/.gitignore", "skip/\n")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "keep/doc.md"], self.DIRECTORIES - 3)
            os.unlink(self.path("docs/.gitignore"))
            daemon.sync()
            self.assertEqual(len(self.paths()), len(self.ALL) + 1000)
            self.assertEqual(daemon.source("docs")["watches"], self.DIRECTORIES + 1000)
            self.assert_mirrors()

    def test_moved_out_of_what_is_ignored_and_into_it(self):
        self.write("docs/.gitignore", "skip/\n")
        with self.start() as daemon:
            daemon.sync()
            os.rename(self.path("docs/skip"), self.path("docs/shown"))
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "keep/doc.md", "shown/deep/er/doc.md", "shown/doc.md"], 5)
            os.rename(self.path("docs/shown/deep"), self.path("docs/deep"))
            os.rename(self.path("docs/shown"), self.path("docs/skip"))
            daemon.sync()
            self.assertEqual(self.paths(), ["a.md", "b.md", "deep/er/doc.md", "keep/doc.md"])
            self.until(lambda: daemon.source("docs")["watches"] == 4, daemon)
            self.assert_mirrors()


class Repository(Ignore):
    """In a work tree, git's own files count: .git/info/exclude, and the user's ignore file."""

    def setUp(self):
        super().setUp()
        if not shutil.which("git"):
            raise unittest.SkipTest("git is not installed")
        self.run_program("git", "init", "-q", self.path("docs"), status=0)

    def without(self, path):
        return [other for other in self.ALL if other != path]

    def test_info_exclude(self):
        self.write("docs/.git/info/exclude", "skip/\n")
        with self.start() as daemon:
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "keep/doc.md"], self.DIRECTORIES - 3)
            self.assertEqual(self.why(daemon, "skip/doc.md")["reason"]["rule"], "info/exclude")
            self.write("docs/.gitignore", "!skip/\n")
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)

    def test_edits_of_info_exclude_act_by_themselves(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "removed", "written")
            self.write("docs/.git/info/exclude", "b.md\n")
            self.assertEqual(client.event("removed")["path"], "b.md")
            self.replace("docs/.git/info/exclude", "a.md\n")
            heard = {(e["event"], e["path"]) for e in (client.event(), client.event())}
            self.assertEqual(heard, {("removed", "a.md"), ("written", "b.md")})
            os.unlink(self.path("docs/.git/info/exclude"))
            self.assertEqual(client.event("written")["path"], "a.md")
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)

    def test_the_users_ignore_file(self):
        self.write("home/.config/git/ignore", "b.md\n")
        with self.start() as daemon:
            daemon.sync()
            self.assert_has(daemon, self.without("b.md"), self.DIRECTORIES)
            client = self.subscriber(daemon, "removed", "written")
            self.write("home/.config/git/ignore", "skip/\n")
            self.assertEqual(client.event("written")["path"], "b.md")
            daemon.sync()
            self.assert_has(daemon, ["a.md", "b.md", "keep/doc.md"], self.DIRECTORIES - 3)
            os.unlink(self.path("home/.config/git/ignore"))
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)

    def test_which_file_that_is_may_change(self):
        """By the user's configuration: the next sync sees it; by the repository's: at once."""
        self.write("mine", "a.md\n")
        self.write("ours", "b.md\n")
        with self.start() as daemon:
            daemon.sync()
            self.write("home/.gitconfig", "[core]\n\texcludesFile = %s\n" % self.path("mine"))
            daemon.sync()
            self.assert_has(daemon, self.without("a.md"), self.DIRECTORIES)
            client = self.subscriber(daemon, "removed")
            self.run_program("git", "-C", self.path("docs"), "config", "core.excludesFile",
                             self.path("ours"), status=0)
            self.assertEqual(client.event()["path"], "b.md")
            daemon.sync()
            self.assert_has(daemon, self.without("b.md"), self.DIRECTORIES)
            client = self.subscriber(daemon, "written")
            self.write("ours", "# none\n")
            self.assertEqual(client.event()["path"], "b.md")
            daemon.sync()
            self.assert_has(daemon, self.ALL, self.DIRECTORIES)

    def test_a_user_without_one_makes_one(self):
        """There is no folder to be watched for it: sync finds it, and so does a reload."""
        with self.start() as daemon:
            daemon.sync()
            self.write("home/.config/git/ignore", "b.md\n")
            daemon.sync()
            self.assert_has(daemon, self.without("b.md"), self.DIRECTORIES)
            client = self.subscriber(daemon, "removed")
            self.write("home/.gitconfig", "[core]\n\texcludesFile = ~/mine\n")
            self.write("home/mine", "a.md\n")
            daemon.call("reload")
            self.assertEqual(client.event()["path"], "a.md")
            daemon.sync()
            self.assert_has(daemon, self.without("a.md"), self.DIRECTORIES)


class Temporary(Watching):
    def test_configuration_extends_the_table(self):
        self.write("docs/doc.md", "# Doc\n")
        source = self.source("docs", "pages", include=["**/*"], force_include=["draft-*"])
        config = {"sources": [source], "watch": {"ignore_temporary": ["draft-*", "/tmp-*/*.part"]}}
        with self.daemon(config) as daemon:
            daemon.sync()
            with self.comes_to(daemon, processed=1, errors=0):
                self.write("docs/draft-1.md", "# Draft\n")
                self.write("docs/tmp-x/doc.part", "# Part\n")
                self.write("docs/tmp-x/doc.whole", "# Whole\n")
            self.assertEqual(self.paths(), ["doc.md", "tmp-x/doc.whole"])
            why = self.why(daemon, "draft-1.md")
            self.assertEqual((why["verdict"], why["reason"]["rule"], why["reason"]["pattern"]),
                             ("ignored", "temporary", "draft-*"))
            with self.comes_to(daemon, processed=1, removed=0, errors=0):
                os.rename(self.path("docs/draft-1.md"), self.path("docs/doc.md"))
            self.assert_mirrors()

    def test_a_pattern_that_cannot_be_read_is_refused(self):
        config = self.configure({"sources": [self.source("docs", "pages")],
                                 "watch": {"ignore_temporary": ["[x"]}})
        result = self.contextor("check-config", config, status=2)
        self.assertIn("ignore_temporary", result.err + result.out)


class Flapping(Watching):
    def test_a_file_that_flaps_during_reconciles(self):
        """Acceptance test 24: vim's probe comes and goes in d while all is read, again and again."""
        self.write("docs/d/doc.md", "# Doc\n")
        self.write("docs/d/sub/doc.md", "# Sub\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            over = threading.Event()
            flaps = [0]

            def flap():
                path = self.path("docs/d/4913")
                folder = self.path("docs/d/flap")
                while not over.is_set():
                    path.touch()
                    folder.mkdir()
                    path.unlink()
                    folder.rmdir()
                    flaps[0] += 1

            flapper = threading.Thread(target=flap)
            flapper.start()
            self.addCleanup(flapper.join)
            self.addCleanup(over.set)
            before = daemon.metrics()
            for number in range(RECONCILES):
                self.write("docs/.ignore", "# reconcile %d\n" % number)
                daemon.sync()
                self.assertLessEqual(3, daemon.source("docs")["watches"])
            over.set()
            flapper.join()
            self.assertGreater(flaps[0], RECONCILES)
            daemon.sync()
            after = daemon.metrics()
            self.assertEqual(after["processed_total"], before["processed_total"])
            self.assertEqual(after["removed_total"], 0)
            self.assertEqual(daemon.source("docs")["watches"], 3)
            self.assertEqual(daemon.source("docs")["state"], "watching")
            self.assertEqual(self.complaints(daemon), [])
            with self.comes_to(daemon, processed=2, errors=0):
                self.write("docs/d/doc.md", "# Doc, edited\n")
                self.write("docs/d/sub/doc.md", "# Sub, edited\n")
            self.assert_mirrors()


if __name__ == "__main__":
    main()
