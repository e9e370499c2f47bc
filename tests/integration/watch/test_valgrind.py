# labels: release
# timeout: 900
"""valgrind's word on a daemon that watches: nothing uninitialised is used, nothing that it allocated is
lost. Sanitizers see the rest; they do not see uninitialised bytes, nor what libraries do."""

import os
import shutil
import unittest

from daemon import SANITIZE, main
from watching import Watching

VALGRIND = shutil.which("valgrind")


@unittest.skipIf(SANITIZE, "valgrind cannot run a program with sanitizers")
@unittest.skipUnless(VALGRIND, "valgrind is not there")
class Valgrind(Watching):
    def scenario(self, daemon):
        """A bit of everything that watching does."""
        for turn in range(3):
            for i in range(50):
                self.write("docs/new%d/b/c%d/p.md" % (turn, i), "# P %d\n" % i)
            self.replace("docs/a.md", "# Turn %d\n" % turn)
            os.rename(self.path("docs/new%d" % turn), self.path("docs/moved%d" % turn))
            daemon.sync()
            self.write("docs/.gitignore", "moved%d/b/c1*/\n" % turn)
            os.utime(self.path("docs/a.md"))
            daemon.sync()
            shutil.rmtree(self.path("docs/moved%d" % turn))
            os.rename(self.path("docs"), self.path("elsewhere"))
            daemon.sync()
            os.rename(self.path("elsewhere"), self.path("docs"))
            daemon.sync()
        daemon.call("reload")
        daemon.connection.close()
        daemon.connection = None
        daemon.connect()
        daemon.sync()

    def run_under_valgrind(self, **watch):
        self.write("docs/a.md", "# A\n")
        self.write("docs/d/b.mdx", "import X from 'x'\n\n# B\n\n<Tip>Read *on*.</Tip>\n\n```js\n1\n```\n")
        report = self.path("valgrind.txt")
        wrap = [VALGRIND, "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
                "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=99",
                "--log-file=%s" % report]
        with self.watched(self.config(**watch), wrap=wrap) as daemon:
            self.scenario(daemon)
        text = "".join(line for line in open(report) if line.startswith("=="))
        self.assertIn("ERROR SUMMARY: 0 errors", text, text)

    def test_inotify(self):
        self.run_under_valgrind()

    def test_polling(self):
        self.run_under_valgrind(poll=True, poll_interval_ms=100)


if __name__ == "__main__":
    main()
