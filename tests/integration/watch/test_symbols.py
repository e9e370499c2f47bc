# labels: release
"""What contextord exports: a symbol of the same name in libinotifytools would be bound to ours. Three of
the C library's are meant to be (src/watch/inotify.c), so that it calls them; no other is there."""

import re
import shutil
import unittest

from daemon import BUILD, CONTEXTORD, Case, main

INTERPOSED = {"inotify_init", "inotify_add_watch", "inotify_rm_watch"}
# What the linker and compiler put into every program; names with two underscores are theirs too.
LINKER = {"_IO_stdin_used", "_edata", "_end", "_fini", "_init", "_start", "data_start", "main"}
EXTERNAL = "BCDGRTVW"


@unittest.skipUnless(shutil.which("nm"), "nm (binutils) is not there")
class Symbols(Case):
    def symbols(self, *arguments):
        """{name: type} as nm tells. Copies of the C library's variables (they have a version) are not
        ours."""
        lines = self.run_program("nm", "--format=posix", *arguments, status=0).out.splitlines()
        pairs = (line.split()[:2] for line in lines if len(line.split()) > 1)
        return {name: kind for name, kind in pairs if "@" not in name or kind == "U"}

    def exported(self):
        return set(self.symbols("--dynamic", "--defined-only", CONTEXTORD))

    def library(self):
        """The libinotifytools that contextord is linked with."""
        loaded = self.run_program("ldd", CONTEXTORD, status=0).out
        found = re.search(r"libinotifytools\S* => (\S+)", loaded)
        if not found:
            self.skipTest("libinotifytools is linked statically: the linker has compared the names")
        return found.group(1)

    def test_none_is_the_name_of_something_in_the_library(self):
        theirs = set(self.symbols("--dynamic", "--defined-only", self.library()))
        self.assertIn("inotifytools_next_events", theirs)
        self.assertEqual(self.exported() & theirs, set())

    def test_only_what_is_interposed_is_exported(self):
        exported = {name for name in self.exported() if not name.startswith("__")}
        self.assertEqual(exported - LINKER, INTERPOSED)

    def test_the_library_calls_what_is_interposed(self):
        wanted = {name.partition("@")[0] for name, kind in self.symbols("--dynamic", self.library()).items()
                  if kind == "U"}
        self.assertLessEqual(INTERPOSED, wanted)

    def test_every_external_symbol_of_the_libraries_has_our_prefix(self):
        archives = [path for path in BUILD.rglob("*.a") if "contextor" in path.name]
        self.assertGreaterEqual(len(archives), 3)
        for archive in archives:
            kinds = self.symbols("--defined-only", archive)
            external = {name for name, kind in kinds.items() if kind in EXTERNAL and name[:2] != "__"}
            self.assertLessEqual({name for name in external if not name.startswith("ctx_")}, INTERPOSED)
            self.assertTrue(external - INTERPOSED)


if __name__ == "__main__":
    main()
