"""Notebooks written as text, for tests: cells between lines ``# %%``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

_HEADER = re.compile(r"# %%(?: \[(?P<kind>markdown|raw)\])?(?P<fields>(?: \w+=\S+)*)\s*")


class CellText(NamedTuple):
    """A cell as a test writes it.

    ``row`` is the row of its first line in the text of the test, ``header`` the line that starts it, if there is one.
    """

    source: str
    kind: str = "code"
    fields: dict[str, Any] = {}
    row: int = 1
    header: str = ""


def split_cells(text: str) -> list[CellText]:
    """Split a text at lines ``# %%``, ``# %% [markdown]`` and ``# %% [raw]``.

    Fields of the cell follow as JSON without blanks: ``# %% tags=["mllint-ignore"] execution_count=3``. Text before the
    first such line is a code cell.

    Raises:
        ValueError: a field is not JSON; the message says which.
    """
    cells: list[CellText] = []
    lines: list[str] = []
    header, kind, fields, row = "", "code", dict[str, Any](), 1

    def finish() -> None:
        if header or any(line.strip() for line in lines):
            cells.append(
                CellText("\n".join(lines).strip("\n") if not header else "\n".join(lines), kind, fields, row, header)
            )

    for number, line in enumerate(text.split("\n"), start=1):
        match = _HEADER.fullmatch(line)
        if match is None:
            lines.append(line)
            continue
        finish()
        lines = []
        header, kind, row = line, match["kind"] or "code", number + 1
        fields = dict(_field(item) for item in match["fields"].split())
    if lines and lines[-1] == "":
        lines.pop()
    finish()
    return cells


def join_cells(cells: Iterable[CellText]) -> str:
    """Write cells as text again."""
    parts = [f"{cell.header}\n{cell.source}" if cell.header else cell.source for cell in cells]
    return "\n".join(part.rstrip("\n") for part in parts) + "\n"


def notebook_bytes(cells: Sequence[CellText | str], metadata: dict[str, Any] | None = None) -> bytes:
    """Return an ``.ipynb`` file, nbformat 4.5, with the given cells; a plain string is a code cell."""
    document = {
        "cells": [_cell(number, cell) for number, cell in enumerate(cells, start=1)],
        "metadata": metadata if metadata is not None else {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _cell(number: int, cell: CellText | str) -> dict[str, Any]:
    if isinstance(cell, str):
        cell = CellText(cell)
    fields = dict(cell.fields)
    metadata = fields.pop("metadata", {})
    if "tags" in fields:
        metadata = {**metadata, "tags": fields.pop("tags")}
    document: dict[str, Any] = {"cell_type": cell.kind, "id": fields.pop("id", f"cell-{number}"), "metadata": metadata}
    if cell.kind == "code":
        document |= {"execution_count": fields.pop("execution_count", None), "outputs": fields.pop("outputs", [])}
    return {**document, **fields, "source": cell.source.splitlines(keepends=True)}


def _field(item: str) -> tuple[str, Any]:
    name, _, value = item.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        raise ValueError(f"the value of {name!r} in a cell header is not JSON: {value}") from None
