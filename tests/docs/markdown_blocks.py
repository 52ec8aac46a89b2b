"""Reads the fenced blocks of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
#: Pages that people write; those of rules are tested with the rules.
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<info>[^`]*)")
_FILE = re.compile(r"`(?P<name>[^`]+)`:")


class Block(NamedTuple):
    """A fenced block: what its fence says, the text, the row of the fence, and the file that it is introduced as.

    A line that holds nothing but a name in backticks and a colon, right before the fence, introduces a file.
    """

    info: str
    text: str
    row: int
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    row = 0
    before = ""
    while row < len(lines):
        fence = _FENCE.fullmatch(lines[row])
        row += 1
        if fence is None:
            before = lines[row - 1].strip() or before
            continue
        start = row
        while lines[row].rstrip() != fence["ticks"]:
            row += 1
        text = "".join(f"{line}\n" for line in lines[start:row])
        row += 1
        file = _FILE.fullmatch(before)
        yield Block(fence["info"].strip(), text, start, file["name"] if file else None)
        before = ""
