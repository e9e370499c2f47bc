"""inotify for the tests: what happens to the names in a folder, seen from outside."""

import ctypes
import os
import select
import struct
import time

CLOSE_WRITE, MOVED_TO = 0x8, 0x80
HEADER = struct.Struct("iIII")
libc = ctypes.CDLL(None, use_errno=True)


class Inotify:
    """Watches a folder for names that are moved into place."""

    def __init__(self, folder, mask=MOVED_TO):
        self.fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self.fd < 0 or libc.inotify_add_watch(self.fd, os.fsencode(folder), mask) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self.seen = []  # by wait(), not yet asked for

    def close(self):
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def names(self, timeout=0):
        """The names of the events there are; waits for the first one at most so many seconds."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return []
        data, found = b"", []
        try:
            while chunk := os.read(self.fd, 1 << 16):
                data += chunk
        except BlockingIOError:
            pass
        at = 0
        while at < len(data):
            _, mask, _, size = HEADER.unpack_from(data, at)
            if mask & 0x4000:
                raise OSError("inotify: the queue overflowed")
            found.append(os.fsdecode(data[at + HEADER.size : at + HEADER.size + size].rstrip(b"\0")))
            at += HEADER.size + size
        return found

    def wait(self, name, seconds):
        """Waits until a name is moved into place, after those waited for before; the moment, by
        time.monotonic()."""
        deadline = time.monotonic() + seconds
        while name not in self.seen and (left := deadline - time.monotonic()) > 0:
            self.seen += self.names(left)
        if name in self.seen:
            del self.seen[: self.seen.index(name) + 1]
            return time.monotonic()
        raise AssertionError("%s was not moved into place within %s s" % (name, seconds))
