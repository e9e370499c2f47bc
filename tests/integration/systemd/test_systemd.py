# labels: release
# timeout: 1200
"""contextord under a real systemd: a minimal Debian, booted in a container by systemd-nspawn, in
which scenario.sh runs once and leaves what it saw. Needs root, Debian's packages, and a build
without sanitizers (the units' filters and the sanitizers exclude each other)."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from daemon import BUILD, SANITIZE, main

HERE = pathlib.Path(__file__).parent
PACKAGES = (
    "dbus dbus-user-session libpam-systemd systemd systemd-sysv libcmark-gfm0.29.0.gfm.6 "
    "libcmark-gfm-extensions0.29.0.gfm.6 libev4 libgcrypt20 libinotifytools0 libjansson4 "
    "libseccomp2 libsqlite3-0 libsystemd0 libyaml-0-2"
).split()
# Made once; what every container is a copy of.
BASE = pathlib.Path(os.environ.get("CONTEXTOR_CONTAINER_BASE", BUILD / "container-base"))
SUITE = """[Unit]
After=multi-user.target dbus.service
[Service]
Type=oneshot
ExecStart=/scenario.sh
"""


def why_not():
    """Why it cannot run here; None when it can."""
    if SANITIZE:
        return "the units' filters and sanitizers exclude each other; the release build runs this"
    if os.geteuid() != 0:
        return "needs root"
    for program in ("debootstrap", "systemd-nspawn", "dbus-daemon", "cmake"):
        if not shutil.which(program):
            return "there is no %s" % program
    return None


def make_base():
    if (BASE / "usr/bin/systemctl").exists():
        return
    shutil.rmtree(BASE, ignore_errors=True)
    part = BASE.with_name(BASE.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES), "bookworm", str(part)],
        check=True, stdout=subprocess.DEVNULL, timeout=600,
    )
    part.rename(BASE)


def start_bus():
    """systemd-nspawn wants a system bus on the host."""
    if os.path.exists("/run/dbus/system_bus_socket"):
        return
    os.makedirs("/run/dbus", exist_ok=True)
    subprocess.run(["dbus-daemon", "--system", "--fork"], check=True)


@unittest.skipIf(why_not(), why_not())
class Systemd(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        try:
            make_base()
            start_bus()
        except (subprocess.SubprocessError, OSError) as error:
            raise unittest.SkipTest("no container can be made here: %s" % error)
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="contextor-systemd-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.root = cls.place / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", str(BASE), str(cls.root)], check=True)
        subprocess.run(["cmake", "--install", str(BUILD)], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": str(cls.root)})
        cls.prepare()
        cls.boot()

    @classmethod
    def prepare(cls):
        (cls.root / "findings").mkdir()
        shutil.copy(HERE / "scenario.sh", cls.root / "scenario.sh")
        (cls.root / "scenario.sh").chmod(0o755)
        units = cls.root / "etc/systemd/system"
        (units / "scenario.service").write_text(SUITE)
        (units / "default.target.wants").mkdir(exist_ok=True)
        (units / "default.target.wants/scenario.service").symlink_to("../scenario.service")
        (cls.root / "etc/machine-id").write_text("")
        (cls.root / "var/log/journal").mkdir(exist_ok=True)

    @classmethod
    def boot(cls):
        done = subprocess.run(
            ["systemd-nspawn", "-D", str(cls.root), "--register=no", "--keep-unit", "-b",
             "--console=pipe"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=900,
        )
        if not (cls.root / "findings/log").exists():
            raise unittest.SkipTest("no systemd boots here: %s" % done.stderr.decode()[-500:])
        if not (cls.root / "findings/finished").exists():
            raise AssertionError("the scenario did not end:\n" + cls.found("log")[-3000:])

    @classmethod
    def found(cls, name):
        return (cls.root / "findings" / name).read_text(errors="replace")

    def test_idles_without_a_configuration(self):
        state, status = self.found("idle").splitlines()
        self.assertEqual((state, json.loads(status)["sources"]), ("active", []))

    def test_a_client_starts_the_daemon(self):
        self.assertEqual(self.found("activation").split(), ["inactive", "0", "active"])

    def test_is_ready_when_the_mirror_is_complete(self):
        self.assertEqual(self.found("ready").strip(), "300")

    def test_runs_as_its_own_user(self):
        socket, user = self.found("identity").splitlines()
        self.assertEqual((socket, user.strip()), ("contextor contextor 660", "contextor"))

    def test_is_locked_down(self):
        exposure = float(re.search(r"exposure level for \S+ ([0-9.]+)", self.found("security"))[1])
        self.assertLessEqual(exposure, 2.0)

    def test_works_in_its_lock_down_as_without(self):
        self.assertEqual(json.loads(self.found("degraded"))["degraded"], [])

    def test_serves_its_group(self):
        text = self.found("group")
        self.assertIn("bob 0", text)
        self.assertIn("alice 1", text)
        self.assertIn("permission denied", text)

    def test_large_documents_are_made_by_locked_up_workers(self):
        lines = self.found("worker").split("\n")
        self.assertIn("sync 0", lines)
        self.assertEqual(lines[lines.index("sync 0") + 1], "1")
        self.assertGreaterEqual(lines.count("Seccomp:\t2"), 1, lines)
        self.assertEqual(lines.count("Seccomp:\t2"), lines.count("NoNewPrivs:\t1"))

    def test_a_start_may_take_its_time_and_says_how_far_it_is(self):
        *texts, end, entries = self.found("start").splitlines()
        self.assertEqual((end.split()[0], entries.strip()), ("active", "20000"))
        print("started in %s ms: %s" % (end.split()[1], texts))
        if int(end.split()[1]) > 3500:  # then it took longer than TimeoutStartSec
            self.assertTrue([t for t in texts if t.startswith("starting: ")], texts)

    def test_status_text_has_live_counts(self):
        self.assertRegex(self.found("status"), r"301 documents.*1 failed")

    def test_journal_has_the_fields(self):
        entry = json.loads(self.found("journal").splitlines()[0])
        self.assertEqual((entry["SOURCE"], entry["DOCUMENT_PATH"], entry["RESULT"]),
                         ("docs", "broken.md", "failed"))
        self.assertRegex(entry["DURATION_USEC"], r"^\d+$")
        self.assertIn("UTF-8", entry["MESSAGE"])

    def test_a_second_instance_names_the_first(self):
        status, pid = self.found("second_pid").split()
        self.assertEqual(status, "1")
        self.assertIn("(process %s)" % pid, self.found("second"))

    def test_reload_good_and_bad(self):
        lines = self.found("reload").splitlines()
        self.assertEqual(lines[:2], ["good 0", "1"])
        self.assertRegex(lines[2], "^bad [1-9]")
        self.assertEqual(lines[3], "active")
        self.assertEqual(len(json.loads(lines[4])["sources"]), 2)

    def test_killed_it_comes_back_and_nothing_is_lost(self):
        saved, restarts = self.found("killed").split()
        self.assertEqual(saved, "200")
        self.assertGreaterEqual(int(restarts), 1)

    def test_watchdog_restarts_a_stopped_daemon(self):
        alive, state, timeouts = self.found("watchdog").split()
        self.assertEqual((alive, state), ("alive", "active"))
        self.assertGreaterEqual(int(timeouts), 1)

    def test_stops_in_time(self):
        lines = self.found("stop").splitlines()
        self.assertLess(int(lines[0]), 20000)
        self.assertEqual(lines[1:4], ["success", "0", "0"])
        self.assertIn("No such file", lines[4])

    def test_runs_under_the_users_manager(self):
        text = self.found("user")
        for line in ("init 0", "socket 0", "sync 0", "active", "reload 0", "stop 0", "700"):
            self.assertIn(line, text.splitlines())
        status = json.loads(next(l for l in text.splitlines() if l.startswith("{")))
        self.assertEqual((status["sources"][0]["documents"], status["degraded"]), (1, []))


if __name__ == "__main__":
    main()
