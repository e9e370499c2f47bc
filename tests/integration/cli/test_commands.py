"""The command line: every command with its exit status, on a terminal's behalf and as JSON."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time

from daemon import CONTEXTOR, ROOT, Case, main

COMMANDS = ["check-config", "failures", "follow", "init", "list-projects", "metrics", "optimize",
            "pause", "rebuild", "reload", "resume", "status", "sync", "transform", "version", "why"]

# Arguments, and a piece of the one line on stderr; the exit status is 2.
WRONG = [
    ([], "Usage"),
    (["nosuch"], "no such command: nosuch; contextor --help"),
    (["stauts"], "did you mean status?"),
    (["--json"], "a command comes first"),
    (["status", "--nosuch"], "no such option: --nosuch"),
    (["status", "--jsno"], "did you mean --json?"),
    (["status", "--json=yes"], "--json takes no value"),
    (["status", "extra"], 'too many arguments: "extra"'),
    (["status", "--socket"], "--socket needs a PATH"),
    (["status", "--socket", ""], "--socket takes a PATH, not an empty word"),
    (["status", "--socket", "/" + "x" * 200], "at most 107 bytes"),
    (["sync", "--timeout", "0"], '--timeout takes a number from 1 to 3600, not "0"'),
    (["sync", "--timeout=soon"], "--timeout takes a number"),
    (["sync", "-t"], "--timeout needs a SECONDS"),
    (["sync", "-x"], "no such option: -x"),
    (["why"], "PATH is missing"),
    (["transform", "--profile", "big"], "must be lossless, balanced or compact"),
    (["fetch"], "git"),
    (["batch-fetch"], "contextor init"),
    (["scan-history"], "contextor status"),
    (["intelligence"], "index.jsonl"),
    (["benchmark"], "metrics"),
    (["tokens"], "stats.tokens"),
]

# Commands that need a daemon, and their arguments.
REMOTE = [["status"], ["metrics"], ["follow"], ["failures"], ["why", "/x"], ["sync"], ["rebuild"],
          ["pause"], ["resume"], ["reload"], ["version", "--daemon"]]


class Usage(Case):
    def test_wrong_usage_is_one_line_and_status_2(self):
        for arguments, text in WRONG:
            with self.subTest(arguments):
                done = self.contextor(*arguments, status=2)
                self.assertIn(text, done.err)
                self.assertEqual(done.out, "")
                if arguments:
                    self.assertEqual(done.err.count("\n"), 1, done.err)

    def test_help_is_made_from_the_table_that_parses(self):
        listed = self.contextor("--help", status=0).out
        for command in COMMANDS:
            self.assertRegex(listed, r"(?m)^  %s +\w" % command)
            text = self.contextor(command, "--help", status=0).out
            self.assertTrue(text.startswith("Usage: contextor %s" % command))
            for option in re.findall(r"--(?:\[no-\])?([a-z-]+)", text):
                if option != "help" and re.search(r"(?m)^ .*--(\[no-\])?%s( |$)" % option, text):
                    done = self.contextor(command, "--%s=" % option)
                    self.assertNotIn("no such option", done.err)

    def test_every_option_is_in_the_manual(self):
        manual = ROOT.joinpath("src/cli/contextor.1.scd").read_text()
        for command in COMMANDS:
            text = self.contextor(command, "--help", status=0).out
            for option in re.findall(r"(?m)^ .*?--(?:\[no-\])?([a-z-]+)", text):
                if option != "help":
                    self.assertRegex(manual, r"\*--(\[no-\])?%s\*" % option, command)

    def test_no_daemon_is_one_line_that_says_how_to_start_it(self):
        for arguments in REMOTE:
            done = self.contextor(*arguments, status=1, environment={"XDG_RUNTIME_DIR": str(self.place)})
            self.assertRegex(done.err, r"no daemon is running; start it with: systemctl --user start")
            self.assertEqual((done.err.count("\n"), done.out), (1, ""))
            missing = self.path("none.sock")
            done = self.contextor(*arguments, "--socket", missing, status=1)
            self.assertIn("contextord --socket %s" % missing, done.err)

    def test_a_full_disk_behind_stdout_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([CONTEXTOR, "--help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)

    def test_version(self):
        self.assertRegex(self.contextor("version", status=0).out, r"^contextor \d+\.\d+\.\d+\n$")
        self.assertEqual(self.contextor("--version", status=0).out,
                         self.contextor("version", status=0).out)
        self.assertIn("version", json.loads(self.contextor("version", "--json", status=0).out))


class Transform(Case):
    DOCUMENT = b"---\ntitle: T\n---\nimport X from 'x'\n\nTitle\n===\n\n<X>kept</X> *  x\n"

    def test_prints_the_body_or_the_page(self):
        body = self.contextor("transform", "--path", "d/a.mdx", input=self.DOCUMENT, status=0).out
        self.assertIn("# Title\n", body)
        self.assertIn("kept", body)
        self.assertNotIn("import", body)
        page = self.contextor("transform", "--path", "d/a.mdx", "--mdc", "--repo", "o/r", "--ref", "v1",
                              input=self.DOCUMENT, status=0).out
        self.assertTrue(page.startswith('---\nschema: "mdc/1.0"\n'))
        self.assertTrue(page.endswith("---\n\n" + body))
        self.assertIn('slug: "r__d__a"', page)
        self.assertIn('fetched_at: "2023-11-14T22:13:20Z"', page)

    def test_agrees_with_optimize(self):
        self.write("docs/d/a.mdx", self.DOCUMENT)
        self.optimize("--src", self.path("docs"), "--out", self.path("pages"), "--repo", "o/r",
                      "--ref", "main")
        page = self.contextor("transform", "--path", "d/a.mdx", "--mdc", "--repo", "o/r", "--ref",
                              "main", input=self.DOCUMENT, status=0).out
        self.assertEqual(page, self.read("pages/r__d__a.mdc"))

    def test_refuses_what_is_no_document(self):
        done = self.contextor("transform", input=b"a\xff", status=1)
        self.assertIn("UTF-8", done.err)
        self.assertEqual((done.err.count("\n"), done.out), (1, ""))
        with open(self.path("large"), "wb") as file:
            file.truncate((64 << 20) + 1)
        with open(self.path("large"), "rb") as file:
            done = subprocess.run([CONTEXTOR, "transform"], stdin=file, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"over 64 MiB", done.stderr)

    def test_an_empty_document_is_fine(self):
        self.contextor("transform", input=b"", status=0)


class Commands(Case):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n")
        self.write("docs/bad.md", b"\xff")
        self.served = self.daemon(self.source("docs", "pages"))
        self.served.__enter__()
        self.addCleanup(self.served.__exit__, None, None, None)
        self.served.sync()

    def ask(self, *arguments, **more):
        return self.contextor(*arguments, "--socket", self.served.socket, **more)

    def ask_json(self, *arguments, **more):
        return json.loads(self.ask(*arguments, "--json", **more).out)

    def test_status_is_a_table(self):
        lines = self.ask("status", status=0).out.splitlines()
        self.assertRegex(lines[0], r"^contextord \S+ \(process %d\): ready" % self.served.process.pid)
        self.assertRegex(lines[-2], r"^SOURCE +STATE +DOCUMENTS +FAILED")
        self.assertRegex(lines[-1], r"^docs +watching +2 +1 ")
        self.assertEqual(self.ask_json("status", status=0)["sources"][0]["name"], "docs")

    def test_status_says_what_is_degraded_once(self):
        os.rename(self.path("docs"), self.path("gone"))
        self.until(lambda: self.served.source("docs")["state"] == "root_missing", self.served)
        out = self.ask("status", status=0).out
        self.assertIn("degraded: docs: %s: No such file" % self.path("docs"), out)
        self.assertEqual(out.count("No such file"), 1, out)

    def on_terminal(self, columns, *arguments):
        """What a command prints on a terminal of so many columns."""
        main_end, other_end = pty.openpty()
        fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start_program(CONTEXTOR, *arguments, "--socket", self.served.socket, stdout=other_end)
        os.close(other_end)
        with open(main_end, "rb", buffering=0) as file:
            printed = b""
            with contextlib.suppress(OSError):  # EIO: its end
                while data := file.read(4096):
                    printed += data
        self.assertEqual(process.wait(), 0)
        return printed.decode().splitlines()

    def test_the_table_of_the_status_fits_a_terminal(self):
        output = str(self.path("pages"))
        full = self.ask("status", status=0).out.splitlines()[-2:]
        self.assertTrue(full[1].endswith(" " + output))
        for columns in (200, len(full[1]), len(full[1]) - 1, 80, 72, 60, 50, 20):
            head, row = self.on_terminal(columns, "status")[-2:]
            shown = max(len(head), len(row))
            if columns >= len(full[1]):
                self.assertEqual([head, row], full)
                continue
            titles, cells = head.split(), row.split()
            self.assertEqual(titles[:4], ["SOURCE", "STATE", "DOCUMENTS", "FAILED"])
            self.assertEqual(len(cells), len(titles))
            self.assertTrue(shown <= columns or len(titles) == 4, (columns, head, row))
            self.assertEqual([title for title in full[0].split() if title in titles], titles)
            self.assertEqual("OUTPUT" in titles, columns >= 60)
            if "OUTPUT" in titles and cells[-1] != output:
                self.assertRegex(cells[-1], "^….{15}")
                self.assertTrue(output.endswith(cells[-1][1:]), row)

    def test_watching_the_status_goes_on_over_a_restart(self):
        process = self.start_program(
            CONTEXTOR, "status", "--watch", "--interval", "1", "--json", "--socket", self.served.socket,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

        def await_pid(pid):
            while '"pid":%d,' % pid not in process.stdout.readline():
                self.assertIsNone(process.poll())

        await_pid(self.served.process.pid)
        self.served.stop()
        with self.daemon(self.served.config) as again:
            await_pid(again.process.pid)

    def test_sync_and_failures_end_with_1_when_documents_failed(self):
        for command in ("sync", "failures"):
            done = self.ask(command, status=1)
            self.assertRegex(done.out, r"^docs: bad\.md: .*UTF-8.*\n$")
            self.assertEqual(done.err, "")
        self.assertEqual(self.ask_json("sync", status=1)["failed_total"], 1)
        self.write("docs/bad.md", "# Good\n")
        self.assertEqual(self.ask("sync", status=0).out, "")
        self.assertEqual(self.ask("failures", "docs", status=0).out, "")

    def test_no_such_source_or_path_ends_with_2(self):
        for arguments in (["failures", "no"], ["rebuild", "--source", "no"], ["why", "/no/where"],
                          ["rebuild", self.path("docs/none.md")], ["why", "--source", "no", "a.md"]):
            done = self.ask(*arguments, status=2)
            self.assertEqual((done.err.count("\n"), done.out), (1, ""))

    def test_why_takes_paths_as_people_type_them(self):
        self.path("link").symlink_to(self.path("docs"))
        self.write("docs/d/b.md", "# B\n")
        self.served.sync()
        for folder, path in (("docs", "a.md"), (".", "docs/a.md"), ("docs/d", "../a.md"),
                             ("docs", "./d/../a.md"), (".", "link/a.md"), ("/", self.path("docs/a.md"))):
            done = self.ask("why", path, status=0, cwd=self.path(folder))
            self.assertIn("a.md in source docs", done.out)
        self.assertRegex(self.ask("why", self.path("docs"), status=0).out, r"^\. in source docs\n")
        gone = self.ask_json("why", "gone/x.md", status=0, cwd=self.path("docs"))["results"][0]
        self.assertEqual((gone["path"], gone["verdict"]), ("gone/x.md", "missing"))

    def test_metrics_as_table_json_and_prometheus(self):
        self.assertRegex(self.ask("metrics", status=0).out, r"(?m)^written_total +\d+$")
        self.assertIn("written_total", self.ask_json("metrics", status=0))
        self.assertIn("# TYPE contextor_written_total counter",
                      self.ask("metrics", "--prometheus", status=0).out)

    def test_pause_lasts_until_resume(self):
        self.assertEqual(self.ask("pause", status=0).out, "paused (1 hold)\n")
        done = self.ask("sync", status=1)
        self.assertEqual(done.err, "contextor: sync: paused; resume first\n")
        self.assertEqual(self.ask("resume", status=0).out, "running\n")
        self.ask("sync", status=1)

    def test_pause_while_running_ends_with_the_command(self):
        process = self.start_program(CONTEXTOR, "pause", "--while-running", "--socket",
                                     self.served.socket, stdout=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"paused (1 hold)\n")
        watcher = self.served.client()
        watcher.call("subscribe", events=["state"])
        self.assertEqual(watcher.call("status")["state"], "paused")
        process.terminate()
        self.assertEqual(watcher.event("state")["state"], "ready")

    def test_rebuild_and_reload(self):
        self.assertEqual(self.ask("rebuild", status=0).out, "2 queued\n")
        self.assertEqual(self.ask("rebuild", "a.md", status=0, cwd=self.path("docs")).out, "1 queued\n")
        for number in range(3):
            self.write("docs/d/e%d/x.md" % number, "# X\n")
        self.path("docs/empty").mkdir()
        self.served.sync()
        for folder, queued in (("d", 3), ("d/e1/", 1), (".", 5)):
            done = self.ask("rebuild", folder, status=0, cwd=self.path("docs"))
            self.assertEqual(done.out, "%d queued\n" % queued)
        self.assertIn("nor a folder", self.ask("rebuild", self.path("docs/empty"), status=2).err)
        self.ask("sync", status=1)  # waits for nothing
        self.assertRegex(self.ask("reload", status=0).out, r"1 source\n$")
        self.write("contextord.json", "{")
        done = self.ask("reload", status=1)
        self.assertEqual(done.err.count("\n"), 1)
        self.assertIn("contextord.json", done.err)

    def test_follow_prints_an_event_a_line(self):
        process = self.start_program(
            CONTEXTOR, "follow", "--json", "--events", "written", "--count", "2", "--path", "n*.md",
            "--socket", self.served.socket, stdout=subprocess.PIPE)
        requests = self.served.metrics()["requests_total"]
        while self.served.metrics()["requests_total"] <= requests + 1:
            requests += 1  # our own
            time.sleep(0.01)
        for name in ("n1.md", "other.md", "n2.md"):
            self.write("docs/" + name, "# N\n")
            self.served.sync()
        out, _ = process.communicate(timeout=60)
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([event["path"] for event in events], ["n1.md", "n2.md"])
        self.assertEqual(process.returncode, 0)

    def follower(self, *arguments):
        return self.start_program(
            CONTEXTOR, "follow", "--events", "written", "--socket", self.served.socket, *arguments,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def await_follower(self, daemon):
        """It has subscribed: a request is answered that is not our own."""
        self.until(lambda: daemon.metrics()["requests_total"] > daemon.connection.number, daemon)

    def test_follow_ends_with_the_daemon_and_says_so(self):
        process = self.follower()
        self.await_follower(self.served)
        self.served.stop()
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, ""))
        self.assertEqual(err, "contextor: follow: the daemon closed the connection; --reconnect would "
                              "wait for it\n")

    def test_follow_goes_on_over_a_restart(self):
        process = self.follower("--reconnect", "--count", "2")
        self.await_follower(self.served)
        self.write("docs/a.md", "# Before\n")
        self.assertRegex(process.stdout.readline(), r"^written +docs a\.md ")
        self.served.stop()
        self.assertRegex(process.stderr.readline(), "closed the connection; waiting for it$")
        with self.daemon(self.served.config) as again:
            self.await_follower(again)
            self.write("docs/b.md", "# After\n")
            out, err = process.communicate(timeout=60)
        self.assertRegex(out, r"^written +docs b\.md ")
        self.assertEqual((process.returncode, err), (0, ""))

    def test_follow_waits_for_a_daemon_that_is_not_there_yet(self):
        self.served.stop()
        process = self.follower("--reconnect", "--count", "1")
        self.assertRegex(process.stderr.readline(), "^contextor: no daemon listens on ")
        with self.daemon(self.served.config) as again:
            self.await_follower(again)
            self.write("docs/b.md", "# After\n")
            self.assertEqual(process.communicate(timeout=60)[1], "")
        self.assertEqual(process.returncode, 0)

    def test_a_name_cannot_forge_a_line(self):
        name = "evil\ndocs: fake.md: nothing\x1b[31m.md"
        self.path("docs").joinpath(name).write_bytes(b"\xff")
        done = self.ask("failures", status=1)
        self.served.sync()
        done = self.ask("failures", status=1)
        self.assertEqual(len(done.out.splitlines()), 2)
        self.assertNotIn("\x1b", done.out)


if __name__ == "__main__":
    main()
