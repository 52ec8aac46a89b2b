"""What the Markdown documents of a project are about: their headings, and the keys of their front matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_UNDERLINED = re.compile(r"^(\S.*)\n(?:=+|-{3,}|~{3,})[ \t]*$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)^---[ \t]*$", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^([\w-]+)[ \t]*:", re.MULTILINE)
_SUFFIXES = (".md", ".markdown", ".rst", ".txt", "readme")
_MAX_BYTES = 1_000_000


def read_topics(root: Path, filenames: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what documents say they are about, by name: headings in lower case, and front matter keys as ``key:``.

    Args:
        root: the root of the project.
        filenames: files relative to it; those that are no documents, or cannot be read, are left out.
    """
    found: dict[str, tuple[str, ...]] = {}
    for filename in sorted(filenames):
        path = root / filename
        if not filename.lower().endswith(_SUFFIXES):
            continue
        try:
            if path.stat().st_size <= _MAX_BYTES:
                found[filename] = topics(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    return found


def topics(text: str) -> tuple[str, ...]:
    """Return the front matter keys, as ``key:``, and the headings of a document, in lower case."""
    front = _FRONT_MATTER.match(text)
    keys = [f"{key.lower()}:" for key in _KEY.findall(front[1])] if front is not None else []
    body = text[front.end() :] if front is not None else text
    headings = [*_HEADING.findall(body), *_UNDERLINED.findall(body)]
    return (*keys, *(heading.strip().lower() for heading in headings))
