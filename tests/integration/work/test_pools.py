# labels: threads release
# timeout: 600
"""Worker processes that crash, hang and bloat, and pools that cannot be had: by the real daemon and
the real `optimize`, with a worker that does what a document asks for. In builds without sanitizers
the sandbox and the limit on memory are in force."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import time
import unittest

import daemon as harness
from daemon import BUILD, CONTEXTOR, CONTEXTORD, PATIENCE, SANITIZE, Case, main

NOBODY = 65534
# What a document asks the worker for, and the reason that its failure names.
ACTS = {
    "crash": "its worker process crashed (SIGSEGV)" if not SANITIZE else "its worker process",
    "abort": "its worker process gave up on it (abort)",
    "hang": "its worker process took longer than",
    "spin": "its worker process took longer than",
}
if not SANITIZE:
    ACTS["bloat"] = "memory"
    ACTS["fork"] = "for a system call that it may not make"
    ACTS["socket"] = "for a system call that it may not make"


def document(act):
    return "# A document\n\ncontextor-worker-test!%s\n" % act


class Pools(Case):
    """The programs, installed in the test's place beside the worker that misbehaves."""

    def setUp(self):
        super().setUp()
        programs = {"bin/contextor": CONTEXTOR, "bin/contextord": CONTEXTORD,
                    "libexec/contextor/contextor-worker": BUILD / "bin/contextor-worker-test"}
        for name, program in programs.items():
            self.path(name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(program, self.path(name))
        self.worker = self.path("libexec/contextor/contextor-worker")
        self.program = harness.CONTEXTORD
        harness.CONTEXTORD = str(self.path("bin/contextord"))
        self.addCleanup(setattr, harness, "CONTEXTORD", self.program)

    def config(self, **performance):
        return {"sources": [self.source("docs", "pages")],
                "performance": {"use_process_pool": True, "memory_limit_mb": 64, **performance}}

    def run_optimize(self, *arguments, out="cold", status=0, **more):
        return self.run_program(self.path("bin/contextor"), "optimize", "--src", self.path("docs"), "--out",
                                self.path(out), "--repo", "example/docs", "--ref", "main", "--json",
                                *arguments, status=status, **more)

    def workers(self, pid):
        """The worker processes of a process."""
        found = []
        for task in pathlib.Path("/proc/%d/task" % pid).iterdir():
            found += (task / "children").read_text().split()
        return [int(child) for child in found]

    def kill_workers(self, running):
        """Ends them, and waits until they have: what is being ended would still take a request."""
        workers = self.workers(running.process.pid)
        self.assertTrue(workers)
        for pid in workers:
            os.kill(pid, 9)
            while "State:\tZ" not in pathlib.Path("/proc/%d/status" % pid).read_text():
                time.sleep(0.001)
        return workers

    def check_act(self, running, act, reason):
        """It costs that document an error with the reason, and nobody else anything."""
        before = running.metrics()
        self.write("docs/poison.md", document(act))
        failed = running.sync()["failed"]
        self.assertEqual([f["path"] for f in failed], ["poison.md"])
        self.assertIn(reason, failed[0]["error"])
        after = running.metrics()
        count = lambda m: m["isolate_crashes_total"] + m["isolate_timeouts_total"]
        self.assertGreaterEqual(count(after), count(before) + 1)
        self.check_not_retried(running, count(after), count)

    def check_not_retried(self, running, attempts, count):
        """Others are made, a scan sees all again: the poison is left alone until it changes."""
        self.write("docs/other.md", "# Other %d\n" % time.monotonic_ns())
        os.utime(self.path("docs/poison.md"))  # a touch changes no byte
        self.assertEqual(len(running.sync()["failed"]), 1)
        self.assertEqual(count(running.metrics()), attempts)
        self.assertEqual(len(running.call("failures")["failures"]), 1)
        self.write("docs/poison.md", "# Cured\n")
        self.assertEqual(running.sync()["failed"], [])
        self.assertIn("Cured", self.read("pages/docs__poison.mdc"))

    def test_a_misbehaving_worker_costs_its_document_an_error(self):
        self.write("docs/other.md", "# Other\n")
        with self.daemon(self.config()) as running:
            running.sync()
            for act, reason in ACTS.items():
                with self.subTest(act):
                    self.check_act(running, act, reason)
            self.assertEqual(running.status()["degraded"], [])
            self.assertGreaterEqual(len(self.workers(running.process.pid)), 1)

    def test_a_restart_does_not_try_a_poison_document_again(self):
        self.write("docs/poison.md", document("crash"))
        with self.daemon(self.config()) as running:
            self.assertEqual(len(running.sync()["failed"]), 1)
        for config, crashes in ((self.config(), 0), (self.config(memory_limit_mb=65), 1), (self.config(), 1),
                                (self.config(), 0)):
            with self.daemon(config) as running:
                failed = running.sync()["failed"]
                self.assertEqual(len(failed), 1)
                self.assertIn("poison.md: its worker process", failed[0]["error"])
                self.assertEqual(running.metrics()["isolate_crashes_total"], crashes)
        self.write("docs/poison.md", "# Cured\n")
        with self.daemon(self.config()) as running:
            self.assertEqual(running.sync()["failed"], [])
        self.assertIn("Cured", self.read("pages/docs__poison.mdc"))

    def test_a_one_shot_build_tries_again_what_failed(self):
        """It has to: its exit status says whether any document failed."""
        self.write("docs/poison.md", document("crash"))
        for _ in range(2):
            run = json.loads(self.run_optimize("--process-pool", status=1).out)
            self.assertEqual(run["errors"], 1)

    def test_a_failing_document_keeps_its_page(self):
        self.write("docs/poison.md", "# Well\n")
        with self.daemon(self.config()) as running:
            running.sync()
            page = self.read("pages/docs__poison.mdc")
            index = self.read("pages/index.jsonl")
            self.write("docs/poison.md", document("crash"))
            self.assertEqual(len(running.sync()["failed"]), 1)
            self.assertEqual(self.read("pages/docs__poison.mdc"), page)
            self.assertEqual(self.read("pages/index.jsonl"), index)

    def test_others_go_on_while_one_hangs(self):
        self.write("docs/other.md", "# Other\n")
        config = self.config(use_process_pool=False, max_workers=2)
        config["transforms"] = {"cpu_intensive_threshold": 10}
        with self.daemon(config) as running:
            running.sync()
            self.write("docs/poison.md", document("hang"))
            with running.client() as client:
                client.call("subscribe", events=["failed"])
                while not running.status()["queue"]["in_flight"]:
                    time.sleep(0.005)
                self.write("docs/s.md", "# S\n")  # under the threshold: a thread's
                began = time.monotonic()
                while not self.path("pages/docs__s.mdc").exists():
                    self.assertLess(time.monotonic(), began + PATIENCE)
                    time.sleep(0.005)
                self.assertEqual(running.call("failures")["failures"], [])
                self.assertIn("took longer", client.event("failed")["error"])

    def test_a_killed_worker_is_replaced(self):
        self.write("docs/a.md", "# A\n")
        with self.daemon(self.config()) as running:
            running.sync()
            first = self.kill_workers(running)
            self.write("docs/a.md", "# A, again\n")
            self.assertEqual(running.sync()["failed"], [])
            second = self.workers(running.process.pid)
            self.assertTrue(second)
            self.assertFalse(set(first) & set(second))

    def test_a_breaker_falls_back_to_threads(self):
        self.write("docs/a.md", "# A\n")
        with self.daemon(self.config()) as running:
            running.sync()
            self.kill_workers(running)
            self.worker.unlink()
            self.write("docs/a.md", "# A, in a thread\n")
            self.assertEqual(running.sync()["failed"], [])
            self.assertIn("in a thread", self.read("pages/docs__a.mdc"))
            degraded = running.status()["degraded"]
            self.assertEqual(len(degraded), 1)
            self.assertIn("worker processes cannot be had", degraded[0])
            self.assertIn("cannot be run", degraded[0])
            running.wait_said("warning: worker processes cannot be had")

    def test_workers_that_cannot_be_had_are_said(self):
        self.write("docs/a.md", "# A\n")
        self.worker.write_text("#!/bin/sh\nexit 1\n")
        with self.daemon(self.config()) as running:
            self.assertEqual(running.sync()["failed"], [])
            self.assertIn("contextor-worker", running.status()["degraded"][0])
            running.wait_said("warning: worker processes cannot be had")
        run = json.loads(self.run_optimize("--process-pool").out)
        self.assertEqual((run["written"], len(run["degraded"])), (1, 1))
        self.assert_same_trees("pages", "cold")

    @unittest.skipUnless(os.geteuid() == 0 and not SANITIZE, "needs root, and no sanitizer's threads")
    def test_missing_threads_fall_back_to_sequential(self):
        for i in range(20):
            self.write("docs/page%d.md" % i, "# Page %d\n" % i)
        self.run_optimize(out="all")
        os.chmod(self.place, 0o755)
        for tasks, workers, sentences in ((2, 1, 2), (4, 2, 1)):
            out = "few%d" % tasks
            self.path(out).mkdir()
            os.chown(self.path(out), NOBODY, NOBODY)

            def limit():
                resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))
                os.setgid(NOBODY)
                os.setuid(NOBODY)

            arguments = ["--max-workers", 4] + (["--process-pool"] if tasks == 2 else [])
            done = self.run_optimize(*arguments, out=out, preexec_fn=limit)
            run = json.loads(done.out)
            self.assertEqual(run["written"], 20)
            self.assertEqual(run["max_workers"], workers)
            self.assertEqual(run["parallel_enabled"], workers > 1)
            self.assertEqual(len(run["degraded"]), sentences, run["degraded"])
            self.assertIn("worker threads", run["degraded"][0])
            self.assert_same_trees("all", out)

    def test_no_parallel_is_sequential_by_intent(self):
        self.write("docs/a.md", "# A\n")
        run = json.loads(self.run_optimize("--no-parallel").out)
        self.assertEqual((run["parallel_enabled"], run["max_workers"], run["degraded"]), (False, 1, []))

    def test_small_documents_start_no_worker(self):
        self.write("docs/a.md", "# A\n")
        self.worker.unlink()
        run = json.loads(self.run_optimize().out)
        self.assertEqual((run["written"], run["degraded"]), (1, []))

    @unittest.skipIf(SANITIZE, "sanitizers lie in the sandbox's way")
    def test_a_worker_is_locked_up(self):
        self.write("docs/a.md", "# A\n")
        with self.daemon(self.config()) as running:
            running.sync()
            for pid in self.workers(running.process.pid):
                status = pathlib.Path("/proc/%d/status" % pid).read_text()
                self.assertIn("NoNewPrivs:\t1", status)
                self.assertIn("Seccomp:\t2", status)
                self.assertIn("Threads:\t1\n", status)
                limits = pathlib.Path("/proc/%d/limits" % pid).read_text()
                self.assertNotIn("Max address space         unlimited", limits)
                self.assertNotIn("Max cpu time              unlimited", limits)
                fds = {int(fd): os.readlink("/proc/%d/fd/%s" % (pid, fd))
                       for fd in os.listdir("/proc/%d/fd" % pid)}
                self.assertEqual(sorted(fds), [0, 1, 2, 3])
                self.assertEqual({fds[0], fds[1], fds[2]}, {"/dev/null"})
                self.assertTrue(fds[3].startswith("socket:"))


if __name__ == "__main__":
    main()
