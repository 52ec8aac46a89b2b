"""TOML texts: their values, and the row on which each key and array element stands."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover
    import tomli as tomllib

#: Where a value stands in a document: keys, and indices of array elements.
KeyPath = tuple[str | int, ...]


class TomlError(ValueError):
    """A text is not TOML; ``row`` is where, from 1."""

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.message = message
        self.row = row


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Raises:
        TomlError: the text is not TOML; nothing else is ever raised, whatever the text.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at line (\d+), column \d+\)$", message)
        if place is not None:
            raise TomlError(message[: place.start()], int(place[1])) from None
        raise TomlError(message.removesuffix(" (at end of document)"), text.count("\n") + 1) from None
    except RecursionError:
        raise TomlError("Values are nested too deeply", 1) from None
    except ValueError as error:  # an integer of more digits than Python reads
        raise TomlError(str(error), 1) from None


def toml_rows(text: str) -> dict[KeyPath, int]:
    """Return the row of every table, key and array element of a TOML document.

    Args:
        text: a document that ``parse_toml`` accepts. Rows of another one are a best effort.

    Returns:
        Rows, from 1, by path. An element of an array, of tables or of values, has its index as a part of its path.
    """
    finder = _RowFinder(text)
    with suppress(RecursionError):
        finder.run()
    return finder.rows


def nearest_row(rows: dict[KeyPath, int], path: Sequence[str | int]) -> int:
    """Return the row of ``path``, or of the closest thing around it that has one, or 0."""
    key = tuple(path)
    while key:
        if key in rows:
            return rows[key]
        key = key[:-1]
    return 0


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_SKIP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'  # up to two quotes may stand just before the closing three
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class _RowFinder:
    """One pass over a document that notes rows and reads no value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.rows: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}
        self.counted_to = 0
        self.newlines = 0

    def run(self) -> None:
        table: KeyPath = ()
        while True:
            self.skip(_SKIP)
            start = self.at
            if start >= len(self.text):
                return
            if self.text.startswith("[", start):
                table = self.header()
            else:
                self.pair(table)
            if self.at == start:  # not TOML: go on with the next line
                end = self.text.find("\n", start)
                self.at = len(self.text) if end == -1 else end

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def row(self) -> int:
        """The row of the current place; places are asked for in order."""
        self.newlines += self.text.count("\n", self.counted_to, self.at)
        self.counted_to = self.at
        return self.newlines + 1

    def note(self, path: KeyPath, start: int, row: int) -> None:
        """Note the row of ``path``, and of the tables above it, below ``start`` parts, that it makes."""
        for length in range(start + 1, len(path) + 1):
            self.rows.setdefault(path[:length], row)

    def header(self) -> KeyPath:
        row = self.row()
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        keys = self.keys()
        path: KeyPath = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            is_last = position == len(keys) - 1
            if is_array and is_last:
                self.note(path, 0, row)
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        self.note(path, 0, row)
        while self.text.startswith("]", self.at):
            self.at += 1
        return path

    def keys(self) -> list[str]:
        """Read a dotted key."""
        keys: list[str] = []
        while True:
            self.skip(_BLANK)
            if (bare := _BARE_KEY.match(self.text, self.at)) is not None:
                keys.append(bare[0])
                self.at = bare.end()
            elif (quoted := _STRING.match(self.text, self.at)) is not None:
                keys.append(_unquoted(quoted[0]))
                self.at = quoted.end()
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def pair(self, table: KeyPath) -> None:
        row = self.row()
        keys = self.keys()
        if not keys or not self.text.startswith("=", self.at):
            return
        path = (*table, *keys)
        self.note(path, len(table), row)
        self.at += 1
        self.value(path)

    def value(self, path: KeyPath) -> None:
        """Pass over a value, noting what stands inside it."""
        self.skip(_BLANK)
        if self.text.startswith("[", self.at):
            for index in self.elements("]"):
                self.note((*path, index), len(path), self.row())
                self.value((*path, index))
        elif self.text.startswith("{", self.at):
            for _ in self.elements("}"):
                self.pair(path)
        else:
            string = _STRING.match(self.text, self.at)
            if string is not None:
                self.at = string.end()
            else:
                self.skip(_SCALAR)

    def elements(self, closing: str) -> Iterator[int]:
        """Stop at each element up to ``closing``, for the caller to pass over it."""
        self.at += 1
        for index in count():
            self.skip(_SKIP)
            start = self.at
            if self.text.startswith(closing, start):
                self.at += 1
                return
            yield index
            self.skip(_SKIP)
            if self.text.startswith(",", self.at):
                self.at += 1
            if self.at == start:  # not TOML, or the end
                return


def _unquoted(quoted: str) -> str:
    if quoted[0] == "'":
        return quoted[1:-1]

    def character(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code is None:
            return _ESCAPED.get(match[3], match[3])
        return chr(int(code, 16)) if int(code, 16) <= sys.maxunicode else match[0]

    return _ESCAPE.sub(character, quoted[1:-1])
