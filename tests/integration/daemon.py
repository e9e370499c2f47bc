"""contextord and contextor on temporary directories, for the integration tests.

A test is a class of Case, whose `place` is a fresh directory outside any git work tree:

    class Saves(Case):
        def test_save_is_fresh(self):
            self.write("docs/a.md", "# A\n")
            with self.daemon(self.source("docs", "pages")) as daemon:
                daemon.sync()
                ...

    if __name__ == "__main__":
        main()

Everything started is stopped; a sanitizer's report in what a program said fails the test. The exit
status is 77 when every test was skipped. Where the programs are comes by environment (CMakeLists.txt
here sets it); without it, they are those of build/dev.
"""

import collections
import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(os.environ.get("CONTEXTOR_ROOT", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("CONTEXTOR_BUILD", ROOT / "build/dev"))
CONTEXTOR = os.environ.get("CONTEXTOR", str(BUILD / "bin/contextor"))
CONTEXTORD = os.environ.get("CONTEXTORD", str(BUILD / "bin/contextord"))
SHARED = ROOT.parent / "shared"
SANITIZE = os.environ.get("CONTEXTOR_SANITIZE", "")

# Pages' time stamps in every test, so that builds at different times give the same bytes.
EPOCH = "1700000000"
# Seconds for whatever is waited for: only a failing test takes them. Sanitizers are slow.
PATIENCE = 120
SKIPPED = 77

SANITIZER_REPORT = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|: runtime error: |SUMMARY: \w+Sanitizer"
)

Result = collections.namedtuple("Result", "status out err")


def end_session(process):
    """Ends a process that was started with a session of its own, and all others of that."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


class RemoteError(Exception):
    """The daemon answered with an error."""

    def __init__(self, error):
        super().__init__("%(code)d: %(message)s" % error)
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


class Client:
    """A connection to the control socket: calls, and the events that came meanwhile."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.buffer = b""
        self.number = 0
        self.events = collections.deque()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_line(self, line):
        self.socket.sendall(line + b"\n")

    def receive_line(self):
        while b"\n" not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the daemon closed the connection")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def receive(self):
        return json.loads(self.receive_line())

    def send(self, method, **params):
        """Sends a request and returns its id."""
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.send_line(json.dumps(message).encode())
        return self.number

    def answer(self, number):
        """The answer to a request; events are kept for event()."""
        while True:
            message = self.receive()
            if message.get("method") == "event":
                self.events.append(message["params"])
            elif message.get("id") == number:
                if "error" in message:
                    raise RemoteError(message["error"])
                return message["result"]

    def call(self, method, **params):
        return self.answer(self.send(method, **params))

    def event(self, kind=None, path=None):
        """The next event, of that kind and path if given; others before it are dropped."""
        while True:
            event = self.events.popleft() if self.events else self.receive()
            event = event.get("params", event)
            if kind in (None, event["event"]) and path in (None, event.get("path")):
                return event


class Daemon:
    """A running contextord. As a context it is stopped at the end, and what it said is checked."""

    def __init__(self, case, config, arguments=(), environment=None, wrap=()):
        self.case = case
        self.socket = case.place / "contextord.sock"
        self.config = case.configure(config) if isinstance(config, dict) else config
        self.log = case.open_log()
        command = [*wrap, CONTEXTORD, "--config", str(self.config), "--socket", str(self.socket)]
        self.process = subprocess.Popen(
            command + list(arguments),
            env=case.environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.connection = None

    def __enter__(self):
        try:
            self.connect()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.kill()
            print("--- contextord said:\n%s---" % self.said(), file=sys.stderr)
        elif self.process.poll() is None:
            self.case.assertEqual(self.stop(), 0, self.said())
        else:
            self.close()

    def connect(self):
        """Waits until it listens."""
        deadline = time.monotonic() + PATIENCE
        while self.connection is None:
            try:
                self.connection = Client(self.socket)
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError("contextord ended:\n" + self.said())
                if time.monotonic() > deadline:
                    raise AssertionError("contextord does not listen:\n" + self.said())
                time.sleep(0.01)

    def client(self):
        client = Client(self.socket)
        self.case.addCleanup(client.close)
        return client

    def call(self, method, **params):
        return self.connection.call(method, **params)

    def sync(self, **params):
        return self.call("sync", timeout_ms=PATIENCE * 1000, **params)

    def status(self):
        return self.call("status")

    def metrics(self):
        return self.call("metrics")

    def source(self, name):
        return next(source for source in self.status()["sources"] if source["name"] == name)

    def said(self):
        return os.pread(self.log.fileno(), 1 << 24, 0).decode(errors="replace")

    def wait_said(self, text):
        """Waits until it has logged the text."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("contextord never said %r:\n%s" % (text, self.said()))
            time.sleep(0.01)

    def wait_end(self):
        """Its exit status, once it has ended."""
        status = self.process.wait(PATIENCE)
        self.close()
        return status

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait_end()

    def kill(self):
        end_session(self.process)
        self.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self.case.check_said(self.said())


class Case(unittest.TestCase):
    """A test with a place of its own."""

    maxDiff = 2000

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="contextor-test-")).resolve()
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        (self.place / "home").mkdir()

    def until(self, condition, daemon):
        """Waits for what the daemon does by itself and tells by no event."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, "%s\n%s" % (daemon.status(), daemon.said()))
            time.sleep(0.01)

    # Files of the place

    def path(self, path):
        return self.place / path

    def write(self, path, content=""):
        """Writes a file in place, as most editors do; makes its directories."""
        path = self.path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def replace(self, path, content):
        """Saves a file by rename, as vim and others do."""
        path = self.path(path)
        temporary = path.with_name(path.name + ".swp~")
        temporary.write_text(content)
        os.rename(temporary, path)

    def read(self, path):
        return self.path(path).read_text()

    def tree(self, path):
        """{relative path: bytes} of the files of an output, its .contextor left out."""
        top = self.path(path)
        files = {}
        for folder, folders, names in os.walk(top):
            if ".contextor" in folders:
                folders.remove(".contextor")
            for name in names:
                file = pathlib.Path(folder, name)
                files[str(file.relative_to(top))] = file.read_bytes()
        return files

    def stamps(self, path):
        """{name: (inode, mtime)} of the files of an output: equal, when nothing was written."""
        return {
            entry.name: (entry.inode(), entry.stat().st_mtime_ns)
            for entry in os.scandir(self.path(path))
            if entry.is_file()
        }

    def index(self, path):
        return [json.loads(line) for line in self.read(pathlib.Path(path) / "index.jsonl").split("\n")[:-1]]

    # Programs

    def environment(self, more=None):
        kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment.update(HOME=str(self.place / "home"), LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH=EPOCH)
        environment.update(more or {})
        return environment

    def source(self, root, output, name="docs", **more):
        """A source's configuration, with an identity that no git remote decides."""
        source = {"name": name, "root": str(self.path(root)), "output": str(self.path(output))}
        source.update(repo="example/docs", ref="main")
        source.update(more)
        return source

    def configure(self, config, name="contextord.json"):
        """Writes a configuration: a whole one, or one source's."""
        if "sources" not in config and "root" in config:
            config = {"sources": [config]}
        return self.write(name, json.dumps(config, indent=2))

    def open_log(self):
        log = tempfile.TemporaryFile()
        self.addCleanup(log.close)
        return log

    def daemon(self, config, **more):
        daemon = Daemon(self, config, **more)
        self.addCleanup(daemon.kill)
        return daemon

    def run_program(self, *command, status=None, input=None, environment=None, **more):
        """Runs a program to its end; with `status`, it has to end with that."""
        done = subprocess.run(
            [str(word) for word in command],
            env=self.environment(environment),
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            timeout=more.pop("timeout", PATIENCE),
            **more,
        )
        result = Result(
            done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )
        self.check_said(result.err)
        if status is not None:
            self.assertEqual(result.status, status, "%s\n%s%s" % (command, result.out, result.err))
        return result

    def start_program(self, *command, **more):
        """A program that runs beside the test, which it does not outlive, nor what it has started."""
        process = subprocess.Popen(
            [str(word) for word in command],
            env=self.environment(),
            start_new_session=True,
            **{"stdin": subprocess.DEVNULL, **more},
        )
        self.addCleanup(end_session, process)
        return process

    def contextor(self, *arguments, **more):
        return self.run_program(CONTEXTOR, *arguments, **more)

    def optimize(self, *arguments, **more):
        return self.contextor("optimize", "--quiet", *arguments, **{"status": 0, **more})

    def optimize_source(self, name="docs", out="cold", *arguments, config="contextord.json", **more):
        """A cold build of what the daemon has for a source."""
        return self.optimize(
            "--config", self.path(config), "--source", name, "--out", self.path(out), *arguments, **more
        )

    # Checks

    def check_said(self, text):
        if SANITIZER_REPORT.search(text):
            raise AssertionError("a sanitizer reports:\n" + text)

    def assert_same_trees(self, one, other):
        """Both outputs have the same files with the same bytes."""
        one_files, other_files = self.tree(one), self.tree(other)
        self.assertEqual(sorted(one_files), sorted(other_files))
        for name, content in one_files.items():
            if content != other_files[name]:
                lines = zip(content.split(b"\n"), other_files[name].split(b"\n"))
                pair = next((pair for pair in lines if pair[0] != pair[1]), ("", "lengths differ"))
                self.fail("%s differs: %s has\n%r\n%s has\n%r" % (name, one, pair[0], other, pair[1]))

    def assert_mirrors(self, output="pages", name="docs", config="contextord.json"):
        """A source's output is what a cold build makes of it."""
        shutil.rmtree(self.path("cold"), ignore_errors=True)
        self.optimize_source(name, "cold", config=config)
        self.assert_same_trees(output, "cold")


def main():
    """Runs the tests of the file that calls it. Exit status 77: all of them were skipped."""
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    if result.testsRun and result.testsRun == len(result.skipped) and result.wasSuccessful():
        for test, reason in result.skipped:
            print("skipped: %s: %s" % (test, reason))
        sys.exit(SKIPPED)
    sys.exit(not result.wasSuccessful())
