"""Whatever happens to a tree, after sync its pages are what a cold build makes of it: random operations, in
bursts without a pause, by inotify, by polling, and by a few watches that do not suffice.

A failure prints its seed; CONTEXTOR_TEST_SEED=N runs that one again. CONTEXTOR_TEST_OPERATIONS=400 makes
larger trees and longer bursts.
"""

import os
import random
import shutil
import subprocess
import sys
import unittest

from daemon import main
from watching import Watching, scaled

BURSTS = scaled(36, 6)
OPERATIONS = int(os.environ.get("CONTEXTOR_TEST_OPERATIONS", 60))
NAMES = ["a", "b", "c", "x", "y", "x__y", "Ab", "aB"]
RULES = ["a.md", "b/", "/x", "c*", "!a.md", "*.mdx", "**/y.md", "!b/", "x/**/a.md", "# nothing", ""]
WATCHES = "/proc/sys/user/max_inotify_watches"


class Tree:
    """A tree that random things happen to."""

    def __init__(self, case, seed, links):
        self.case = case
        self.random = random.Random(seed)
        self.root = str(case.path("docs"))
        self.outside = case.path("outside")
        self.number = 0
        self.operations = [
            (12, self.save), (6, self.save_by_rename), (4, self.save_as_vim), (6, self.unlink),
            (6, self.make_directories), (6, self.rename_file), (5, self.rename_directory),
            (3, self.remove_directory), (1, self.link_to_directory), (4, self.edit_rules), (2, self.move_out), (4, self.move_in),
            (2, self.touch), (2, self.exchange_directories), (1, self.file_for_directory),
            (1, self.copy_tree), (1, self.flicker),
        ]
        if links:
            self.operations += [(2, self.hard_link), (2, self.symbolic_link)]

    def happen(self, operations):
        weights = [weight for weight, _ in self.operations]
        for _, operation in self.random.choices(self.operations, weights, k=operations):
            try:
                operation()
            except (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError,
                    PermissionError, shutil.Error):
                pass  # something else has that name by now
            except OSError as error:
                if error.errno not in (16, 18, 22, 39, 40):  # EBUSY, EXDEV, EINVAL, ENOTEMPTY, ELOOP
                    raise

    def text(self):
        self.number += 1
        return "# Number %d\n\n%s\n" % (self.number, "word " * self.random.randrange(30))

    def name(self):
        return self.random.choice(NAMES) + self.random.choice([".md", ".md", ".md", ".mdx", ".txt"])

    def entries(self):
        directories, files = [self.root], []
        for folder, names, others in os.walk(self.root):
            directories += [os.path.join(folder, name) for name in names]
            files += [os.path.join(folder, name) for name in others]
        return [d for d in directories if not os.path.islink(d)], files

    def directory(self):
        return self.random.choice(self.entries()[0])

    def file(self):
        files = self.entries()[1]
        return self.random.choice(files) if files else os.path.join(self.root, "a.md")

    def new(self):
        return os.path.join(self.directory(), self.name())

    def write(self, path):
        with open(path, "w") as file:
            file.write(self.text())

    def save(self):
        self.write(self.random.choice([self.new(), self.file()]))

    def save_by_rename(self):
        path = self.new()
        self.write(path + ".tmp")
        os.rename(path + ".tmp", path)

    def save_as_vim(self):
        path = self.file()
        os.rename(path, path + "~")
        self.write(path)
        os.unlink(path + "~")

    def unlink(self):
        os.unlink(self.file())

    def make_directories(self):
        path = self.directory()
        for _ in range(self.random.randrange(1, 4)):
            path = os.path.join(path, self.random.choice(NAMES))
            os.makedirs(path, exist_ok=True)
            self.write(os.path.join(path, self.name()))

    def rename_file(self):
        os.rename(self.file(), self.new())

    def rename_directory(self):
        os.rename(self.directory(), os.path.join(self.directory(), self.random.choice(NAMES)))

    def exchange_directories(self):
        one, other = self.directory(), self.directory()
        if self.root in (one, other):
            return
        parked = self.case.path("parked")
        os.rename(one, parked)
        try:
            os.rename(other, one)
            os.rename(parked, other)
        except OSError:
            shutil.rmtree(parked)

    def remove_directory(self):
        directory = self.directory()
        if directory != self.root:
            shutil.rmtree(directory)

    def hard_link(self):
        os.link(self.file(), self.new(), follow_symlinks=False)

    def symbolic_link(self):
        os.symlink(self.random.choice(["a.md", "../b.md", "nowhere.md", self.file()]), self.new())

    def link_to_directory(self):
        os.symlink(self.directory(), os.path.join(self.directory(), self.random.choice(NAMES)))

    def edit_rules(self):
        name = self.random.choice([".gitignore", ".ignore", ".contextorignore"])
        path = os.path.join(self.directory(), name)
        if self.random.random() < 0.4:
            os.unlink(path)
        else:
            with open(path, "w") as file:
                file.write("\n".join(self.random.choices(RULES, k=self.random.randrange(1, 4))) + "\n")

    def move_out(self):
        directory = self.directory()
        if directory != self.root:
            self.number += 1
            os.rename(directory, self.outside / str(self.number))

    def move_in(self):
        away = sorted(self.outside.iterdir())
        if away:
            os.rename(self.random.choice(away), os.path.join(self.directory(), self.random.choice(NAMES)))

    def touch(self):
        os.utime(self.file())

    def file_for_directory(self):
        directory = self.directory()
        if directory != self.root:
            shutil.rmtree(directory)
            self.write(directory)
            if self.random.random() < 0.5:
                os.rename(directory, directory + ".md")

    def copy_tree(self):
        directory = self.directory()
        target = os.path.join(self.root, self.random.choice(NAMES))
        if not target.startswith(directory) and len(self.entries()[1]) < 300:
            shutil.copytree(directory, target, symlinks=True)

    def flicker(self):
        """The root is away for a moment, with a change in it."""
        away = self.case.path("away")
        os.rename(self.root, away)
        try:
            self.write(os.path.join(away, "a.md"))
        finally:
            os.rename(away, self.root)


class Random(Watching):
    """Without links to files: an edit through another name is what inotify does not tell of."""

    wrap = ()
    links = False

    def see_links(self):
        """Has what links lead to looked at, where that takes a walk."""

    def start(self):
        watch = {"poll_interval_ms": 50}
        return self.daemon(self.config(**watch), wrap=self.wrap)

    def test_pages_are_those_of_a_cold_build(self):
        seed = int(os.environ.get("CONTEXTOR_TEST_SEED", 0)) or random.randrange(1, 1 << 31)
        print("CONTEXTOR_TEST_SEED=%d" % seed, file=sys.stderr)
        self.path("docs").mkdir()
        self.path("outside").mkdir()
        tree = Tree(self, seed, self.links)
        tree.happen(OPERATIONS)
        with self.start() as daemon:
            for burst in range(BURSTS):
                with self.subTest(seed=seed, burst=burst):
                    tree.happen(OPERATIONS)
                    self.see_links()
                    self.assertEqual(daemon.sync()["failed"], [])
                    self.assert_mirrors()
            self.assertEqual(daemon.metrics()["errors_total"], 0)
            self.assertIn(daemon.source("docs")["state"], ("watching", "polling", "degraded"))


class RandomLinks(Random):
    links = True

    def see_links(self):
        self.write("docs/.contextorignore", "# All is read again.\n")


class RandomPolled(Random):
    poll = True
    links = True


class RandomLimited(Random):
    wrap = ["unshare", "--user", "--map-root-user", "sh", "-c", "echo 6 >%s && exec \"$@\"" % WATCHES, "sh"]

    @classmethod
    def setUpClass(cls):
        done = subprocess.run(cls.wrap + ["true"], capture_output=True)
        if done.returncode != 0:
            raise unittest.SkipTest("no user namespace with limits here: " + done.stderr.decode())


if __name__ == "__main__":
    main()
