# labels: release
# timeout: 600
"""The limits of contextor-control(7): each client is answered or dropped, the others never notice."""

import contextlib
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import unittest

from daemon import SANITIZE, Case, Client, main

CLIENTS = 256
TOO_BUSY, TOO_LARGE, REFUSED = -32004, -32007, -32001
# Seconds within which `status` answers, whatever the others do; sanitizers are slow.
ANSWER = 0.25 if SANITIZE else 0.01

# Run as another user: connects and prints the first line that comes.
STRANGER = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print(s.makefile().readline())
"""


class Limits(Case):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n")
        self.served = self.daemon(self.source("docs", "pages"))
        self.served.__enter__()
        self.addCleanup(self.served.__exit__, None, None, None)
        self.served.sync()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))

    def dropped(self):
        return self.served.metrics()["clients_dropped_total"]

    def assert_answers_fast(self):
        """The median of 50: one preemption on a busy machine is not the daemon's."""
        times = []
        for _ in range(50):
            began = time.monotonic()
            self.served.status()
            times.append(time.monotonic() - began)
        self.assertLess(statistics.median(times), ANSWER)

    def assert_closed(self, client):
        with contextlib.suppress(ConnectionError):
            while client.socket.recv(1 << 16):
                pass

    def test_a_thousand_connections_take_the_places_of_idle_ones(self):
        clients = [self.served.client() for _ in range(1000)]
        self.assertEqual(clients[-1].call("version")["protocol"], 1)
        self.assertEqual(self.served.call("version")["protocol"], 1)  # it had asked before: it stays
        self.assertLessEqual(self.served.metrics()["clients"], CLIENTS)
        self.assertEqual(clients[1].receive()["error"]["code"], TOO_BUSY)
        self.assert_closed(clients[1])
        self.assert_answers_fast()

    def test_busy_clients_keep_their_places(self):
        busy = [self.served.client() for _ in range(CLIENTS - 1)]
        for client in busy:
            client.call("subscribe")
        self.served.call("subscribe")
        newcomer = self.served.client()
        self.assertEqual(newcomer.receive()["error"]["code"], TOO_BUSY)
        self.assert_closed(newcomer)
        busy[7].close()
        for _ in range(100):
            self.served.status()
        self.assertEqual(self.served.client().call("version")["protocol"], 1)

    def test_a_line_of_20_mb_is_answered_and_dropped(self):
        before = self.dropped()
        client = self.served.client()
        with contextlib.suppress(ConnectionError):
            client.socket.sendall(b"x" * (20 << 20))
        self.assertEqual(client.receive()["error"]["code"], TOO_LARGE)
        self.assert_closed(client)
        self.assertEqual(self.dropped(), before + 1)
        self.assert_answers_fast()

    def test_a_line_of_the_limit_is_read(self):
        client = self.served.client()
        line = b'{"jsonrpc":"2.0","id":1,"method":"version"}'
        client.send_line(line + b" " * ((1 << 20) - len(line)))
        self.assertEqual(client.receive()["id"], 1)
        client.send_line(line + b" " * ((1 << 20) - len(line) + 1))
        self.assertEqual(client.receive()["error"]["code"], TOO_LARGE)

    def test_a_subscriber_that_never_reads_is_dropped(self):
        before = self.dropped()
        deaf = self.served.client()
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(16):
            deaf.call("subscribe")
        hearing = self.served.client()
        hearing.call("subscribe", events=["written"])
        name = "docs/" + "n" * 200
        rounds = 0
        while self.dropped() == before:
            rounds += 1
            self.assertLess(rounds, 60)
            for number in range(60):
                self.write("%s%d.md" % (name, number), "# Round %d\n" % rounds)
            self.served.sync()
        self.assertEqual(hearing.event()["event"], "written")
        self.assert_answers_fast()

    def test_a_client_that_asks_and_never_reads_is_not_waited_for(self):
        deaf = self.served.client()
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "metrics"}).encode() + b"\n"
        deaf.socket.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            for _ in range(100000):
                deaf.socket.sendall(line)
        self.assert_answers_fast()

    def test_a_thousand_pipelined_requests_are_all_answered(self):
        client = self.served.client()
        line = b'{"jsonrpc":"2.0","id":%d,"method":"metrics"}\n'
        sender = threading.Thread(
            target=lambda: client.socket.sendall(b"".join(line % n for n in range(3000)))
        )
        sender.start()
        self.assertEqual([client.receive()["id"] for _ in range(3000)], list(range(3000)))
        sender.join()

    def test_requests_in_flight_are_limited(self):
        self.served.process.send_signal(signal.SIGSTOP)
        client = self.served.client()
        for number in range(70):
            client.send("sync")
        self.served.process.send_signal(signal.SIGCONT)
        answers = [client.receive() for _ in range(70)]
        refused = [a for a in answers if "error" in a]
        self.assertTrue(all(a["error"]["code"] == TOO_BUSY for a in refused))
        self.assertLessEqual(len(refused), 6)
        self.assertEqual(len({a["id"] for a in answers}), 70)

    def test_another_users_process_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become another user")
        os.chmod(self.place, 0o755)
        os.chmod(self.served.socket, 0o666)
        done = subprocess.run(["/usr/bin/python3", "-c", STRANGER, str(self.served.socket)],
                              user=65534, group=65534, extra_groups=[], capture_output=True,
                              cwd="/")
        answer = json.loads(done.stdout)
        self.assertEqual((answer["id"], answer["error"]["code"]), (None, REFUSED))
        self.assertIn("user 65534", answer["error"]["message"])

    def test_clients_that_vanish_leave_nothing_behind(self):
        for number in range(200):
            client = Client(self.served.socket)
            client.call("subscribe")
            client.send("sync")
            if number % 2:
                client.call("pause")
            client.close()
        self.served.call("resume", all=True)
        self.served.sync()
        self.write("docs/a.md", "# A again\n")
        self.served.sync()
        for _ in range(100):
            self.served.status()
        self.assertEqual(self.served.metrics()["clients"], 1)
        self.assertEqual(self.served.status()["state"], "ready")


if __name__ == "__main__":
    main()
