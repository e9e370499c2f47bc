"""The figures of a run, each against a measurement of the test's own: the kernel's account of the
child, the test's clock, its own count of files, bytes and words."""

import json
import os
import re
import subprocess
import time

from daemon import CONTEXTOR, SANITIZE, Case, main

CORES = len(os.sched_getaffinity(0))
PAGES = 60
PARAGRAPH = "Words of a paragraph, which says what a person would, with `code` and *more*.\n\n"
NUMBERS = ["max_workers", "batch_size", "total_batches", "processed", "written", "skipped",
           "removed", "errors", "bytes_in", "bytes_out", "tokens_in", "tokens_out"]
SECONDS = ["avg_batch_time", "wall_time", "cpu_time", "cpu_utilization", "memory_peak_mb",
           "memory_peak_batch_mb", "speedup_factor"]
HISTOGRAMS = ["queue_wait_seconds", "load_seconds", "transform_seconds", "emit_seconds"]


def tokens(text):
    return len(text.split()) * 4 // 3


class Run:
    """A run of optimize: its figures, and what the kernel and a clock say of it."""

    def __init__(self, case, *arguments, out="pages"):
        output = case.path("metrics.json")
        command = [CONTEXTOR, "optimize", "--src", case.path("docs"), "--out", case.path(out), "--repo",
                   "example/docs", "--ref", "main", "--json", "--metrics-output", output, *arguments]
        began = time.monotonic()
        child = subprocess.Popen([str(word) for word in command], env=case.environment(),
                                 stdout=subprocess.PIPE)
        printed = child.stdout.read()
        _, self.status, usage = os.wait4(child.pid, 0)
        self.wall = time.monotonic() - began
        child.returncode = self.status
        child.stdout.close()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.resident = usage.ru_maxrss / 1024
        self.figures = json.loads(printed)
        case.assertEqual(json.loads(output.read_text()), self.figures)


class Figures(Case):
    def write_pages(self, count=PAGES, repeat=4):
        for i in range(count):
            self.write("docs/d%d/page%d.md" % (i % 7, i), "# Page %d\n\n%s" % (i, PARAGRAPH * repeat))
        return [p for p in self.path("docs").rglob("*.md")]

    def test_counts_are_those_of_files_bytes_and_words(self):
        paths = self.write_pages()
        figures = Run(self).figures
        pages = list(self.path("pages").glob("*.mdc"))
        bodies = [p.read_text().split("\n---\n", 1)[1] for p in pages]
        self.assertEqual(len(pages), PAGES)
        self.assertEqual(figures["processed"], PAGES)
        self.assertEqual(figures["written"], PAGES)
        self.assertEqual((figures["skipped"], figures["removed"], figures["errors"]), (0, 0, 0))
        self.assertEqual(figures["bytes_in"], sum(p.stat().st_size for p in paths))
        self.assertEqual(figures["bytes_out"], sum(p.stat().st_size for p in pages))
        self.assertEqual(figures["tokens_in"], sum(tokens(p.read_text()) for p in paths))
        self.assertEqual(figures["tokens_out"], sum(tokens(body) for body in bodies))
        for name in HISTOGRAMS:
            self.assertEqual(figures[name]["count"], PAGES, name)

    def test_counts_of_a_second_run(self):
        paths = self.write_pages()
        Run(self)
        paths[0].write_text("# Other words\n")
        os.utime(paths[1], (1, 1))
        paths[2].unlink()
        self.write("docs/bad.md", b"# not \xff text\n")
        run = Run(self)
        figures = run.figures
        self.assertEqual(os.waitstatus_to_exitcode(run.status), 1)
        self.assertEqual(figures["processed"], 1)
        self.assertEqual(figures["written"], 1)
        self.assertEqual(figures["skipped"], PAGES - 2)
        self.assertEqual(figures["removed"], 1)
        self.assertEqual(figures["errors"], 1)

    def test_batches_are_counted_and_bounded(self):
        self.write_pages()
        for size, workers in ((1, 2), (7, 1), (50, 2), (1000, 2)):
            out = "pages%d" % size
            figures = Run(self, "--batch-size", size, "--max-workers", workers, out=out).figures
            self.assertEqual((figures["batch_size"], figures["max_workers"]), (size, workers))
            self.assertEqual(figures["parallel_enabled"], workers > 1)
            self.assertGreaterEqual(figures["total_batches"], -(-PAGES // size))
            self.assertLessEqual(figures["total_batches"], PAGES)
            if size == 1:
                self.assertEqual(figures["total_batches"], PAGES)
            # A batch takes at most the run.
            self.assertGreater(figures["avg_batch_time"], 0)
            self.assertLessEqual(figures["avg_batch_time"], figures["wall_time"])

    def check_times(self, run, cores):
        figures = run.figures
        self.assertLessEqual(figures["wall_time"], run.wall)
        # Beside the run there is the program's start and end.
        self.assertGreater(figures["wall_time"], run.wall * 0.6)
        self.assertLessEqual(figures["cpu_time"], run.cpu + 0.02)
        self.assertGreater(figures["cpu_time"], run.cpu * 0.6)
        self.assertAlmostEqual(figures["cpu_utilization"],
                               min(1, figures["cpu_time"] / figures["wall_time"] / CORES), delta=0.01)
        self.assertLessEqual(figures["speedup_factor"], run.cpu / figures["wall_time"] + 0.02)
        self.assertLessEqual(figures["speedup_factor"], cores + 0.02)
        self.assertGreater(figures["speedup_factor"], 0.3 * run.cpu / figures["wall_time"])

    def test_times_are_those_of_the_kernel_and_a_clock(self):
        self.write_pages(40, 3000)
        self.check_times(Run(self, out="two"), CORES)
        run = Run(self, "--no-parallel", out="one")
        self.check_times(run, 1)
        figures = run.figures
        self.assertFalse(figures["parallel_enabled"])
        self.assertEqual(figures["max_workers"], 1)
        # One after the other: the stages' times are parts of the run's, and most of it.
        stages = sum(figures[name]["sum"] for name in HISTOGRAMS[1:])
        self.assertLessEqual(stages, figures["wall_time"])
        self.assertGreater(stages, 0.5 * figures["wall_time"])
        self.assertLessEqual(figures["avg_batch_time"] * figures["total_batches"], figures["wall_time"])
        for name in HISTOGRAMS:
            self.assertLessEqual(figures[name]["max"], figures["wall_time"], name)

    def test_times_include_worker_processes(self):
        self.write_pages(20, 3000)
        self.check_times(Run(self, "--process-pool", "--max-workers", 2), CORES)

    def test_memory_is_that_of_the_kernel(self):
        self.write("docs/large.md", "# Large\n\n" + PARAGRAPH * 60000)
        self.write_pages()
        run = Run(self)
        peak = run.figures["memory_peak_mb"]
        # The large document is a worker process's: the kernel tells the largest of the two alone.
        self.assertGreaterEqual(peak, run.resident * 0.95)
        self.assertLessEqual(peak, 2 * run.resident + 8)
        self.assertGreater(run.figures["memory_peak_batch_mb"],
                           self.path("docs/large.md").stat().st_size / 1048576)
        self.assertLess(run.figures["memory_peak_batch_mb"], 512)

    def test_memory_is_the_programs_own(self):
        """What the program that starts it holds is none of its own."""
        held = bytearray(256 << 20)
        held[:: 4096] = b"x" * len(held[:: 4096])
        self.write_pages(2)
        self.assertLess(Run(self).figures["memory_peak_mb"], 200)

    def test_summary_says_what_the_json_says(self):
        self.write_pages()
        out = self.path("pages")
        text = self.contextor("optimize", "--src", self.path("docs"), "--out", out, "--repo", "a/b",
                              "--max-workers", 2, status=0).out
        self.assertRegex(text, r"(?m)^%d processed, %d written, 0 skipped, 0 removed, 0 errors in \d+\.\d\d s$"
                         % (PAGES, PAGES))
        effort = re.search(r"(?m)^(\d+) batches of at most 50, ([\d.]+) ms each; 2 workers, CPU (\d+) %, "
                           r"speed-up ([\d.]+), at most ([\d.]+) MiB; (\d+) pages/s$", text)
        self.assertIsNotNone(effort, text)
        self.assertIn(int(effort[1]), range(2, PAGES + 1))
        words = sum(tokens(p.read_text()) for p in self.path("docs").rglob("*.md"))
        self.assertRegex(text, r"(?m)^tokens: %d in, \d+ out, in %d pages$" % (words, PAGES))


class DaemonFigures(Case):
    def test_a_run_is_reported_in_metrics_and_log(self):
        for i in range(PAGES):
            self.write("docs/page%d.md" % i, "# Page %d\n\n%s" % (i, PARAGRAPH))
        size = sum(p.stat().st_size for p in self.path("docs").iterdir())
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.wait_said("run: %d processed, %d written, 0 skipped, 0 removed, 0 errors in "
                             % (PAGES, PAGES))
            daemon.sync()
            run = daemon.metrics()["last_run"]
            self.assertEqual(set(run), {*NUMBERS, *SECONDS, *HISTOGRAMS, "parallel_enabled"})
            self.assertEqual((run["processed"], run["written"]), (PAGES, PAGES))
            self.assertEqual(run["bytes_in"], size)
            self.assertGreaterEqual(run["total_batches"], 2)
            text = daemon.call("metrics", format="prometheus")["text"]
            self.assertIn("\ncontextor_last_run_processed %d\n" % PAGES, text)
            self.assertIn("\ncontextor_last_run_wall_seconds %.6f\n" % run["wall_time"], text)

    def test_before_the_first_run_there_are_no_figures_of_one(self):
        with self.daemon({"sources": []}) as daemon:
            self.assertIsNone(daemon.metrics()["last_run"])
            self.assertNotIn("last_run", daemon.call("metrics", format="prometheus")["text"])

    def test_all_sources_are_built_in_one_run(self):
        sources = []
        for source in range(5):
            name = "docs%d" % source
            for i in range(source + 1):
                self.write("%s/page%d.md" % (name, i), "# Page %d\n" % i)
            sources.append(self.source(name, name + "-pages", name))
        for word in ("written", "skipped"):  # a first start, and one with nothing to do
            with self.daemon({"sources": sources}) as daemon:
                daemon.sync()
                self.assertEqual(daemon.metrics()["last_run"][word], 15)
                self.assertEqual(daemon.said().count("run: "), 1, daemon.said())

    def test_a_save_is_a_run_of_its_own(self):
        for i in range(3):
            self.write("docs/page%d.md" % i, "# Page %d\n" % i)
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            began = time.monotonic()
            self.write("docs/page1.md", "# Saved\n\nfive words are in here\n")
            daemon.sync()
            took = time.monotonic() - began
            metrics = daemon.metrics()
            run = metrics["last_run"]
            self.assertEqual((run["processed"], run["written"], run["total_batches"]), (1, 1, 1))
            self.assertEqual(run["tokens_in"], tokens("# Saved\n\nfive words are in here\n"))
            self.assertLess(run["wall_time"], took)
            self.assertEqual(metrics["written_total"], 4)
            self.assertEqual(metrics["batches_total"] >= 2, True)
            self.path("docs/page2.md").unlink()
            daemon.sync()
            run = daemon.metrics()["last_run"]
            self.assertEqual((run["processed"], run["removed"]), (0, 1))

    def test_single_saves_are_logged_for_debugging_only(self):
        self.write("docs/page.md", "# Page\n")
        for level, written in (("info", 0), ("debug", 10)):
            with self.daemon(self.source("docs", "pages"), arguments=["--log-level", level]) as daemon:
                daemon.sync()
                daemon.wait_said("ready: ")
                before = daemon.said()
                for number in range(10):
                    self.write("docs/page.md", "# Saved %s %d\n" % (level, number))
                    daemon.sync()
                said = daemon.said()[len(before):]
                self.assertEqual(said.count("docs: page.md: written\n"), written, said)
                if not written:
                    self.assertEqual(said, "")

    def test_queue_wait_is_the_time_that_a_change_waited(self):
        self.write("docs/page.md", "# Page\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            daemon.call("pause")
            self.write("docs/page.md", "# Saved\n")
            while not daemon.status()["queue"]["save"]:
                time.sleep(0.01)
            arrived = time.monotonic()
            time.sleep(0.3)  # what is measured
            waited = time.monotonic() - arrived
            daemon.call("resume")
            daemon.sync()
            wait = daemon.metrics()["last_run"]["queue_wait_seconds"]
            self.assertEqual(wait["count"], 1)
            self.assertGreaterEqual(wait["max"], waited)
            self.assertLess(wait["max"], time.monotonic() - arrived + 1)

    def test_peak_of_memory_begins_anew(self):
        """The first run's peak is not the second's, which is one small page."""
        self.write("docs/large.md", "# Large\n\n" + PARAGRAPH * 60000)
        self.write("docs/small.md", "# Small\n")
        config = {"sources": [self.source("docs", "pages")],
                  "transforms": {"cpu_intensive_threshold": 1 << 30}}
        with self.daemon(config) as daemon:
            daemon.sync()
            first = daemon.metrics()["last_run"]["memory_peak_mb"]
            self.write("docs/small.md", "# Saved\n")
            daemon.sync()
            second = daemon.metrics()["last_run"]["memory_peak_mb"]
            self.assertGreater(first, self.path("docs/large.md").stat().st_size / 1048576 * 2)
            if not SANITIZE:  # it keeps freed memory
                self.assertLess(second, first / 2)


if __name__ == "__main__":
    main()
