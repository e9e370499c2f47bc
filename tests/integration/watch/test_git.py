# timeout: 600
"""git at work below a root: what it does to many files is one batch, once its index.lock is released.

Slow operations are made so by a smudge filter that waits for the test: git itself holds its lock meanwhile,
has written thousands of files, and will write one more.
"""

import os
import shutil
import time
import unittest

from daemon import main
from watching import Watching

DOCUMENTS = 2000
COMMITS = 20
# Paths that may pass before a burst is known for one.
BURST = 32
# Seconds that the daemon waits for git's lock at the most.
CAP = 30


class Git(Watching):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("git"):
            raise unittest.SkipTest("git is not installed")

    def setUp(self):
        super().setUp()
        self.work = self.path("work")
        self.run_program("git", "init", "-q", "-b", "main", self.work, status=0)
        for key, value in (("user.name", "Writer"), ("user.email", "writer@example.org"),
                           ("gc.auto", "0"), ("core.fsmonitor", "false")):
            self.git("config", key, value)
        os.mkfifo(self.path("gate"))
        self.git("config", "filter.gate.smudge", "cat && cat '%s'" % self.path("gate"))
        self.write("beside/beside.md", "# Beside\n")

    def git(self, *arguments, work=None, **more):
        return self.run_program("git", "-C", work or self.work, *arguments, **{"status": 0, **more})

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def make_pages(self, word, documents=DOCUMENTS):
        for number in range(documents):
            self.write("work/docs/d%02d/page-%04d.md" % (number % 40, number),
                       "# Page %d\n\nAs %s has it.\n" % (number, word))

    def make_branches(self):
        """Branches `main` and `other`, between which every document differs; main is checked out."""
        self.make_pages("main")
        self.write("work/.gitattributes", "docs/zz-last.md filter=gate\n")
        self.commit("main")
        self.git("checkout", "-q", "-b", "other")
        self.make_pages("other")
        self.write("work/docs/zz-last.md", "# The last\n")
        self.commit("other")
        self.git("checkout", "-q", "main")

    def start(self, root="work/docs", **watch):
        sources = [self.source(root, "pages"), self.source("beside", "beside-pages", "beside")]
        return self.daemon(self.config(*sources, **watch))

    def checkout_slowly(self, branch, work=None):
        """git checkout, which stops at its last document until pass_gate()."""
        return self.start_program("git", "-C", work or self.work, "checkout", "-q", branch)

    def pass_gate(self, process):
        with open(self.path("gate"), "w"):
            pass
        self.assertEqual(process.wait(60), 0)

    def barrier(self, daemon, beside):
        """Everything that happened before has been seen by the daemon, and nothing was ended by it: a
        save in another source is in its page, and saves never wait for git."""
        self.barriers = getattr(self, "barriers", 0) + 1
        self.write("beside/beside.md", "# Beside, %d\n" % self.barriers)
        beside.event("written", "beside.md")

    def assert_held_until_released(self, daemon, lock, process, at_least):
        """While git has its lock, a burst is held but for its beginning; then it is one batch."""
        client = self.subscriber(daemon, "written", "removed", sources=["docs"])
        beside = self.subscriber(daemon, "written", sources=["beside"])
        self.until(lambda: daemon.status()["queue"]["held"] >= at_least, daemon)
        self.barrier(daemon, beside)
        self.assertTrue(lock.exists())
        self.assertLess(len(self.heard(client)), BURST)
        held = daemon.status()["queue"]["held"]
        self.pass_gate(process)
        self.assertFalse(lock.exists())
        for _ in range(held):
            client.event()
        self.until(lambda: daemon.status()["queue"]["held"] == 0, daemon)


class Checkout(Git):
    def test_a_checkout_is_one_batch(self):
        self.make_branches()
        with self.start() as daemon:
            daemon.sync()
            before = daemon.metrics()
            process = self.checkout_slowly("other")
            lock = self.work / ".git/index.lock"
            self.assert_held_until_released(daemon, lock, process, DOCUMENTS - BURST)
            daemon.sync()
            after = daemon.metrics()
            self.assertEqual(after["processed_total"] - before["processed_total"], DOCUMENTS + 2)
            self.assertEqual((after["removed_total"], after["errors_total"]), (0, 0))
            self.assert_mirrors()
            with self.comes_to(daemon, processed=DOCUMENTS, removed=1, errors=0):
                self.git("checkout", "-q", "main")
            self.assert_mirrors()
            self.assertEqual(daemon.metrics()["overflow_total"], 0)

    def test_sync_ends_the_hold(self):
        """What a client asks for is what is there now, git's lock or not."""
        self.make_branches()
        with self.start() as daemon:
            daemon.sync()
            process = self.checkout_slowly("other")
            self.until(lambda: daemon.status()["queue"]["held"] >= DOCUMENTS - BURST, daemon)
            daemon.sync()
            # git may have written its last files since
            self.assertLessEqual(daemon.status()["queue"]["held"], BURST)
            self.assertIn("As other has it.", self.page_text("d00/page-0000.md"))
            self.pass_gate(process)
            daemon.sync()
            self.assert_mirrors()

    def test_stash_and_its_return(self):
        self.make_pages("main", 200)
        self.commit("main")
        with self.start() as daemon:
            daemon.sync()
            self.make_pages("nobody yet", 200)
            daemon.sync()
            with self.comes_to(daemon, processed=200, removed=0, errors=0):
                self.git("stash", "-q")
            self.assertIn("As main has it.", self.page_text("d00/page-0000.md"))
            with self.comes_to(daemon, processed=200, removed=0, errors=0):
                self.git("stash", "pop", "-q")
            self.assert_mirrors()

    def test_a_branch_without_the_root(self):
        """Its directory goes and comes with the branch: the pages are kept meanwhile."""
        self.write("work/README.txt", "no document\n")
        self.commit("before")
        self.git("branch", "bare")
        self.make_pages("main", 100)
        self.commit("main")
        with self.start() as daemon:
            daemon.sync()
            stamps = self.stamps("pages")
            self.git("checkout", "-q", "bare")
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "root_missing")
            self.assertEqual(self.stamps("pages"), stamps)
            self.git("checkout", "-q", "main")
            daemon.sync()
            self.assertEqual(daemon.source("docs")["state"], "watching")
            self.assertEqual(daemon.metrics()["removed_total"], 0)
            self.assert_mirrors()


class Rebase(Git):
    CHANGED = 100

    def change(self, word):
        self.make_pages(word, self.CHANGED)
        self.commit(word)

    def make_history(self):
        """topic: 20 commits that change a hundred documents each, beside one more on main."""
        self.make_pages("main", 400)
        self.write("work/docs/ours.md", "# Ours\n")
        self.commit("main")
        self.git("checkout", "-q", "-b", "topic")
        for number in range(COMMITS):
            self.change("commit %d" % number)
        self.git("checkout", "-q", "main")
        self.write("work/docs/ours.md", "# Ours, later\n")
        self.commit("later")
        self.git("checkout", "-q", "topic")

    def test_a_rebase_of_many_commits_is_one_batch(self):
        """Each commit writes a hundred documents and releases the lock; between two it is quiet for less
        than what ends a hold. Only what the last one leaves is transformed, but for each burst's beginning."""
        self.make_history()
        with self.start() as daemon:
            daemon.sync()
            before = daemon.metrics()
            self.git("rebase", "-q", "main")
            self.until(lambda: daemon.status()["queue"]["held"] == 0, daemon)
            daemon.sync()
            after = daemon.metrics()
            processed = after["processed_total"] - before["processed_total"]
            self.assertIn("# Ours, later", self.page_text("ours.md"))
            # All twenty in full would be two thousand, and the checkout before them a hundred more.
            self.assertLess(processed, COMMITS * self.CHANGED // 2)
            self.assertEqual((after["removed_total"], after["errors_total"]), (0, 0))
            self.assert_mirrors()

    def test_a_rebase_that_stops_holds_nothing(self):
        """rebase-merge stays there for as long as its conflict does; saves and bursts go their way."""
        self.make_pages("main", 100)
        self.commit("main")
        self.git("checkout", "-q", "-b", "topic")
        self.write("work/docs/d00/page-0000.md", "# Topic\n")
        self.commit("topic")
        self.git("checkout", "-q", "main")
        self.write("work/docs/d00/page-0000.md", "# Main\n")
        self.commit("later")
        self.git("checkout", "-q", "topic")
        with self.start() as daemon:
            daemon.sync()
            self.git("rebase", "-q", "main", status=1)
            self.assertTrue((self.work / ".git/rebase-merge").exists())
            daemon.sync()
            client = self.subscriber(daemon, "written", sources=["docs"])
            began = time.monotonic()
            self.make_pages("nobody else", 100)
            for _ in range(100):
                client.event()
            self.assertLess(time.monotonic() - began, CAP / 2)
            self.git("checkout", "-q", "HEAD", "--", "docs")
            self.git("rebase", "--abort")
            daemon.sync()
            self.assert_mirrors()


class Locks(Git):
    def setUp(self):
        super().setUp()
        self.make_pages("main", 100)
        self.commit("main")
        self.lock = self.work / ".git/index.lock"

    def test_single_saves_never_wait(self):
        with self.start() as daemon:
            daemon.sync()
            self.lock.touch()
            client = self.subscriber(daemon, "written", sources=["docs"])
            for number in range(BURST - 2):
                path = "d%02d/page-%04d.md" % (number, number)
                self.write("work/docs/" + path, "# Saved\n")
                self.assertEqual(client.event()["path"], path)

    def test_a_burst_waits_for_the_lock_and_for_quiet(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", sources=["docs"])
            beside = self.subscriber(daemon, "written", sources=["beside"])
            self.lock.touch()
            self.make_pages("git", 100)
            self.barrier(daemon, beside)
            early = len(self.heard(client))
            self.assertLess(early, BURST)
            released = time.monotonic()
            self.lock.rename(self.lock.with_name("index"))
            client.event()
            self.assertGreaterEqual(time.monotonic() - released, 0.15)
            for _ in range(100 - early - 1):
                client.event()
            shutil.copy(self.lock.with_name("index"), self.path("spare"))
            daemon.sync()
            self.assert_mirrors()

    def test_a_lock_left_behind_is_waited_for_no_longer_than_the_cap(self):
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", sources=["docs"])
            locked = time.monotonic()
            self.lock.touch()
            self.make_pages("git", 100)
            paths = {client.event()["path"] for _ in range(100)}
            self.assertEqual(len(paths), 100)
            self.assertGreaterEqual(time.monotonic() - locked, CAP - 1)
            self.assertEqual(daemon.said().count("index.lock"), 1)
            self.assertIn("warning: docs: git has held its index.lock", daemon.said())
            began = time.monotonic()
            self.make_pages("git, once more", 100)  # it is believed no more
            paths = {client.event()["path"] for _ in range(100)}
            self.assertLess(time.monotonic() - began, CAP / 2)
            daemon.sync()
            self.assertEqual(daemon.said().count("index.lock"), 1)
            self.assert_mirrors()
            self.lock.unlink()
            daemon.sync()
            beside = self.subscriber(daemon, "written", sources=["beside"])
            self.lock.touch()  # a new one is
            self.make_pages("git, with a new lock", 100)
            self.barrier(daemon, beside)
            self.assertGreater(daemon.status()["queue"]["held"], 100 - BURST)
            daemon.sync()
            self.assert_mirrors()

    def test_a_lock_that_is_old_at_the_start(self):
        self.lock.touch()
        old = time.time() - 2 * CAP
        os.utime(self.lock, (old, old))
        with self.start() as daemon:
            daemon.sync()
            client = self.subscriber(daemon, "written", sources=["docs"])
            began = time.monotonic()
            self.make_pages("nobody else", 100)
            for _ in range(100):
                client.event()
            self.assertLess(time.monotonic() - began, CAP / 2)
            daemon.sync()
            self.assert_mirrors()

    def test_a_lock_is_seen_by_polling_too(self):
        self.poll = True
        with self.start() as daemon:
            daemon.sync()
            self.lock.touch()
            self.make_pages("git", 100)
            self.until(lambda: daemon.status()["queue"]["held"] > 100 - BURST, daemon)
            self.lock.unlink()
            self.until(lambda: daemon.status()["queue"]["held"] == 0, daemon)
            daemon.sync()
            self.assert_mirrors()


class Worktrees(Git):
    def test_a_linked_work_tree(self):
        """Its .git is a file, and its lock lies elsewhere, in the repository's worktrees/."""
        self.make_branches()
        linked = self.path("linked")
        self.git("worktree", "add", "-q", "--detach", linked, "main")
        with self.start("linked/docs") as daemon:
            daemon.sync()
            process = self.checkout_slowly("other", linked)
            lock = self.work / ".git/worktrees/linked/index.lock"
            self.assert_held_until_released(daemon, lock, process, DOCUMENTS - BURST)
            daemon.sync()
            self.assertEqual(daemon.metrics()["removed_total"], 0)
            self.assert_mirrors()

    def test_the_main_trees_lock_is_not_its(self):
        self.make_pages("main", 100)
        self.commit("main")
        self.git("worktree", "add", "-q", "--detach", self.path("linked"), "main")
        with self.start("linked/docs") as daemon:
            daemon.sync()
            (self.work / ".git/index.lock").touch()
            client = self.subscriber(daemon, "written", sources=["docs"])
            began = time.monotonic()
            for number in range(100):
                self.write("linked/docs/d%02d/page-%04d.md" % (number % 40, number), "# Saved\n")
            for _ in range(100):
                client.event()
            self.assertLess(time.monotonic() - began, CAP / 2)

    def test_a_root_above_the_repository_and_one_made_later(self):
        """git init below makes no repository of the root; in the root itself it does."""
        self.write("plain/doc.md", "# Doc\n")
        with self.start("plain") as daemon:
            daemon.sync()
            self.run_program("git", "init", "-q", self.path("plain"), status=0)
            daemon.sync()
            self.path("plain/.git/index.lock").touch()
            for number in range(100):
                self.write("plain/page-%d.md" % number, "# Page\n")
            self.until(lambda: daemon.status()["queue"]["held"] > 100 - BURST, daemon)
            self.path("plain/.git/index.lock").unlink()
            self.until(lambda: daemon.status()["queue"]["held"] == 0, daemon)
            daemon.sync()
            self.assertEqual(len(self.paths()), 101)
            self.assert_mirrors()


if __name__ == "__main__":
    main()
