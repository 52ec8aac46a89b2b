"""Notebooks: the JSON of an ``.ipynb`` file to a unit, with the place of every source line in that JSON."""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from mllint.source.magics import blank_magics
from mllint.source.unit import Cell, CellKind, Problem, Unit
from mllint.text.ranges import LineIndex, Position, Range

#: The versions of the format that are read; only the last is written.
READ_VERSIONS = (3, 4)


def read_notebook(path: Path, name: str, data: bytes) -> Unit:
    """Make a unit of a notebook.

    A file that is not a notebook gives a unit without cells and with one problem. A cell that is not as the format
    says is skipped, and the other cells are read.
    """
    try:
        document = NotebookDocument.parse(data)
    except UnicodeDecodeError as error:
        message = f"the notebook is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start})"
        return Unit(path, name, "notebook", "", [], [Problem("invalid-encoding", message)])
    except ValueError as error:
        return Unit(path, name, "notebook", "", [], [Problem("invalid-notebook", str(error))])
    return _unit(path, name, document)


@dataclass(slots=True)
class SourceSpan:
    """Where a cell's source lies in the notebook's own text.

    ``value`` is the whole JSON value, ``strings`` its JSON strings with their quotes (a single one, equal to ``value``,
    where the source is not a list), ``texts`` what these strings say.
    """

    value: Range
    strings: tuple[Range, ...]
    texts: tuple[str, ...]
    is_list: bool

    @property
    def text(self) -> str:
        """The cell's source."""
        return "".join(self.texts)


@dataclass(slots=True)
class CellDocument:
    """One cell as it stands in the file: its JSON object without the source, and the place of the source.

    ``span`` is None where the cell has no source, or one that is not text; ``start`` is where the cell begins.
    """

    fields: dict[str, Any]
    span: SourceSpan | None
    start: int
    #: What is wrong with the cell, for people; None if nothing is.
    flaw: str | None = None


@dataclass(slots=True)
class NotebookDocument:
    """The raw text of a notebook and what it says, with the place of every cell's source.

    ``text`` is the file without a byte order mark, ``fields`` its JSON object without the cells.
    """

    text: str
    fields: dict[str, Any]
    cells: list[CellDocument]
    version: int
    has_bom: bool = False
    _lines: LineIndex | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, data: bytes) -> NotebookDocument:
        """Read the bytes of a notebook.

        Raises:
            UnicodeDecodeError: the bytes are not UTF-8.
            ValueError: they are not a notebook of a version that is read; the message is one line for people.
        """
        has_bom = data.startswith(codecs.BOM_UTF8)
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        if not text.strip():
            raise ValueError("the file is empty")
        fields, cells = _read_json(text)
        if "nbformat" not in fields:
            raise ValueError("the file is JSON but not a notebook: it has no nbformat version")
        version = fields["nbformat"]
        if version not in READ_VERSIONS:
            raise ValueError(f"nbformat {version!r} is not supported; mllint reads nbformat 3 and 4")
        if cells is None:
            key = "worksheets" if version == 3 else "cells"
            raise ValueError(f"the file is JSON but not a notebook: it has no list of {key}")
        return cls(text, fields, cells, int(version), has_bom)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The notebook's metadata."""
        return _mapping(self.fields.get("metadata"))

    @property
    def lines(self) -> LineIndex:
        """The line index of the notebook's own text."""
        if self._lines is None:
            self._lines = LineIndex(self.text)
        return self._lines

    def json_position(self, cell_index: int, row: int = 1, column: int = 1) -> Position:
        """Return where a place in a cell's source stands in the file.

        Args:
            cell_index: the cell, counted from 1 over all cells.
            row: the row in the cell's source, from 1.
            column: the column in that row, from 1, in code points.
        """
        cell = self.cells[cell_index - 1]
        span = cell.span
        if span is None or not span.strings:
            return self.lines.position(cell.start if span is None else span.value.start)
        lines = LineIndex(span.text)
        row = min(row, len(lines))
        offset = min(lines.offset(row, column), len(span.text))
        ends = list(accumulate(len(text) for text in span.texts))
        # The offset behind the last character belongs to the last string, any other to the one that holds it.
        index = min(bisect_right(ends, offset), len(ends) - 1)
        within = offset - (ends[index] - len(span.texts[index]))
        start, end = span.strings[index]
        return self.lines.position(raw_offset(self.text[start + 1 : end - 1], within) + start + 1)


_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


def raw_offset(raw: str, offset: int) -> int:
    r"""Return where the decoded character at ``offset`` starts in the inside of a JSON string.

    An escape is one character, and so is the pair of ``\u`` escapes that stands for one outside the basic plane.
    """
    decoded = 0  # characters before `position`
    position = 0
    for match in _ESCAPE.finditer(raw):
        plain = match.start() - position
        if decoded + plain >= offset:
            break
        decoded += plain + 1
        position = match.end()
    return position + offset - decoded


def clean_text(text: str) -> str:
    """Replace lone surrogates, which a JSON string can hold and no file or terminal can."""
    return _SURROGATE.sub("\ufffd", text)


_SURROGATE = re.compile(r"[\ud800-\udfff]")


# Reading JSON with positions. The standard decoder reads every value but the few whose place matters.

_SPACE = re.compile(r"[ \t\n\r]*")


def _integer(digits: str) -> int:
    """Read an integer; one longer than Python converts counts as 0, since no rule minds its value."""
    try:
        return int(digits)
    except ValueError:
        return 0


_decode_value = json.JSONDecoder(parse_int=_integer).raw_decode


def _read_json(text: str) -> tuple[dict[str, Any], list[CellDocument] | None]:
    """Read a notebook's JSON; the cells are None where the file has no list of them."""
    reader = _Reader(text)
    try:
        start = _space(text, 0)
        if text[start : start + 1] != "{":
            _decode_value(text, start)
            raise ValueError("the file is JSON but not a notebook: it is not an object")
        end = _space(text, reader.read_object(start, reader.top_level))
        if end != len(text):
            raise json.JSONDecodeError("Extra data", text, end)
    except json.JSONDecodeError as error:
        raise ValueError(_json_failure(text, error)) from None
    except RecursionError:
        raise ValueError("the file is JSON nested too deeply to read") from None
    return reader.fields, reader.cells


def _json_failure(text: str, error: json.JSONDecodeError) -> str:
    """Say in one line why the text of a notebook is not JSON."""
    if text.startswith("version https://git-lfs"):
        return "the file is a Git LFS pointer; `git lfs pull` fetches the notebook"
    conflict = re.search(r"^<{7} ", text, re.MULTILINE)
    if conflict is not None:
        return f"the file holds an unresolved merge conflict (line {LineIndex(text).row(conflict.start())})"
    reason = re.sub(r"( starting)? at$", "", error.msg[:1].lower() + error.msg[1:])
    return f"the file is not valid JSON: {reason} (line {error.lineno}, column {error.colno})"


class _Reader:
    """Walks the JSON of one notebook and keeps the places of the cells' sources."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields: dict[str, Any] = {}
        self.cells: list[CellDocument] | None = None

    def top_level(self, key: str, start: int) -> int:
        """Read a value of the notebook object."""
        if key in ("cells", "worksheets") and self.text[start] == "[":
            self.cells = []
            return self.read_array(start, self.cell if key == "cells" else self.worksheet)
        self.fields[key], end = _decode_value(self.text, start)
        return end

    def worksheet(self, start: int) -> int:
        """Read an element of ``worksheets`` (nbformat 3)."""
        if self.text[start : start + 1] != "{":
            return self.skip(start)
        return self.read_object(start, self.worksheet_value)

    def worksheet_value(self, key: str, start: int) -> int:
        """Read a value of a worksheet."""
        if key == "cells" and self.text[start] == "[":
            return self.read_array(start, self.cell)
        return self.skip(start)

    def cell(self, start: int) -> int:
        """Read an element of ``cells``."""
        assert self.cells is not None  # set before any cell is read
        cell = CellDocument({}, None, start)
        self.cells.append(cell)
        if self.text[start : start + 1] != "{":
            cell.flaw = "it is not an object"
            return self.skip(start)

        def value(key: str, start: int) -> int:
            if key in ("source", "input"):
                cell.flaw = None
                return self.source(cell, start)
            cell.fields[key], end = _decode_value(self.text, start)
            return end

        return self.read_object(start, value)

    def source(self, cell: CellDocument, start: int) -> int:
        """Read a cell's source, a string or a list of strings."""
        strings: list[Range] = []
        texts: list[str] = []

        def string(start: int) -> int:
            if self.text[start : start + 1] != '"':
                cell.flaw = "its source is not text"
                return self.skip(start)
            text, end = scanstring(self.text, start + 1, True)
            texts.append(clean_text(text))
            strings.append(Range(start, end))
            return int(end)

        is_list = self.text[start : start + 1] == "["
        end = self.read_array(start, string) if is_list else string(start)
        cell.span = None if cell.flaw else SourceSpan(Range(start, end), tuple(strings), tuple(texts), is_list)
        return end

    def skip(self, start: int) -> int:
        """Read a value whose content does not matter."""
        return _decode_value(self.text, start)[1]

    def read_object(self, start: int, value: Callable[[str, int], int]) -> int:
        """Read the object at ``start``; ``value`` reads each value and returns its end."""
        text = self.text
        position = _space(text, start + 1)
        if text[position : position + 1] == "}":
            return position + 1
        while True:
            if text[position : position + 1] != '"':
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, position)
            key, position = scanstring(text, position + 1, True)
            if text[position : position + 1] != ":":
                position = _space(text, position)
            if text[position : position + 1] != ":":
                raise json.JSONDecodeError("Expecting ':' delimiter", text, position)
            position = _space(text, position + 1)
            if position >= len(text):
                raise json.JSONDecodeError("Expecting value", text, position)
            position, is_end = self._after_item(value(key, position), "}")
            if is_end:
                return position

    def read_array(self, start: int, element: Callable[[int], int]) -> int:
        """Read the array at ``start``; ``element`` reads each element and returns its end."""
        text = self.text
        position = _space(text, start + 1)
        if text[position : position + 1] == "]":
            return position + 1
        while True:
            position, is_end = self._after_item(element(position), "]")
            if is_end:
                return position

    def _after_item(self, position: int, closing: str) -> tuple[int, bool]:
        """Read what follows an item: a comma and space up to the next one, or the end of the array or object."""
        text = self.text
        following = text[position : position + 1]
        if following != "," and following != closing:
            position = _space(text, position)
            following = text[position : position + 1]
        if following == closing:
            return position + 1, True
        if following != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
        return _space(text, position + 1), False


def _space(text: str, position: int) -> int:
    return _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty string


# From the document to cells.


def _unit(path: Path, name: str, document: NotebookDocument) -> Unit:
    """Make the unit of a document that was read."""
    kernel = _kernel_language(document.metadata)
    unit = Unit(path, name, "notebook", "", [], notebook=document, has_bom=document.has_bom)
    pieces: list[str] = []
    start = 0
    for index, cell in enumerate(document.cells, start=1):
        source = cell.span.text if cell.span is not None else ""
        unit.cells.append(_cell(index, cell, source, start, kernel))
        if cell.flaw is not None:
            row = document.lines.row(cell.start)
            message = f"cell {index} is not analysed: {cell.flaw} (line {row} of the file)"
            unit.problems.append(Problem("invalid-notebook", message, Range(start, start)))
        pieces += (source, "\n")
        start += len(source) + 1
    unit.text = "".join(pieces)
    return unit


def _cell(index: int, document: CellDocument, source: str, start: int, kernel: str) -> Cell:
    """Make one cell of a unit."""
    fields = document.fields
    metadata = _mapping(fields.get("metadata"))
    cell_type = fields.get("cell_type")
    kind: CellKind = "code" if cell_type == "code" else "markdown" if cell_type in ("markdown", "heading") else "raw"
    count = fields.get("execution_count", fields.get("prompt_number"))
    cell = Cell(
        index=index,
        kind=kind,
        start=start,
        end=start + len(source),
        code=None,
        id=_cell_id(fields, metadata),
        tags=tuple(tag for tag in _list(metadata.get("tags")) if isinstance(tag, str)),
        metadata=metadata,
        execution_count=count if isinstance(count, int) else None,
        outputs=tuple(output for output in _list(fields.get("outputs")) if isinstance(output, dict)),
    )
    language = _cell_language(fields, metadata, kernel)
    if document.flaw is not None:
        cell.skipped = document.flaw
    elif kind != "code":
        known = cell_type in ("markdown", "heading", "raw", "html")
        cell.skipped = kind if known else f"unknown cell type {cell_type}" if cell_type else "no cell type"
    elif document.span is None:
        cell.skipped = "no source"
    elif language != "python":
        cell.skipped = f"language {language}"
    else:
        blanked = blank_magics(source, start)
        cell.code, cell.magics, cell.skipped = blanked.code, blanked.magics, blanked.skipped
    return cell


def _cell_id(fields: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """Return the cell's id; Colab wrote it into the metadata before the format had one."""
    for candidate in (fields.get("id"), metadata.get("id")):
        if isinstance(candidate, str) and candidate:
            return candidate
    return None


def _cell_language(fields: Mapping[str, Any], metadata: Mapping[str, Any], kernel: str) -> str:
    """Return the language of a code cell, lower case: its own where the editor recorded one, else the kernel's."""
    own = _mapping(metadata.get("vscode")).get("languageId") or fields.get("language")
    return _language(own) if isinstance(own, str) and own else kernel


def _kernel_language(metadata: Mapping[str, Any]) -> str:
    """Return the language of the notebook's kernel, Python if it does not say."""
    kernelspec = _mapping(metadata.get("kernelspec"))
    candidates = (
        _mapping(metadata.get("language_info")).get("name"),
        kernelspec.get("language"),
        metadata.get("language"),
        kernelspec.get("name"),
    )
    return next((_language(name) for name in candidates if isinstance(name, str) and name), "python")


def _language(name: str) -> str:
    """Return the name of a language or kernel, lower case, with every Python called ``python``."""
    name = name.lower()
    return "python" if re.fullmatch(r"i?python[\d.]*", name) else name


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
