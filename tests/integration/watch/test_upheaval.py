# labels: threads release
# timeout: 900
"""Anything at all, in any order: random operations on a tree, with and without the daemon looking on, and
after each batch the output is what a cold build makes. (Links to files are left out: what is written by
another name inotify does not tell.) WATCH_SEED repeats a run; WATCH_BATCHES makes it
longer."""

import os
import random
import shutil
import signal
import time

from daemon import main
from watching import Watching, exchange, scaled

BATCHES = int(os.environ.get("WATCH_BATCHES", scaled(40, 12)))
MOST_OPERATIONS = 60
NAMES = ("a", "b", "c", "d", "sub", "node_modules", "x.md")
FILES = ("p.md", "q.md", "r.mdx", "s.txt", "a.md", "x.md")
RULES = ("a/\n", "/b/\n", "p.md\n", "*.mdx\n!r.mdx\n", "sub/*\n!sub/q.md\n", "c/**/q.md\n", "")


class Upheaval(Watching):
    """Each operation picks what it works on from what there is; one that cannot be done is none."""

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("WATCH_SEED", time.time_ns() % 1000000))
        print("WATCH_SEED=%d" % seed)
        self.random = random.Random(seed)
        self.count = 0
        self.path("docs").mkdir()
        self.path("elsewhere").mkdir()

    def any_folder(self, top="docs"):
        """A directory of the tree, or of what was moved out of it."""
        folder = self.path(top)
        while self.random.random() < 0.7:
            below = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
            if not below:
                break
            folder = self.random.choice(below)
        return str(folder)

    def any_file(self):
        folder = self.any_folder()
        files = sorted(entry.path for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))
        return self.random.choice(files) if files else os.path.join(folder, self.random.choice(FILES))

    def place_for(self, names):
        return os.path.join(self.any_folder(), self.random.choice(names))

    def text(self):
        self.count += 1
        return "# Text %d\n\nSome words.\n" % self.count

    def write_file(self):
        with open(self.place_for(FILES), "w") as file:
            file.write(self.text())

    def rewrite_file(self):
        with open(self.any_file(), "w") as file:
            file.write(self.text())

    def replace_file(self):
        path = self.place_for(FILES)
        with open(path + "~", "w") as file:
            file.write(self.text())
        os.rename(path + "~", path)

    def append_in_pieces(self):
        with open(self.any_file(), "a") as file:
            for _ in range(3):
                file.write(self.text())
                file.flush()

    def touch(self):
        os.utime(self.any_file())

    def remove_file(self):
        os.unlink(self.any_file())

    def move_file(self):
        os.rename(self.any_file(), self.place_for(FILES))

    def make_folders(self):
        path = self.place_for(NAMES)
        for _ in range(self.random.randrange(3)):
            path = os.path.join(path, self.random.choice(NAMES))
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, self.random.choice(FILES)), "w") as file:
            file.write(self.text())

    def any_inner_folder(self):
        folder = self.any_folder()
        if folder == str(self.path("docs")):
            raise FileNotFoundError(folder)
        return folder

    def move_folder(self):
        os.rename(self.any_inner_folder(), self.place_for(NAMES))

    def move_back_and_forth(self):
        here, there = self.any_inner_folder(), self.place_for(NAMES)
        os.rename(here, there)
        os.rename(there, here)

    def move_out(self):
        os.rename(self.any_inner_folder(), self.path("elsewhere/%d" % self.random.randrange(4)))

    def move_in(self):
        os.rename(self.path("elsewhere/%d" % self.random.randrange(4)), self.place_for(NAMES))

    def edit_elsewhere(self):
        with open(os.path.join(self.any_folder("elsewhere"), self.random.choice(FILES)), "w") as file:
            file.write(self.text())

    def swap(self):
        one, other = self.any_inner_folder(), self.random.choice((self.any_inner_folder(), self.any_file()))
        exchange(one, other)

    def copy_tree(self):
        top = self.any_folder()
        if sum(len(files) for _, _, files in os.walk(top)) < 200:
            shutil.copytree(top, self.path("copy"), symlinks=True)
            os.rename(self.path("copy"), self.place_for(NAMES))

    def remove_tree(self):
        shutil.rmtree(self.any_inner_folder())

    def link_folder(self):
        os.symlink(self.random.choice(NAMES[:-1]), self.place_for(NAMES[:-1]))

    def ignore(self):
        name = self.random.choice((".gitignore", ".ignore", ".contextorignore"))
        with open(os.path.join(self.any_folder(), name), "w") as file:
            file.write(self.random.choice(RULES))

    def unignore(self):
        os.unlink(os.path.join(self.any_folder(), self.random.choice((".gitignore", ".contextorignore"))))

    OPERATIONS = (
        write_file, write_file, rewrite_file, replace_file, append_in_pieces, touch, remove_file, move_file,
        make_folders, make_folders, make_folders, move_folder, move_folder, move_back_and_forth,
        move_out, move_in, move_in, edit_elsewhere, swap, copy_tree, remove_tree, link_folder, ignore,
        unignore,
    )

    def operate(self, daemon):
        """A batch of operations; the daemon is stopped for some of it, or is in the middle of it."""
        stopped = self.random.random() < 0.5
        if stopped:
            daemon.process.send_signal(signal.SIGSTOP)
        for _ in range(self.random.randrange(1, MOST_OPERATIONS)):
            operation = self.random.choice(self.OPERATIONS)
            try:
                operation(self)
            except (OSError, shutil.Error):
                continue
            self.done.append(operation.__name__)
            if stopped and self.random.random() < 0.1:
                daemon.process.send_signal(signal.SIGCONT)
                stopped = False
        shutil.rmtree(self.path("copy"), ignore_errors=True)
        daemon.process.send_signal(signal.SIGCONT)

    def test_whatever_happens_the_output_is_what_a_cold_build_makes(self):
        with self.daemon(self.config()) as daemon:
            daemon.sync()
            for batch in range(BATCHES):
                self.done = []
                self.operate(daemon)
                daemon.sync()
                try:
                    self.assert_mirrors("pages")
                    self.assert_nothing_left("pages")
                except AssertionError:
                    print("batch %d: %s" % (batch, " ".join(self.done)))
                    raise
            self.assertEqual(daemon.metrics()["errors_total"], 0)


class Polled(Upheaval):
    poll = True


if __name__ == "__main__":
    main()
