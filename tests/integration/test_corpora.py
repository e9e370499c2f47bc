# labels: corpora threads release
# timeout: 1500
"""Real documentation: every document has a page, a hundred saves in a row are fresh, and every way
of building gives the same bytes. Needs ../shared/corpora; skips without it."""

import random
import shutil
import tarfile
import unittest

from daemon import SANITIZE, SHARED, Case, main

CORPORA = ("book", "react.dev", "ui", "vite")
SAVES = 100
# With sanitizers a build takes ten times as long: fewer ways are tried then.
WAYS = [
    ("--no-parallel",),
    ("--max-workers", "1", "--batch-size", "1"),
    ("--max-workers", "8", "--batch-size", "1000"),
    ("--process-pool", "--batch-size", "7"),
]
if not SANITIZE:
    WAYS += [
        ("--no-parallel", "--batch-size", "1000"),
        ("--max-workers", "1", "--batch-size", "50"),
        ("--max-workers", "2", "--batch-size", "1"),
        ("--max-workers", "2", "--batch-size", "50"),
        ("--max-workers", "8", "--batch-size", "1", "--memory-limit", "16"),
        ("--max-workers", "64", "--batch-size", "7"),
        ("--max-workers", "64", "--batch-size", "1000"),
        ("--process-pool", "--no-parallel"),
        ("--process-pool", "--max-workers", "8", "--batch-size", "1"),
        ("--process-pool", "--max-workers", "64", "--batch-size", "1000"),
    ]


def documents(root):
    return sorted(p for p in root.rglob("*") if p.suffix.lower() in (".md", ".mdx") and p.is_file())


@unittest.skipUnless((SHARED / "corpora").is_dir(), "there is no ../shared/corpora")
class Corpora(Case):
    def unpack(self, name):
        with tarfile.open(SHARED / "corpora" / (name + ".tar.xz")) as tar:
            tar.extractall(self.path("docs"))
        return self.path("docs") / name

    def edit(self, root, dice):
        """Random edits: lines more and less, files moved, removed and made."""
        files = documents(root)
        for path in dice.sample(files, 20):
            text = path.read_bytes().decode(errors="replace")
            lines = text.split("\n")
            at = dice.randrange(len(lines))
            lines[at : at + dice.randrange(3)] = ["An edit, %d." % dice.randrange(1000)]
            path.write_text("\n".join(lines))
        for path in dice.sample(files, 5):
            path.unlink()
        for path in dice.sample(documents(root), 5):
            path.rename(path.with_name("moved-%d-%s" % (dice.randrange(100), path.name[-60:])))
        (root / "new folder").mkdir(exist_ok=True)
        name = "new%d.mdx" % dice.randrange(1000)
        (root / "new folder" / name).write_text("<Note>New</Note>\n")

    def save_and_look(self, daemon, root, dice):
        """Saves, one after the other: after sync, the page says what was saved."""
        slugs = {entry["path"]: entry["slug"] for entry in self.index("pages")}
        paths = dice.choices(sorted(slugs), k=SAVES)
        for number, path in enumerate(paths):
            mark = "save number %d of many" % number
            with open(root / path, "a") as file:
                file.write("\n\n%s\n" % mark)
            daemon.sync()
            page = self.read("pages/%s.mdc" % slugs[path])
            self.assertIn(mark, page, "%s is stale" % path)

    def edit_while_one_shots_follow(self, root, dice):
        """Random edits, and an incremental one-shot build after each round, each way a round."""
        for way in WAYS[:4]:
            self.edit(root, dice)
            self.optimize_source("docs", "once", *way, timeout=600)

    def check(self, name):
        seed = random.randrange(1 << 32)
        print("%s: seed %d" % (name, seed))
        dice = random.Random(seed)
        root = self.unpack(name)
        found = len(documents(root))
        with self.daemon(self.source("docs/" + name, "pages", exclude=[])) as daemon:
            self.assertEqual(daemon.sync()["failed"], [])
            covered = {entry["path"] for entry in self.index("pages")}
            ignored = self.ignored(root, covered)
            self.assertEqual(len(covered) + len(ignored), found)
            self.save_and_look(daemon, root, dice)
            self.assert_mirrors("pages")
            self.optimize_source("docs", "once", timeout=600)
            self.edit_while_one_shots_follow(root, dice)
            daemon.sync()
            self.assert_mirrors("pages")
            self.assert_same_trees("once", "cold")
        self.check_ways()

    def ignored(self, root, covered):
        """Documents that the tree's own .gitignore files leave out: said by the file's name."""
        paths = [str(p.relative_to(root)) for p in documents(root)]
        missing = [path for path in paths if path not in covered]
        self.assertEqual([p for p in missing if not any(root.rglob(".gitignore"))], [])
        return missing

    def check_ways(self):
        """`cold` is what assert_mirrors() built last; every other way gives the same bytes."""
        for way in WAYS:
            shutil.rmtree(self.path("way"), ignore_errors=True)
            self.optimize_source("docs", "way", *way, timeout=600)
            self.assert_same_trees("way", "cold")


for corpus in CORPORA:
    setattr(
        Corpora,
        "test_" + corpus.replace(".", "_"),
        lambda self, corpus=corpus: self.check(corpus),
    )

if __name__ == "__main__":
    main()
