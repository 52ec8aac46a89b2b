"""Globs: the patterns of ignore files, exactly as git reads them, and those of the settings.

Both are compiled to regular expressions for whole paths with forward slashes. A path is matched itself, never through
a directory above it: whoever walks a tree leaves out a directory before looking into it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class _Rule(NamedTuple):
    """One line of an ignore file."""

    pattern: re.Pattern[str]
    ignores: bool
    directories_only: bool
    #: Whether the pattern is matched against the name alone, as one without a slash is.
    by_name: bool


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The lines of one ignore file."""

    rules: tuple[_Rule, ...]

    @classmethod
    def parse(cls, data: bytes) -> IgnoreRules:
        """Read an ignore file; lines that git does not understand are left out, as git does."""
        lines = _as_git_sees(data.removeprefix(codecs.BOM_UTF8)).split("\n")
        parsed = (_ignore_rule(line.removesuffix("\r")) for line in lines)
        return cls(tuple(rule for rule in parsed if rule is not None))

    def decide(self, path: str, *, is_directory: bool) -> bool | None:
        """Tell whether the last line that fits ignores a path, relative to the file's directory; None if none fits."""
        if not path.isascii():
            path = _as_git_sees(path.encode("utf-8", "surrogateescape"))
        name = path[path.rfind("/") + 1 :]
        for rule in reversed(self.rules):
            if (is_directory or not rule.directories_only) and rule.pattern.fullmatch(name if rule.by_name else path):
                return rule.ignores
        return None


def _as_git_sees(data: bytes) -> str:
    """Return text in which each byte is one character: git matches bytes, so ``?`` is a byte too."""
    return data.decode("latin-1")


def _ignore_rule(line: str) -> _Rule | None:
    """Read one line of an ignore file; None if it is a comment or matches nothing."""
    if line.startswith("#"):
        return None
    stripped = line.rstrip(" ")
    if stripped != line and (len(stripped) - len(stripped.rstrip("\\"))) % 2:
        stripped += " "  # the first of the trailing spaces is escaped
    ignores = not stripped.startswith("!")
    pattern = stripped if ignores else stripped[1:]
    directories_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    by_name = "/" not in pattern
    regex = _translate(pattern.removeprefix("/"), crossing=by_name) if pattern else None
    return None if regex is None else _Rule(re.compile(regex), ignores, directories_only, by_name)


class PathGlobs:
    """Globs of the settings, such as ``*.ipynb``, ``build`` or ``src/**/generated_{a,b}.py``.

    A glob without a slash is matched against names, one with a slash against the path relative to a root; ``*``
    matches slashes too. A slash at the end means nothing.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        names: list[str] = []
        paths: list[str] = []
        for glob in globs:
            for one in _alternatives(glob.replace("\\", "/").removeprefix("./").rstrip("/")):
                regex = _translate(one.removeprefix("/"), crossing=True)
                if regex is not None:
                    (paths if "/" in one else names).append(regex)
        self._names = _any_of(names)
        self._paths = _any_of(paths)

    def match(self, path: str) -> bool:
        """Tell whether ``path``, relative to the root and with forward slashes, is matched itself."""
        return (self._names is not None and self._names.fullmatch(path[path.rfind("/") + 1 :]) is not None) or (
            self._paths is not None and self._paths.fullmatch(path) is not None
        )

    def match_with_parents(self, path: str) -> bool:
        """Tell whether ``path`` or a directory above it is matched."""
        end = path.find("/")
        while end != -1:
            if self.match(path[:end]):
                return True
            end = path.find("/", end + 1)
        return self.match(path)


@lru_cache(maxsize=256)
def path_globs(globs: tuple[str, ...]) -> PathGlobs:
    """Compile globs of the settings; the same ones are compiled once."""
    return PathGlobs(globs)


def _any_of(regexes: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{regex})" for regex in regexes)) if regexes else None


def _alternatives(glob: str) -> list[str]:
    """Expand the first ``{a,b}`` of a glob, and so on."""
    match = re.search(r"\{([^{}]*)\}", glob)
    if match is None:
        return [glob]
    options = (glob[: match.start()] + option + glob[match.end() :] for option in match.group(1).split(","))
    return [expanded for option in options for expanded in _alternatives(option)]


def _translate(glob: str, *, crossing: bool) -> str | None:
    """Translate a glob to a regular expression; None if it can match nothing.

    Args:
        glob: the pattern.
        crossing: whether ``*`` and ``?`` match slashes.
    """
    one, many = (".", ".*") if crossing else ("[^/]", "[^/]*")
    pieces: list[str] = ["(?s)"] if not crossing else []
    position = 0
    while position < len(glob):
        character = glob[position]
        if character == "*":
            stars = len(glob[position:]) - len(glob[position:].lstrip("*"))
            end = position + stars
            is_whole_name = (position == 0 or glob[position - 1] == "/") and (end == len(glob) or glob[end] == "/")
            if stars >= 2 and is_whole_name and end < len(glob):
                pieces.append("(?:.*/)?")
                end += 1
            else:
                pieces.append(".*" if stars >= 2 and is_whole_name else many)
            position = end
        elif character == "?":
            pieces.append(one)
            position += 1
        elif character == "[":
            members = _translate_class(glob, position)
            if members is None:
                return None
            regex, position = members
            pieces.append(regex)
        elif character == "\\":
            if position + 1 == len(glob):
                return None
            pieces.append(re.escape(glob[position + 1]))
            position += 2
        else:
            pieces.append(re.escape(character))
            position += 1
    return "".join(pieces)


def _translate_class(glob: str, start: int) -> tuple[str, int] | None:
    """Translate ``[a-z]`` at ``start``; return the expression and the end, None if it is not closed."""
    position = start + 1
    negated = glob[position : position + 1] in ("!", "^")
    position += negated
    first = position
    members: list[str] = []
    while position < len(glob):
        character = glob[position]
        if character == "]" and position > first:
            inside = "".join(members)
            # Not even a negated class matches a slash; an empty one matches nothing.
            regex = f"(?!/)[^{inside}]" if negated else f"(?!/)[{inside}]" if inside else r"(?!)"
            return regex, position + 1
        posix = re.compile(r"\[:(\w*):\]").match(glob, position)
        if posix is not None:
            if posix.group(1) not in _POSIX_CLASSES:
                return None
            members.append(_POSIX_CLASSES[posix.group(1)])
            position = posix.end()
            continue
        low, position = _class_character(glob, position)
        if glob[position : position + 1] == "-" and glob[position + 1 : position + 2] not in ("", "]"):
            high, position = _class_character(glob, position + 1)
            if low <= high:
                members.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            members.append(re.escape(low))
    return None


def _class_character(glob: str, position: int) -> tuple[str, int]:
    """Return the character at ``position``, which a backslash may escape, and what comes behind it."""
    if glob[position] == "\\" and position + 1 < len(glob):
        return glob[position + 1], position + 2
    return glob[position], position + 1
