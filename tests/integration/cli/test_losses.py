"""The loss report: for each page and in sum, by rule and by name, wherever it is told."""

import json
import os

from daemon import Case, main

CODE = "```js\n" + "".join("let a%d = %d;\n" % (i, i) for i in range(30)) + "```\n"
LIST = "```json\n[\n" + ",\n".join("  %d" % i for i in range(30)) + "\n]\n```\n"
PAGES = {
    "a.mdx": "import X from 'x'\n\n# A\n\n<Foo>one</Foo>\n\n<Foo>two</Foo>\n\n<Bar title=\"t\"/>\n\n" + CODE,
    "b.md": "# B\n\n[root](/x)\n\n[Edit this page](https://e/x)\n\n" + LIST,
    "c.mdx": "import P from './p.mdx'\n\n# C\n\n<P/>\n\n{/* gone */}\n\n<Tabs><Tab title=\"T\">t</Tab></Tabs>\n",
    "d.md": "# D\n\n![](deco.png)\n\n**———**\n\n[![b](https://img.shields.io/b)](https://b)\n",
}


def key(entry):
    return entry["loss"], entry["rule"], entry["name"]


class Losses(Case):
    def setUp(self):
        super().setUp()
        for name, text in PAGES.items():
            self.write("docs/" + name, text)

    def build(self, *arguments, out="pages", quiet=False, **more):
        command = ["optimize", "--src", self.path("docs"), "--out", self.path(out), "--repo", "o/r",
                   "--ref", "main", "--profile", "compact", *arguments]
        return self.contextor(*command, *(["--quiet"] if quiet else []), **{"status": 0, **more})

    def sums(self, *arguments, **more):
        return json.loads(self.build("--json", *arguments, **more).out)

    def pages(self, *arguments):
        self.build("--report", self.path("report.jsonl"), *arguments, quiet=True)
        return {page["path"]: page for page in map(json.loads, self.read("report.jsonl").splitlines())}

    def assert_pages(self, pages):
        self.assertEqual(list(pages), sorted(PAGES))
        counts = {path: {key(e): e["count"] for e in page["losses"]} for path, page in pages.items()}
        self.assertEqual(counts["a.mdx"], {
            ("dropped", "esm", ""): 1, ("unwrapped", "unknown_component", "Foo"): 2,
            ("unwrapped", "unknown_component", "Bar"): 1, ("elided", "code", "js"): 1})
        self.assertEqual(counts["b.md"], {
            ("kept", "link", "root-relative"): 1, ("dropped", "boilerplate", ""): 1,
            ("elided", "json", "json"): 1})
        self.assertEqual(counts["c.mdx"], {
            ("dropped", "esm", ""): 1, ("unresolved", "partial", "./p.mdx"): 1,
            ("dropped", "comment", ""): 1, ("unwrapped", "component", "Tabs"): 1,
            ("unwrapped", "component", "Tab"): 1})
        self.assertEqual(counts["d.md"], {
            ("dropped", "decorative_images", ""): 1, ("dropped", "ornament_lines", ""): 1,
            ("dropped", "badges", ""): 1})

    def test_every_page_is_told_sorted_by_path(self):
        self.assert_pages(self.pages())

    def test_dry_run_tells_the_same(self):
        whole = self.pages()
        self.assertEqual(self.pages("--dry-run"), whole)
        self.assertEqual(self.sums("--dry-run")["losses"], self.sums()["losses"])

    def test_sum_is_that_of_the_pages(self):
        total = {}
        for page in self.pages().values():
            for entry in page["losses"]:
                total[key(entry)] = total.get(key(entry), 0) + entry["count"]
        self.assertEqual({key(e): e["count"] for e in self.sums()["losses"]}, total)

    def test_savings_are_those_of_the_text(self):
        """Words of the pages under lossless, less those under compact, are what the rules saved."""
        sums = self.sums()
        self.assertEqual({s["rule"] for s in sums["savings"]},
                         {"code", "json", "badges", "decorative_images", "ornament_lines", "boilerplate"})
        words = {}
        for profile in ("lossless", "compact"):
            self.build("--profile", profile, out=profile, quiet=True)
            words[profile] = sum(entry["stats"]["words"] for entry in self.index(profile))
        saved = sum(s["words"] for s in sums["savings"] if s["rule"] != "boilerplate")
        self.assertEqual(words["lossless"] - words["compact"], saved)
        for saving in sums["savings"]:
            self.assertEqual(saving["tokens"], int(saving["words"] * 4 / 3))
            self.assertGreater(saving["bytes"], 0)
        code = next(s for s in sums["savings"] if s["rule"] == "code")
        gone = "".join("let a%d = %d;\n" % (i, i) for i in range(5, 27))
        self.assertEqual(code["bytes"], len(gone) - len("// … 22 lines omitted …\n".encode()))
        self.assertEqual(code["words"], len(gone.split()) - len("// … 22 lines omitted …".split()))

    def test_a_person_reads_a_line_a_loss(self):
        lines = self.build().out.splitlines()
        self.assertIn("3 components had no rule: Foo ×2, Bar ×1", lines)
        self.assertIn("dropped: 2 esm, 1 badges, 1 boilerplate, 1 comment, 1 decorative_images, "
                      "1 ornament_lines", lines)
        self.assertIn("elided: 1 code, 1 json", lines)
        self.assertIn("unresolved: 1 partial", lines)
        self.assertTrue(any(line.startswith("saved about ") for line in lines))
        self.write("docs/c.mdx", PAGES["c.mdx"] + "\nmore\n")
        lines = self.build().out.splitlines()
        self.assertIn("in the 1 pages that were made:", lines)
        self.assertIn("dropped: 1 comment, 1 esm", lines)

    def test_bug_22_a_run_that_changes_nothing_tells_as_much_as_the_first(self):
        first = self.sums("--report", self.path("first.jsonl"), "--metrics-output", self.path("first.json"))
        self.assertEqual((first["written"], first["pages"]["count"]), (4, 4))
        tokens = sum(entry["stats"]["tokens"] for entry in self.index("pages"))
        self.assertEqual(first["pages"]["tokens_out"], tokens)
        again = self.sums("--report", self.path("again.jsonl"), "--metrics-output", self.path("again.json"))
        self.assertEqual(again["written"], 0)
        for part in ("pages", "losses", "savings"):
            self.assertEqual(again[part], first[part])
        self.assertEqual(self.read("again.jsonl"), self.read("first.jsonl"))
        self.assertEqual(json.loads(self.read("again.json"))["pages"], first["pages"])
        os.utime(self.path("docs/a.mdx"), (1, 1))
        self.assertEqual(self.sums()["pages"], first["pages"])
        self.assertIn("tokens: %(tokens_in)d in, %(tokens_out)d out, in 4 pages" % first["pages"],
                      self.build().out)

    def test_bug_22_what_is_gone_or_fails_counts_as_it_is(self):
        first = self.sums()
        os.unlink(self.path("docs/b.md"))
        self.write("docs/a.mdx", b"\xff")
        left = self.sums(status=1)
        self.assertEqual((left["errors"], left["removed"], left["pages"]["count"]), (1, 1, 3))
        self.assertNotIn("json", {s["rule"] for s in left["savings"]})
        self.assertIn("code", {s["rule"] for s in left["savings"]})  # its page stays
        self.assertLess(left["pages"]["tokens_in"], first["pages"]["tokens_in"])

    def test_report_that_cannot_be_written_is_said_before_the_work(self):
        done = self.build("--report", self.path("no/where"), status=2)
        self.assertRegex(done.err, r"^contextor: .*no/where: cannot be written: .*\n$")
        self.assertFalse(self.path("pages").exists())

    def test_why_tells_of_one_page(self):
        source = self.source("docs", "mirror", profile="compact")
        with self.daemon(source) as daemon:
            daemon.sync()
            view = daemon.call("why", source="docs", path="a.mdx")["results"][0]
            code = next(e for e in view["losses"] if e["rule"] == "code")
            self.assertEqual((code["count"], code["amount"]), (1, 22))
            self.assertEqual(code["saved"]["tokens"], int(code["saved"]["words"] * 4 / 3))
            text = self.contextor("why", "--source", "docs", "a.mdx", "--socket", daemon.socket, status=0).out
            self.assertIn("2 unwrapped: unknown_component Foo (first in line 5)", text)
            self.assertIn("1 elided: code js, %(bytes)d bytes and about %(tokens)d tokens saved"
                          % code["saved"], text)


if __name__ == "__main__":
    main()
