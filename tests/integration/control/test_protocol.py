"""The protocol, as contextor-control(7) says it: JSON-RPC 2.0 in full, and every method."""

import base64
import json
import os
import subprocess
import unittest

from daemon import CONTEXTOR, Case, Client, RemoteError, main

PARSE, INVALID, NO_METHOD, PARAMS = -32700, -32600, -32601, -32602
PAUSED, TIMEOUT, NOT_FOUND, REFUSED = -32002, -32003, -32005, -32001


def request(method="version", **more):
    return {"jsonrpc": "2.0", "method": method, **more}


# A line, and the code of the error that answers it with id null (or the id given).
WRONG = [
    (b"nonsense", PARSE, None),
    (b"{", PARSE, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"version\xff"}', PARSE, None),
    (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"version"}', PARSE, None),
    (b"[" * 3000, PARSE, None),
    (b"\x00", PARSE, None),
    (b"1", PARSE, None),
    (b"[]", INVALID, None),
    (b'{"id":5,"method":"version"}', INVALID, 5),
    (b'{"jsonrpc":"2.0","id":"x","method":5}', INVALID, "x"),
    (b'{"jsonrpc":"2.0","id":[],"method":"version"}', INVALID, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"version","params":"x"}', INVALID, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"nosuch"}', NO_METHOD, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"version","params":{"a":1}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"version","params":[1]}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"sync","params":{"timeout_ms":0}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"sync","params":{"index":1}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"why"}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"why","params":{"path":"relative.md"}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"why","params":{"path":"/no/where.md"}}', NOT_FOUND, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"why","params":{"path_b64":"?"}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"rebuild","params":{"source":"no"}}', NOT_FOUND, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"failures","params":{"source":"no"}}', NOT_FOUND, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"changes","params":{"sources":["no"]}}', NOT_FOUND, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"unsubscribe","params":[7]}', NOT_FOUND, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"events":["no"]}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"paths":["["]}}', PARAMS, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"metrics","params":{"format":"xml"}}', PARAMS, 1),
]


class Protocol(Case):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n\nText.\n")
        self.write("docs/guides/b.mdx", "import X from 'x'\n\n# B\n\n<X>kept</X>\n")
        self.write("docs/bad.md", b"\xff\xfe")
        self.served = self.enterContext(self.daemon(self.source("docs", "pages")))
        self.served.sync()

    def enterContext(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def test_wrong_lines_are_answered_and_the_connection_goes_on(self):
        client = self.served.client()
        for line, code, number in WRONG:
            client.send_line(line)
            answer = client.receive()
            self.assertEqual(answer["error"]["code"], code, line)
            self.assertEqual(answer["id"], number, line)
            self.assertNotIn("\n", answer["error"]["message"])
        self.assertEqual(client.call("version")["protocol"], 1)

    def test_ids_come_back_as_they_were(self):
        client = self.served.client()
        for number in (1, -7, 1.5, "text", "", "\u00e4\n", None, 1 << 62):
            client.send_line(json.dumps(request(id=number)).encode())
            answer = client.receive()
            self.assertEqual(answer["id"], number)
            self.assertEqual(answer["jsonrpc"], "2.0")

    def test_notifications_are_carried_out_and_never_answered(self):
        client = self.served.client()
        client.send_line(json.dumps(request("pause", params={"keep": True})).encode())
        client.send_line(json.dumps(request("nosuch")).encode())
        client.send_line(json.dumps(request("sync", params={"index": 5})).encode())
        self.assertEqual(client.call("status")["state"], "paused")
        client.send_line(json.dumps(request("resume")).encode())
        self.assertEqual(client.call("status")["state"], "ready")

    def test_batches_are_answered_together(self):
        client = self.served.client()
        batch = [request(id=1), request("sync", id=2), 3, request("nosuch", id=4), request()]
        client.send_line(json.dumps(batch).encode())
        answers = client.receive()
        self.assertEqual(sorted((a["id"] or 0) for a in answers), [0, 1, 2, 4])
        client.send_line(json.dumps([request(), request()]).encode())
        self.assertEqual(client.call("version")["protocol"], 1)
        client.send_line(json.dumps([request(id=n) for n in range(65)]).encode())
        self.assertEqual(client.receive()["error"]["code"], INVALID)
        client.send_line(json.dumps([request(id=n) for n in range(64)]).encode())
        self.assertEqual(len(client.receive()), 64)

    def test_bytes_may_arrive_one_by_one_and_without_a_last_newline(self):
        client = self.served.client()
        line = json.dumps(request(id=1)).encode() + b"\r\n\n  \n" + json.dumps(request(id=2)).encode()
        for n in range(len(line)):
            client.socket.sendall(line[n : n + 1])
        client.socket.shutdown(1)
        self.assertEqual([client.receive()["id"], client.receive()["id"]], [1, 2])
        self.assertEqual(client.socket.recv(1), b"")

    def test_a_half_closed_client_gets_its_answers(self):
        client = self.served.client()
        for number in range(20):
            client.send_line(json.dumps(request("sync", id=number)).encode())
        client.socket.shutdown(1)
        answers = {client.receive()["id"] for _ in range(20)}
        self.assertEqual(answers, set(range(20)))
        self.assertEqual(client.socket.recv(1), b"")

    def test_parameters_may_come_by_position(self):
        client = self.served.client()
        client.send_line(json.dumps(request("sync", id=1, params=[False, 5000])).encode())
        self.assertEqual(client.receive()["result"]["failed_total"], 1)

    def test_version_lists_the_methods(self):
        version = self.served.call("version")
        self.assertEqual(version["pid"], self.served.process.pid)
        self.assertEqual(version["methods"], sorted(version["methods"]))
        self.assertLessEqual({"changes", "failures", "metrics", "pause", "rebuild", "reload", "resume",
                              "status", "subscribe", "sync", "unsubscribe", "version", "why"},
                             set(version["methods"]))

    def test_status_has_the_fields_of_the_manual(self):
        status = self.served.status()
        self.assertEqual(
            set(status),
            {"version", "pid", "state", "degraded", "uptime_s", "config", "sources", "queue"},
        )
        source = status["sources"][0]
        self.assertLessEqual(
            {"name", "root", "output", "repo", "ref", "profile", "state", "documents", "failed",
             "waiting", "in_flight", "watches", "polled_directories", "clock"},
            set(source),
        )
        self.assertEqual((source["documents"], source["failed"], source["watches"]), (3, 1, 2))
        self.assertEqual(
            set(status["queue"]), {"save", "request", "bulk", "held", "in_flight", "memory_bytes"}
        )

    def test_metrics_are_what_promtool_takes(self):
        text = self.served.call("metrics", format="prometheus")["text"]
        numbers = self.served.metrics()
        for name in ("written_total", "overflow_total", "clients", "save_latency_seconds"):
            self.assertIn(name, numbers)
            self.assertIn("contextor_" + name, text)
        try:
            done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(),
                                  capture_output=True)
        except FileNotFoundError:
            self.skipTest("there is no promtool")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_failures_and_sync_name_what_failed(self):
        failed = self.served.sync()["failed"]
        self.assertEqual([(f["source"], f["path"]) for f in failed], [("docs", "bad.md")])
        listed = self.served.call("failures")
        self.assertEqual(listed["total"], 1)
        self.assertIn("UTF-8", listed["failures"][0]["error"])
        self.write("docs/bad.md", "# Good\n")
        self.assertEqual(self.served.sync()["failed"], [])
        self.assertEqual(self.served.call("failures"), {"failures": [], "total": 0})

    def test_why_explains(self):
        view = self.served.call("why", path=str(self.path("docs/guides/b.mdx")))["results"][0]
        self.assertEqual((view["source"], view["path"]), ("docs", "guides/b.mdx"))
        self.assertEqual((view["verdict"], view["seen"]), ("document", "watched"))
        self.assertEqual(view["last"]["result"], "written")
        self.assertIn(("dropped", "esm"), {(l["loss"], l["rule"]) for l in view["losses"]})
        self.assertTrue(os.path.exists(view["page"]))
        self.write("docs/.gitignore", "secret.md\n")
        self.write("docs/secret.md", "# S\n")
        self.served.sync()
        view = self.served.call("why", source="docs", path="secret.md")["results"][0]
        self.assertEqual((view["verdict"], view["reason"]["file"]), ("ignored", ".gitignore"))
        self.assertEqual(view["reason"]["line"], 1)
        rules = {"README.txt": ("ignored", "not included"), ".git/a.md": ("ignored", "never entered"),
                 "guides": ("directory", None), "": ("directory", None),
                 "4913": ("ignored", "temporary"), "a.md~": ("ignored", "temporary"),
                 ".a.md.swp": ("ignored", "temporary"), "none.md": ("missing", "include")}
        for path, (verdict, rule) in rules.items():
            view = self.served.call("why", path=str(self.path("docs") / path))["results"][0]
            self.assertEqual(view["verdict"], verdict, path)
            if rule:
                self.assertEqual(view["reason"]["rule"], rule, path)
            if rule == "never entered":
                self.assertEqual(view["reason"]["pattern"], ".git")

    def test_paths_that_are_not_utf8_come_twice(self):
        name = b"caf\xe9.md"
        client = self.served.client()
        clock = self.served.source("docs")["clock"]
        with open(os.path.join(os.fsencode(self.path("docs")), name), "wb") as file:
            file.write(b"# Caf\n")
        self.served.sync()
        changes = client.call("changes", since={"docs": clock})["changes"]
        mine = [c for c in changes if "path_b64" in c]
        self.assertEqual([base64.b64decode(c["path_b64"]) for c in mine], [name])
        self.assertEqual(mine[0]["path"], "caf\ufffd.md")
        view = client.call("why", source="docs", path_b64=mine[0]["path_b64"])["results"][0]
        self.assertEqual(view["verdict"], "document")

    def test_rebuild_makes_pages_again(self):
        before = self.served.metrics()["processed_total"]
        self.assertEqual(self.served.call("rebuild")["queued"], 3)
        self.served.sync()
        self.assertEqual(self.served.call("rebuild", path=str(self.path("docs/a.md"))), {"queued": 1})
        self.served.sync()
        self.assertGreaterEqual(self.served.metrics()["processed_total"], before + 3)
        with self.assertRaises(RemoteError) as caught:
            self.served.call("rebuild", source="docs", path="none.md")
        self.assertEqual(caught.exception.code, NOT_FOUND)

    def test_pause_ends_with_the_client_that_asked(self):
        holder, keeper = self.served.client(), self.served.client()
        self.assertEqual(holder.call("pause"), {"paused": True, "holds": 1})
        self.assertEqual(holder.call("pause"), {"paused": True, "holds": 1})
        self.assertEqual(keeper.call("pause", keep=True), {"paused": True, "holds": 2})
        with self.assertRaises(RemoteError) as caught:
            self.served.sync()
        self.assertEqual((caught.exception.code, caught.exception.data), (PAUSED, {"holds": 2}))
        self.assertEqual(keeper.call("resume"), {"paused": True, "holds": 1})
        keeper.call("subscribe", events=["state"])
        holder.close()
        self.assertEqual(keeper.event("state")["state"], "ready")
        self.served.sync()
        another = self.served.client()
        another.call("pause")
        self.assertEqual(keeper.call("resume", all=True), {"paused": False, "holds": 0})

    def test_reload_takes_a_good_configuration_and_refuses_a_bad_one(self):
        self.write("more/c.md", "# C\n")
        self.configure({"sources": [self.source("docs", "pages"),
                                    self.source("more", "more-pages", name="more")]})
        self.assertEqual(self.served.call("reload")["sources"], 2)
        self.served.sync()
        self.assertTrue(self.path("more-pages/index.jsonl").exists())
        self.write("contextord.json", '{"sources": [{"nam": 1}]}')
        with self.assertRaises(RemoteError) as caught:
            self.served.call("reload")
        self.assertEqual(caught.exception.code, REFUSED)
        self.assertIn("nam", caught.exception.message)
        self.assertEqual(len(self.served.status()["sources"]), 2)

    def test_sync_times_out_while_work_goes_on(self):
        for number in range(8):  # each takes longer than it takes to ask
            self.write("docs/n%d.md" % number, "# N\n" + "word " * 150000)
        with self.assertRaises(RemoteError) as caught:
            self.served.call("sync", timeout_ms=1)
        self.assertEqual(caught.exception.code, TIMEOUT)
        self.assertEqual(self.served.sync()["failed_total"], 1)
        self.assertEqual(len(self.index("pages")), 10)


if __name__ == "__main__":
    main()
