"""What the documents of a project say: their headings, the keys of their front matter, the notebooks they speak of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

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
        text = _read(root / filename) if filename.lower().endswith(_SUFFIXES) else None
        if text is not None:
            found[filename] = topics(text)
    return found


def introduced_notebooks(root: Path, notebooks: Iterable[str], documents: Iterable[str]) -> frozenset[str]:
    """Return the notebooks that a document speaks of.

    A document beside a notebook does if it names it, and one above it if it gives the way to it. A README also speaks
    of the only notebook beside it.

    Args:
        root: the root of the project.
        notebooks: names of notebooks relative to it, with forward slashes.
        documents: names of documents, in Markdown or reStructuredText.
    """
    all_notebooks = list(notebooks)
    beside = Counter(_folder(name) for name in all_notebooks)
    found: set[str] = set()
    for name in documents:
        folder = _folder(name)
        below = [notebook for notebook in all_notebooks if notebook.startswith(folder)]
        text = _read(root / name) if below else None
        if text is None:
            continue
        said = unquote(text)
        found.update(notebook for notebook in below if notebook[len(folder) :] in said)
        if beside[folder] == 1 and name[len(folder) :].lower().startswith("readme"):
            found.update(notebook for notebook in below if _folder(notebook) == folder)
    return frozenset(found)


def _folder(name: str) -> str:
    """Return the directory of a file with the slash behind it, or nothing for the root."""
    return name[: name.rfind("/") + 1]


def _read(path: Path) -> str | None:
    """Return the text of a document, or None if it cannot be read or is too large for one."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= _MAX_BYTES else None
    except OSError:
        return None


def topics(text: str) -> tuple[str, ...]:
    """Return the front matter keys, as ``key:``, and the headings of a document, in lower case."""
    front = _FRONT_MATTER.match(text)
    keys = [f"{key.lower()}:" for key in _KEY.findall(front[1])] if front is not None else []
    body = text[front.end() :] if front is not None else text
    headings = [*_HEADING.findall(body), *_UNDERLINED.findall(body)]
    return (*keys, *(heading.strip().lower() for heading in headings))
