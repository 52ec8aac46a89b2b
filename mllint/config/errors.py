"""What can be wrong with a configuration, said with its file and row."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class ConfigProblem(NamedTuple):
    """One thing wrong with a configuration.

    ``file`` is where it was written: a configuration file, or a text such as ``--config`` for the command line.
    ``row`` counts from 1, and is 0 where there is none.
    """

    file: Path | str
    row: int
    message: str

    def __str__(self) -> str:
        """Render as ``pyproject.toml:12: what is wrong``; paths below the working directory are shown relative to it."""
        place = shown_path(self.file) if isinstance(self.file, Path) else self.file
        return f"{place}:{self.row}: {self.message}" if self.row else f"{place}: {self.message}"


class ConfigError(Exception):
    """A configuration that cannot be used, with all that is wrong with it; its text has one line per problem."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, file: Path | str, row: int, message: str) -> ConfigError:
        """Make an error of a single problem."""
        return cls([ConfigProblem(file, row, message)])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "..."?`` for the known word closest to ``word``, or nothing if none is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def shown_path(path: Path) -> str:
    """Return a path as people should see it: relative below the working directory, forward slashes."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()
