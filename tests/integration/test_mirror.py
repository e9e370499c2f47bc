# labels: threads release
"""The whole path: contextord builds trees, follows what happens to them, and survives restarts."""

import os
import shutil
import time

from daemon import Case, main

PAGE = "# %s\n\nSome words, and [a link](other.md).\n"


class Mirror(Case):
    def make_docs(self, root="docs", n=12):
        for i in range(n):
            name = "page-%02d" % i
            self.write("%s/%s.md" % (root, name), PAGE % name)
        self.write(root + "/guides/start.mdx", "import X from 'x'\n\n# Start\n\n<Tip>Read on.</Tip>\n")
        self.write(root + "/guides/deep/down/there.md", PAGE % "There")
        self.write(root + "/code.txt", "not a document\n")

    def paths(self, output="pages"):
        return sorted(entry["path"] for entry in self.index(output))

    def page(self, path, output="pages"):
        slug = next(entry["slug"] for entry in self.index(output) if entry["path"] == path)
        return self.read("%s/%s.mdc" % (output, slug))


class FirstBuild(Mirror):
    def test_an_empty_source_has_an_empty_index(self):
        self.path("docs").mkdir()
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.assertEqual(self.index("pages"), [])
            self.assert_mirrors()

    def test_several_sources_are_built(self):
        self.make_docs("one")
        self.make_docs("two", 40)
        config = {"sources": [self.source("one", "pages-1", "one"), self.source("two", "pages-2", "two")]}
        with self.daemon(config) as daemon:
            self.assertEqual(daemon.sync()["failed"], [])
            self.assertEqual(daemon.status()["state"], "ready")
            self.assertEqual([s["documents"] for s in daemon.status()["sources"]], [14, 42])
            self.assertEqual(len(self.paths("pages-1")), 14)
            self.assert_mirrors("pages-1", "one")
            self.assert_mirrors("pages-2", "two")

    def test_same_root_with_two_profiles(self):
        self.make_docs()
        sources = [
            self.source("docs", "pages-" + profile, profile, profile=profile)
            for profile in ("lossless", "compact")
        ]
        with self.daemon({"sources": sources}) as daemon:
            daemon.sync()
            self.write("docs/page-00.md", "# Saved\n")
            daemon.sync()
            for profile in ("lossless", "compact"):
                self.assertIn("# Saved", self.page("page-00.md", "pages-" + profile))
                self.assert_mirrors("pages-" + profile, profile)

    def test_output_inside_the_source(self):
        self.make_docs()
        with self.daemon(self.source("docs", "docs/out")) as daemon:
            daemon.sync()
            before = daemon.metrics()
            self.write("docs/page-00.md", "# Saved\n")
            daemon.sync()
            daemon.sync()
            after = daemon.metrics()
            self.assertEqual(after["processed_total"] - before["processed_total"], 1)
            self.assert_mirrors("docs/out")


class Changes(Mirror):
    def setUp(self):
        super().setUp()
        self.make_docs()

    def test_save_in_place_and_by_rename(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.write("docs/page-00.md", "# In place\n")
            self.replace("docs/page-01.md", "# By rename\n")
            daemon.sync()
            self.assertIn("# In place", self.page("page-00.md"))
            self.assertIn("# By rename", self.page("page-01.md"))
            self.assert_mirrors()

    def test_save_reaches_its_page_without_sync(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            client = daemon.client()
            client.call("subscribe", events=["written"])
            self.replace("docs/page-00.md", "# By itself\n")
            client.event("written", "page-00.md")
            self.assertIn("# By itself", self.page("page-00.md"))

    def test_new_file_and_new_directory(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.write("docs/new.md", "# New\n")
            self.write("docs/a/b/c/deep.md", "# Deep\n")
            shutil.copytree(self.path("docs/guides"), self.path("docs/copied"))
            daemon.sync()
            self.assertLessEqual({"new.md", "a/b/c/deep.md", "copied/deep/down/there.md"}, set(self.paths()))
            self.assert_mirrors()

    def test_rename_of_a_file(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            os.rename(self.path("docs/page-03.md"), self.path("docs/renamed.md"))
            os.rename(self.path("docs/page-04.md"), self.path("docs/page-05.md"))
            os.rename(self.path("docs/page-06.md"), self.path("docs/no-document.txt"))
            daemon.sync()
            paths = self.paths()
            self.assertIn("renamed.md", paths)
            for gone in ("page-03.md", "page-04.md", "page-06.md"):
                self.assertNotIn(gone, paths)
            self.assertIn("# page-04", self.page("page-05.md"))
            self.assert_mirrors()

    def test_rename_of_a_directory(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            os.rename(self.path("docs/guides"), self.path("docs/manual"))
            self.write("docs/manual/deep/down/there.md", "# Saved after the move\n")
            daemon.sync()
            paths = self.paths()
            self.assertFalse([path for path in paths if path.startswith("guides/")])
            self.assertIn("# Saved after the move", self.page("manual/deep/down/there.md"))
            os.rename(self.path("docs/manual"), self.path("elsewhere"))
            daemon.sync()
            self.assertFalse([path for path in self.paths() if "/" in path])
            os.rename(self.path("elsewhere"), self.path("docs/back"))
            daemon.sync()
            self.assertIn("back/deep/down/there.md", self.paths())
            self.assert_mirrors()

    def test_deletion_waits_out_its_grace(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            client = daemon.client()
            client.call("subscribe", events=["removed"])
            began = time.monotonic()
            os.unlink(self.path("docs/page-00.md"))
            event = client.event("removed", "page-00.md")
            self.assertGreaterEqual(time.monotonic() - began, 0.25)
            self.assertFalse(self.path("pages/%s.mdc" % event["slug"]).exists())
            daemon.sync()
            self.assertNotIn("page-00.md", self.paths())
            self.assert_mirrors()

    def test_deletion_ends_at_sync(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            os.unlink(self.path("docs/page-00.md"))
            shutil.rmtree(self.path("docs/guides"))
            daemon.sync()
            self.assertEqual(len(self.paths()), 11)
            self.assert_mirrors()

    def test_file_that_comes_back_keeps_its_page(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            client = daemon.client()
            client.call("subscribe", events=["removed", "written"])
            os.rename(self.path("docs/page-00.md"), self.path("docs/page-00.md~"))
            self.write("docs/page-00.md", "# Back\n")
            self.assertEqual(client.event()["event"], "written")
            daemon.sync()
            self.assertIn("# Back", self.page("page-00.md"))

    def test_ignore_file_takes_pages_away_and_gives_them_back(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            self.write("docs/.contextorignore", "guides/\n/page-0*.md\n")
            daemon.sync()
            self.assertEqual(self.paths(), ["page-10.md", "page-11.md"])
            os.unlink(self.path("docs/.contextorignore"))
            daemon.sync()
            self.assertEqual(len(self.paths()), 14)
            self.assert_mirrors()

    def test_slug_collision_moves_to_the_smallest_path(self):
        self.write("docs/x__y.md", "# Second\n")
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            slug = {entry["path"]: entry["slug"] for entry in self.index("pages")}["x__y.md"]
            self.write("docs/x/y.md", "# First\n")
            daemon.sync()
            self.assertEqual({e["path"]: e["slug"] for e in self.index("pages")}["x/y.md"], slug)
            self.assert_mirrors()
            shutil.rmtree(self.path("docs/x"))
            daemon.sync()
            self.assertEqual({e["path"]: e["slug"] for e in self.index("pages")}["x__y.md"], slug)
            self.assert_mirrors()

    def test_touch_writes_nothing(self):
        with self.daemon(self.source("docs", "pages")) as daemon:
            daemon.sync()
            before = self.stamps("pages")
            os.utime(self.path("docs/page-00.md"))
            daemon.sync()
            self.assertEqual(self.stamps("pages"), before)


class Restart(Mirror):
    def setUp(self):
        super().setUp()
        self.make_docs()
        self.config = self.configure(self.source("docs", "pages"))
        with self.daemon(self.config) as daemon:
            daemon.sync()

    def restart(self):
        """Starts the daemon again, and has it stopped; returns its figures."""
        with self.daemon(self.config) as daemon:
            daemon.sync()
            return daemon.metrics()

    def test_with_nothing_changed_does_nothing(self):
        before = self.stamps("pages")
        metrics = self.restart()
        self.assertEqual(metrics["processed_total"], 0)
        self.assertEqual(metrics["written_total"], 0)
        self.assertEqual(metrics["index_writes_total"], 0)
        self.assertEqual(metrics["documents"], 14)
        self.assertEqual(self.stamps("pages"), before)

    def test_after_a_kill_does_nothing(self):
        with self.daemon(self.config) as daemon:
            daemon.sync()
            daemon.kill()
        before = self.stamps("pages")
        self.assertEqual(self.restart()["processed_total"], 0)
        self.assertEqual(self.stamps("pages"), before)

    def test_optimize_over_the_same_output_does_nothing(self):
        before = self.stamps("pages")
        self.optimize_source("docs", "pages")
        self.assertEqual(self.stamps("pages"), before)
        self.assertEqual(self.restart()["processed_total"], 0)

    def test_finds_what_changed_meanwhile(self):
        self.write("docs/page-00.md", "# Edited while down\n")
        self.write("docs/new/one.md", "# New\n")
        os.unlink(self.path("docs/page-01.md"))
        os.rename(self.path("docs/guides"), self.path("docs/manual"))
        metrics = self.restart()
        self.assertIn("# Edited while down", self.page("page-00.md"))
        self.assertNotIn("page-01.md", self.paths())
        self.assertEqual(metrics["processed_total"], 4)
        self.assert_mirrors()

    def test_finds_an_edit_that_keeps_size_and_mtime(self):
        path = self.path("docs/page-00.md")
        before = path.stat()
        self.write("docs/page-00.md", (PAGE % "page-00").replace("words", "WORDS"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.restart()
        self.assertIn("Some WORDS", self.page("page-00.md"))

    def test_makes_damaged_and_removed_pages_again(self):
        pages = sorted(self.path("pages").glob("*.mdc"))
        pages[0].write_text("---\nschema: damaged")
        os.truncate(pages[1], 100)
        os.unlink(pages[2])
        metrics = self.restart()
        self.assertEqual(metrics["written_total"], 3)
        self.assert_mirrors()

    def test_makes_a_removed_index_again(self):
        os.unlink(self.path("pages/index.jsonl"))
        with self.daemon(self.config) as daemon:
            daemon.sync()
            self.assertEqual(len(self.index("pages")), 14)
        self.assert_mirrors()

    def test_mends_a_damaged_index(self):
        self.write("pages/index.jsonl", "no JSON\n")
        self.restart()
        self.assert_mirrors()

    def test_without_its_catalogue_writes_nothing(self):
        before = self.stamps("pages")
        for path in self.path("pages/.contextor").glob("catalogue.db*"):
            os.unlink(path)
        self.assertEqual(self.restart()["written_total"], 0)
        self.assertEqual(self.stamps("pages"), before)

    def test_without_its_catalogue_and_its_root_keeps_pages_and_index(self):
        before = self.stamps("pages")
        for path in self.path("pages/.contextor").glob("catalogue.db*"):
            os.unlink(path)
        os.rename(self.path("docs"), self.path("elsewhere"))
        self.restart()
        self.assertEqual(self.stamps("pages"), before)
        os.rename(self.path("elsewhere"), self.path("docs"))
        self.assertEqual(self.restart()["written_total"], 0)
        self.assertEqual(self.stamps("pages"), before)

    def test_with_a_corrupt_catalogue_writes_nothing(self):
        self.write("pages/.contextor/catalogue.db", b"no database" * 1000)
        self.assertEqual(self.restart()["written_total"], 0)
        self.assert_mirrors()

    def test_removes_what_is_newly_excluded(self):
        self.configure(self.source("docs", "pages", exclude=["guides/**"]))
        self.restart()
        self.assertEqual(len(self.paths()), 12)
        self.assert_mirrors()

    def test_with_another_profile_makes_all_again(self):
        self.configure(self.source("docs", "pages", profile="compact"))
        self.assertEqual(self.restart()["processed_total"], 14)
        self.assert_mirrors()

    def test_keeps_files_that_are_not_its_own(self):
        self.write("pages/notes.txt", "mine\n")
        self.write("pages/mine.mdc", "no page of ours\n")
        self.write("docs/page-00.md", "# Saved\n")
        self.restart()
        self.assertEqual(self.read("pages/notes.txt"), "mine\n")
        self.assertEqual(self.read("pages/mine.mdc"), "no page of ours\n")


if __name__ == "__main__":
    main()
