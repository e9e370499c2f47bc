# labels: threads release
# timeout: 900
"""memory_limit_mb holds: what the programs take is measured from outside. Each tree would take
several times the bound if its documents were worked on at once."""

import json
import os
import subprocess
import unittest

import resident
from daemon import CONTEXTOR, SANITIZE, Case, main

PROCESSES = max(1, len(os.sched_getaffinity(0)) - 1)
PROSE = "Words of a paragraph with `code`, *emphasis* and a [link](../other/page.md) in it.\n\n"
# Indented: what begins in the first column is read without the parser, and takes little.
TABLE = " | a | b | c |\n |---|---|---|\n" + " | 1 | 2 | 3 |\n" * 1000 + "\n"
IN_THREADS = 1 << 30  # a cpu_intensive_threshold that no document is over


@unittest.skipIf(SANITIZE, "sanitizers take memory of their own")
class Memory(Case):
    def fill(self, count, size, part):
        text = "# A document\n\n" + part * (size // len(part))
        for i in range(count):
            self.write("docs/page%d.md" % i, text)

    def config(self, limit, workers, **more):
        return {"sources": [self.source("docs", "pages")],
                "performance": {"memory_limit_mb": limit, "max_workers": workers, **more},
                "transforms": {"cpu_intensive_threshold": IN_THREADS}}

    def check(self, peak, limit, workers):
        bound = resident.bound(limit, workers, PROCESSES)
        self.assertLessEqual(peak.bytes, bound, "%d MiB" % (peak.bytes / resident.MIB))
        return peak.bytes

    def build(self, limit, workers, status=0, **more):
        """A build's figures, and the most that it held."""
        self.configure(self.config(limit, workers, **more))
        metrics = self.path("metrics.json")
        command = [CONTEXTOR, "optimize", "--quiet", "--config", self.path("contextord.json"), "--source",
                   "docs", "--metrics-output", metrics]
        done, peak = resident.run(command, env=self.environment(), stderr=subprocess.DEVNULL)
        self.assertEqual(done, status)
        figures = json.loads(metrics.read_text())
        self.assertLessEqual(figures["memory_peak_batch_mb"], limit)
        return figures, self.check(peak, limit, workers)

    def test_large_documents_wait_for_each_other(self):
        self.fill(12, 3_000_000, PROSE)
        figures, held = self.build(128, 16)
        self.assertEqual((figures["written"], figures["max_workers"]), (12, 16))
        self.assertAlmostEqual(figures["memory_peak_mb"], held / resident.MIB, delta=8)

    def test_more_memory_lets_more_of_them_run(self):
        """The bound bites: the same tree takes more when it may."""
        self.fill(8, 3_000_000, PROSE)
        _, little = self.build(128, 4)
        self.remove_pages()
        _, much = self.build(512, 4)
        self.assertGreater(much, 1.5 * little)

    def remove_pages(self):
        self.path("pages").rename(self.path("pages-before"))

    def test_dense_documents_wait_for_what_they_need(self):
        self.fill(8, 300_000, TABLE)
        figures, _ = self.build(256, 8)
        self.assertEqual((figures["written"], figures["errors"]), (8, 0))

    def test_worker_processes_are_counted(self):
        self.fill(8, 3_000_000, PROSE)
        figures, held = self.build(128, 8, use_process_pool=True)
        self.assertEqual(figures["written"], 8)
        self.assertAlmostEqual(figures["memory_peak_mb"], held / resident.MIB, delta=16)

    def test_a_document_that_cannot_fit_alone_is_an_error_that_says_so(self):
        self.fill(1, 3_000_000, PROSE)
        self.write("docs/small.md", "# Small\n")
        figures, _ = self.build(32, 4, status=1)
        self.assertEqual((figures["written"], figures["errors"]), (1, 1))
        failure = figures["failures"][0]
        self.assertEqual(failure["path"], "page0.md")
        self.assertRegex(failure["error"],
                         r"^page0\.md: larger than \d+ bytes, which is what memory_limit_mb has room for: "
                         r"raise it, or exclude the file$")

    def test_a_dense_document_that_cannot_fit_alone_says_so_too(self):
        self.fill(1, 1_000_000, TABLE)
        figures, _ = self.build(64, 4, status=1)
        self.assertRegex(figures["failures"][0]["error"], r"needs more memory than memory_limit_mb has room for")

    def test_many_small_documents_take_little(self):
        self.fill(3000, 2000, PROSE)
        _, held = self.build(16, 2)
        self.assertLess(held, 64 * resident.MIB)

    def test_the_daemon_keeps_to_it_too(self):
        self.fill(8, 3_000_000, PROSE)
        with self.daemon(self.config(128, 16)) as daemon:
            peak = resident.Peak(daemon.process.pid)
            self.assertEqual(daemon.sync()["failed"], [])
            daemon.call("rebuild")
            daemon.sync()
            peak.stop()
            self.check(peak, 128, 16)
            self.assertEqual(daemon.metrics()["last_run"]["processed"], 8)


if __name__ == "__main__":
    main()
