"""subscribe, unsubscribe and changes: what happened, live and afterwards."""

import json

from daemon import Case, RemoteError, main


class Events(Case):
    def setUp(self):
        super().setUp()
        self.write("docs/a.md", "# A\n")
        self.write("docs/guides/b.md", "# B\n")
        self.write("other/c.md", "# C\n")
        self.config = {"sources": [self.source("docs", "pages"),
                                   self.source("other", "others", name="other")]}

    def test_events_tell_what_came_of_each_change(self):
        with self.daemon(self.config) as daemon:
            daemon.sync()
            client = daemon.client()
            reply = client.call("subscribe", events=["written", "removed", "failed"])
            self.assertEqual(reply["subscription"], 1)
            self.assertEqual(set(reply["clock"]), {"docs", "other"})
            self.write("docs/a.md", "# A again\n")
            event = client.event()
            self.assertEqual((event["event"], event["path"], event["source"], event["slug"]),
                             ("written", "a.md", "docs", "docs__a"))
            self.assertGreater(event["sequence"], reply["clock"]["docs"]["sequence"])
            self.assertGreaterEqual(event["latency_us"], 0)
            self.write("docs/a.md", b"\xff")
            self.assertIn("UTF-8", client.event("failed")["error"])
            self.path("docs/guides/b.md").unlink()
            self.assertEqual(client.event("removed")["path"], "guides/b.md")

    def test_filters_by_event_source_and_path(self):
        with self.daemon(self.config) as daemon:
            daemon.sync()
            client = daemon.client()
            client.call("subscribe", events=["written"], sources=["docs"], paths=["guides/**"])
            self.write("other/c.md", "# C again\n")
            self.write("docs/a.md", "# A again\n")
            daemon.sync()
            self.write("docs/guides/b.md", "# B again\n")
            self.assertEqual(client.event()["path"], "guides/b.md")

    def test_unsubscribe_ends_one_subscription(self):
        with self.daemon(self.config) as daemon:
            daemon.sync()
            client = daemon.client()
            for number in range(1, 17):
                self.assertEqual(client.call("subscribe", events=["written"])["subscription"], number)
            with self.assertRaises(RemoteError) as caught:
                client.call("subscribe")
            self.assertEqual(caught.exception.code, -32004)
            for number in range(1, 16):
                client.call("unsubscribe", subscription=number)
            self.write("docs/a.md", "# A again\n")
            self.assertEqual(client.event()["subscription"], 16)
            client.call("unsubscribe", subscription=16)
            self.write("docs/a.md", "# A for the last time\n")
            daemon.sync()
            client.call("version")
            self.assertFalse(client.events)

    def test_a_half_closed_subscriber_still_gets_events(self):
        with self.daemon(self.config) as daemon:
            daemon.sync()
            client = daemon.client()
            client.call("subscribe", events=["written"])
            client.socket.shutdown(1)
            self.write("docs/a.md", "# A again\n")
            self.assertEqual(client.event()["path"], "a.md")

    def test_changes_resume_after_a_disconnect_and_a_restart(self):
        with self.daemon(self.config) as daemon:
            daemon.sync()
            first = daemon.call("changes")
            self.assertTrue(first["fresh"])
            self.assertEqual(sorted(first["fresh_sources"]), ["docs", "other"])
            self.assertEqual({c["path"] for c in first["changes"]}, {"a.md", "guides/b.md", "c.md"})
            again = daemon.call("changes", since=first["clock"])
            self.assertEqual((again["fresh"], again["changes"], again["more"]), (False, [], False))
            self.write("docs/a.md", "# A again\n")
            self.path("docs/guides/b.md").unlink()
            daemon.sync()
        with self.daemon(self.config) as daemon:
            daemon.sync()
            later = daemon.call("changes", since=first["clock"])
            self.assertFalse(later["fresh"])
            got = {(c["path"], c["result"]) for c in later["changes"]}
            self.assertLessEqual({("a.md", "written"), ("guides/b.md", "removed")}, got)
            unknown = {"docs": {"catalogue": "0" * 32, "sequence": 5}}
            fresh = daemon.call("changes", since=unknown, sources=["docs"])
            self.assertEqual((fresh["fresh"], fresh["fresh_sources"]), (True, ["docs"]))
            self.assertEqual([c["path"] for c in fresh["changes"]], ["a.md"])

    def test_changes_come_in_pages(self):
        for number in range(25):
            self.write("docs/n%02d.md" % number, "# N\n")
        with self.daemon(self.config) as daemon:
            daemon.sync()
            clock, paths, rounds = {}, [], 0
            while True:
                part = daemon.call("changes", since=clock, limit=10)
                self.assertLessEqual(len(part["changes"]), 10)
                paths += [c["path"] for c in part["changes"]]
                clock, rounds = part["clock"], rounds + 1
                if not part["more"]:
                    break
            self.assertEqual(len(paths), 28)
            self.assertEqual(len(set(paths)), 28)
            self.assertEqual(rounds, 3)


if __name__ == "__main__":
    main()
