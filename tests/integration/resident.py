"""Resident memory of a program and its children, seen from outside."""

import os
import pathlib
import subprocess
import threading

MIB = 1 << 20


def children(pid):
    found = []
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task)) as file:
                found += [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def high_water(pid):
    """The most that a process held so far, in bytes; 0 when it has ended."""
    try:
        text = pathlib.Path("/proc/%d/status" % pid).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    at = text.find("VmHWM:")
    return int(text[at:].split()[1]) * 1024 if at >= 0 else 0


class Peak(threading.Thread):
    """Watches a process. `bytes` is the most that it and its children had held together: the sum
    of what each had held at most, of those there were at the same time."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.bytes = 0
        self.processes = 1
        self.over = threading.Event()
        self.start()

    def look(self):
        family = [self.pid, *children(self.pid)]
        self.bytes = max(self.bytes, sum(high_water(pid) for pid in family))
        self.processes = max(self.processes, len(family))

    def run(self):
        while not self.over.wait(0.002):
            self.look()

    def stop(self):
        self.look()
        self.over.set()
        self.join()
        return self.bytes


def run(command, **more):
    """Runs a program to its end: its exit status, and its Peak."""
    process = subprocess.Popen([str(word) for word in command], **more)
    peak = Peak(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    peak.over.set()
    peak.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, peak


def bound(limit_mb, workers, processes):
    """What contextord.json(5) says of memory_limit_mb: resident memory stays below this, in bytes."""
    return (limit_mb + 64 + 2 * workers + 16 * processes) * MIB
