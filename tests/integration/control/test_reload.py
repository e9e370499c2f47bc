# labels: threads
# timeout: 600
"""A reload touches what it changes, and nothing else; it never waits for work."""

import os
import pathlib
import signal
import threading

from daemon import SANITIZE, Case, Client, RemoteError, main

ROUNDS = 6 if SANITIZE else 25


class Reload(Case):
    def setUp(self):
        super().setUp()
        for number in range(30):
            self.write("docs/d%d/a.md" % number, "# A %d\n" % number)
        self.write("more/m.md", "# M\n")
        self.docs = self.source("docs", "pages")
        self.more = self.source("more", "more-pages", name="more")

    def reload(self, daemon, *sources, **more):
        self.configure({"sources": list(sources), **more})
        return daemon.call("reload")

    def test_nothing_changed_changes_nothing(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            before = daemon.metrics()
            watcher = daemon.client()
            watcher.call("subscribe")
            self.assertEqual(daemon.call("reload"), {"changed": False, "sources": 1})
            self.configure({"sources": [self.docs], "watch": {}})
            self.assertEqual(daemon.call("reload"), {"changed": False, "sources": 1})
            self.assertEqual(daemon.status()["state"], "ready")
            daemon.sync()
            after = daemon.metrics()
            for name in ("processed_total", "reconciles_total", "watches"):
                self.assertEqual(after[name], before[name], name)
            self.assertFalse(watcher.events)

    def test_a_source_that_comes_or_goes_leaves_the_others_alone(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            docs = daemon.source("docs")
            before = daemon.metrics()
            watcher = daemon.client()
            watcher.call("subscribe")
            self.path("docs/d7/a.md").unlink()  # waits out its grace, meanwhile
            self.assertEqual(self.reload(daemon, self.more, self.docs), {"changed": True, "sources": 2})
            daemon.sync()
            self.assertEqual([s["name"] for s in daemon.status()["sources"]], ["more", "docs"])
            self.assertFalse(self.path("pages/docs__d7__a.mdc").exists())
            self.assertTrue(self.path("more-pages/docs__m.mdc").exists())
            self.assertEqual(daemon.metrics()["processed_total"], before["processed_total"] + 1)
            self.assertEqual(daemon.source("docs")["clock"]["sequence"], docs["clock"]["sequence"] + 1)
            self.assertEqual(self.reload(daemon, self.docs), {"changed": True, "sources": 1})
            daemon.sync()
            self.assertTrue(self.path("more-pages/docs__m.mdc").exists())
            self.optimize("--src", self.path("more"), "--out", self.path("more-pages"), "--repo",
                          "example/docs", "--adopt")  # its lock is free
            watcher.call("version")
            states = [e for e in watcher.events if e["event"] == "state" and e.get("source") == "docs"]
            self.assertEqual(states, [])

    def test_a_changed_source_is_made_anew(self):
        self.write("docs/code.md", "# C\n\n```js\n" + "line()\n" * 400 + "```\n")
        with self.daemon({**self.docs, "profile": "lossless"}) as daemon:
            daemon.sync()
            self.reload(daemon, {**self.docs, "profile": "compact"})
            daemon.sync()
            self.assertEqual(daemon.source("docs")["profile"], "compact")
            self.assert_mirrors()
            self.reload(daemon, {**self.docs, "exclude": ["d1/**"]})
            daemon.sync()
            self.assertFalse(self.path("pages/docs__d1__a.mdc").exists())
            self.assert_mirrors()

    def test_an_output_inside_another_root_is_not_read(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            inside = {**self.more, "output": str(self.path("docs/out"))}
            self.reload(daemon, self.docs, inside)
            daemon.sync()
            self.write("docs/out/stray.md", "# Stray\n")
            daemon.sync()
            view = daemon.call("why", source="docs", path="out/stray.md")["results"][0]
            self.assertEqual(view["verdict"], "ignored")

    def test_performance_and_timing_are_taken_over_as_they_are(self):
        def threads(daemon):
            tasks = "/proc/%d/task" % daemon.process.pid
            names = [pathlib.Path(tasks, task, "comm").read_text() for task in os.listdir(tasks)]
            return sum(name.startswith("ctx-work") for name in names)

        with self.daemon({"sources": [self.docs], "performance": {"max_workers": 1}}) as daemon:
            daemon.sync()
            before = daemon.metrics()["processed_total"]
            for workers in (4, 2, 3):
                answer = self.reload(daemon, self.docs, performance={"max_workers": workers,
                                                                     "batch_size": workers})
                self.assertEqual(answer["changed"], True)
                self.assertEqual(daemon.metrics()["workers"], workers)
                daemon.call("rebuild")
                daemon.sync()
            while threads(daemon) != 3:  # those that are not wanted any more end by themselves
                pass
            self.assertEqual(daemon.metrics()["processed_total"], before + 90)
            self.reload(daemon, self.docs, watch={"delete_grace_ms": 60000})
            self.path("docs/d1/a.md").unlink()
            while daemon.status()["queue"]["held"] == 0:
                pass
            self.assertTrue(self.path("pages/docs__d1__a.mdc").exists())
            daemon.sync()
            self.assertFalse(self.path("pages/docs__d1__a.mdc").exists())

    def test_polling_instead_of_watching_and_back(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            for turn, watch in enumerate(({"poll": True, "poll_interval_ms": 60000}, {})):
                self.reload(daemon, self.docs, watch=watch)
                daemon.sync()
                self.assertEqual(daemon.source("docs")["state"], "polling" if watch else "watching")
                self.write("docs/d1/a.md", "# Turn %d\n" % turn)
                daemon.sync()
                self.assertIn("Turn %d" % turn, self.read("pages/docs__d1__a.mdc"))

    def test_sync_across_reloads_is_never_stale(self):
        errors = []
        other = {**self.docs, "profile": "compact"}
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            ended = threading.Event()

            def save():
                try:
                    with Client(daemon.socket) as client:
                        turn = 0
                        while not ended.is_set():
                            turn += 1
                            self.write("docs/saved.md", "# Turn %d\n" % turn)
                            client.call("sync")
                            if "Turn %d\n" % turn not in self.read("pages/docs__saved.mdc"):
                                errors.append(turn)
                except Exception as error:  # told below
                    errors.append(error)

            thread = threading.Thread(target=save)
            thread.start()
            for turn in range(ROUNDS):
                self.reload(daemon, self.docs if turn % 2 else other)
                if turn % 3 == 0:
                    daemon.sync()
            ended.set()
            thread.join()
            daemon.sync()
            self.assertEqual(errors, [])
            self.assert_mirrors()

    def test_a_sync_that_a_reload_crosses_begins_anew(self):
        """All of it is there at once: the source leaves while the barrier is under way."""
        other = {**self.docs, "profile": "compact"}
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            clients = [daemon.client(), daemon.client()]
            for turn in range(ROUNDS):
                first, second = clients if turn % 4 < 2 else reversed(clients)
                self.configure(self.docs if turn % 2 else other)
                daemon.process.send_signal(signal.SIGSTOP)
                for number in range(30):
                    self.write("docs/d%d/a.md" % number, "# Turn %d, %d\n" % (turn, number))
                synced, reloaded = first.send("sync"), second.send("reload")
                daemon.process.send_signal(signal.SIGCONT)
                self.assertEqual(first.answer(synced)["failed_total"], 0)
                for number in range(30):
                    page = self.read("pages/docs__d%d__a.mdc" % number)
                    self.assertIn("Turn %d, %d\n" % (turn, number), page)
                self.assertTrue(second.answer(reloaded)["changed"])

    def test_what_is_asked_about_sources_waits_until_they_are_open(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            clock = daemon.call("changes")["clock"]
            client = daemon.client()
            self.configure({"sources": [{**self.docs, "profile": "compact"}]})
            daemon.process.send_signal(signal.SIGSTOP)  # so that all of it is there at once
            numbers = [client.send("reload"), client.send("status"),
                       client.send("why", source="docs", path="d1/a.md"), client.send("subscribe"),
                       client.send("failures"), client.send("changes", since=clock), client.send("sync")]
            daemon.process.send_signal(signal.SIGCONT)
            answers = {}
            while len(answers) < len(numbers):
                message = client.receive()
                if "id" in message:
                    answers[message["id"]] = message["result"]
            status, why, subscribed, failures, changes = (answers[n] for n in numbers[1:6])
            self.assertEqual(status["sources"][0]["state"], "opening")
            self.assertIn(why["results"][0]["last"]["result"], ("written", "unchanged"))
            self.assertEqual(subscribed["clock"]["docs"]["catalogue"], clock["docs"]["catalogue"])
            self.assertEqual(failures["total"], 0)
            self.assertFalse(changes["fresh"])

    def test_a_bad_one_changes_nothing(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            before = daemon.metrics()
            self.write("contextord.json", '{"sources": [}')
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_said("; the running configuration stays")
            self.write("docs/d1/a.md", "# Goes on\n")
            daemon.sync()
            self.assertIn("Goes on", self.read("pages/docs__d1__a.mdc"))
            self.assertEqual(daemon.metrics()["processed_total"], before["processed_total"] + 1)
            self.configure(self.docs)

    def test_one_that_is_gone_changes_nothing(self):
        with self.daemon(self.docs) as daemon:
            daemon.sync()
            self.path("contextord.json").unlink()
            with self.assertRaises(RemoteError) as caught:
                daemon.call("reload")
            self.assertRegex(caught.exception.message, "contextord.json.*; the running configuration stays$")
            self.assertEqual(daemon.source("docs")["state"], "watching")
            self.configure({"sources": []})
            self.assertEqual(daemon.call("reload")["sources"], 0)
            self.path("contextord.json").unlink()
            daemon.call("reload")  # nothing is lost by that
            daemon.wait_said("no configuration: idling")
            self.configure(self.docs)


if __name__ == "__main__":
    main()
