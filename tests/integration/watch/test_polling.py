# labels: threads release
# timeout: 1500
"""Polling passes the tests that inotify passes: the same test bodies, with polling configured."""

import test_deletion
import test_directories
import test_editors
import test_saves
from daemon import main


class Saves(test_saves.Saves):
    poll = True


class NothingChanged(test_saves.NothingChanged):
    poll = True


class New(test_directories.New):
    poll = True


class Moved(test_directories.Moved):
    poll = True


class Renamed(test_directories.Renamed):
    poll = True


class Exchanged(test_directories.Exchanged):
    poll = True


class Vim(test_editors.Vim):
    poll = True


class Deletion(test_deletion.Deletion):
    poll = True


if __name__ == "__main__":
    main()
