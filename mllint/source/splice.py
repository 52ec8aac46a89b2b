r"""Writing notebooks: new source for some cells, and every other byte of the file as it was.

The source of a cell is a JSON string or a list of them, usually one a line. Strings that do not change keep their raw
text; new ones are written in the style of their neighbours: the indent and separators of their list, and the file's way
of escaping characters.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from mllint.source.notebook import NotebookDocument, SourceSpan, clean_text, raw_offset
from mllint.source.unit import Unit
from mllint.text.edits import Edit, apply_edits


def splice(unit: Unit, new_sources: Mapping[int, str]) -> bytes:
    """Return the bytes of a notebook with the source of some cells replaced.

    Args:
        unit: a notebook that was read.
        new_sources: the new source of each cell that changes, by the cell's index (counted from 1).

    Raises:
        ValueError: the notebook cannot be written (nbformat 3), a cell has no source to replace, or the result would
            not say exactly what was asked; nothing is lost, since only the caller writes.
    """
    document = unit.notebook
    if document is None:
        raise ValueError(f"{unit.name} is not a notebook that could be read")
    if document.version == 3:
        raise ValueError(f"nbformat 3 is read-only; convert {unit.name} to nbformat 4 first")
    style = _Style.of(document)
    edits: list[Edit] = []
    for index, source in new_sources.items():
        if not 1 <= index <= len(document.cells):
            raise ValueError(f"{unit.name} has no cell {index}")
        span = document.cells[index - 1].span
        if span is None:
            raise ValueError(f"cell {index} of {unit.name} has no source that could be replaced")
        if source != span.text:
            edits.append(_source_edit(document, span, source, style))
    text = apply_edits(document.text, edits)
    if edits:
        _verify(document, text, new_sources, unit.name)
    data = text.encode("utf-8")
    return codecs.BOM_UTF8 + data if document.has_bom else data


@dataclass(frozen=True, slots=True)
class _Style:
    """How a notebook writes strings and lists."""

    escapes_non_ascii: bool
    upper_hex: bool
    escapes_slash: bool
    #: Characters that the file writes as ``\\u`` escapes although it need not.
    escaped: frozenset[str]
    #: The text before, between and after the elements of a list of strings, where a cell has one; else None.
    list_gaps: tuple[str, str, str] | None

    @classmethod
    def of(cls, document: NotebookDocument) -> _Style:
        """Read the style off a notebook."""
        raw = document.text
        codes = set(re.findall(r"(?<!\\)(?:\\\\)*\\u([0-9a-fA-F]{4})", raw))
        characters = {chr(int(code, 16)) for code in codes}
        return cls(
            escapes_non_ascii=raw.isascii() and any(character > "\x7f" for character in characters),
            upper_hex=any(re.search("[A-F]", code) for code in codes),
            escapes_slash="\\/" in raw and re.search(r"(?<!\\)/", raw) is None,
            escaped=frozenset(character for character in characters if character >= " " and character not in raw),
            list_gaps=next(_gaps_of_lists(document), None),
        )

    def encode(self, text: str) -> str:
        """Return ``text`` as the inside of a JSON string."""
        raw = json.dumps(text, ensure_ascii=self.escapes_non_ascii)[1:-1]
        if self.upper_hex:
            raw = re.sub(r"(?<=\\u)[0-9a-f]{4}", lambda match: match.group().upper(), raw)
        if self.escapes_slash:
            raw = raw.replace("/", "\\/")
        if self.escaped:
            digits = "04X" if self.upper_hex else "04x"
            raw = "".join(
                f"\\u{ord(character):{digits}}" if character in self.escaped else character for character in raw
            )
        return raw


def _source_edit(document: NotebookDocument, span: SourceSpan, source: str, style: _Style) -> Edit:
    """Return the edit of the notebook's text that gives one cell its new source."""
    raw = document.text
    if span.is_list:
        old = [(raw[start:end], text) for (start, end), text in zip(span.strings, span.texts, strict=True)]
        strings = [
            f'"{inside}"' for inside in _new_strings([(quoted[1:-1], text) for quoted, text in old], source, style)
        ]
        new = _write_list(document, span, strings, style)
    else:
        start, end = span.strings[0]
        lines = _raw_lines(raw[start + 1 : end - 1], span.texts[0])
        new = '"' + "".join(_new_strings(lines, source, style)) + '"'
    return Edit(span.value.start, span.value.end, new)


def _raw_lines(raw: str, text: str) -> list[tuple[str, str]]:
    """Cut the inside of a JSON string into the raw text and the meaning of each line."""
    lines: list[tuple[str, str]] = []
    start = 0
    for line in _split_lines(text):
        end = start + raw_offset(raw[start:], len(line))
        lines.append((raw[start:end], line))
        start = end
    return lines


def _split_lines(text: str) -> list[str]:
    r"""Split at ``\n`` only, keeping it: other line separators do not end a notebook's line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _new_strings(old: Sequence[tuple[str, str]], source: str, style: _Style) -> list[str]:
    """Return the insides of the JSON strings for ``source``, reusing the raw text of old ones that stay.

    Args:
        old: raw text and meaning of each string of the present source.
        source: the new source.
        style: how new text is written.
    """
    texts = [text for _, text in old]
    by_character = len(texts) > 1 and all(len(text) == 1 for text in texts)
    if by_character:
        new = list(source)
    elif texts == _split_lines("".join(texts)):
        new = _split_lines(source)
    else:
        new = _align(texts, source)
    result: list[str] = []
    for tag, first, last, new_first, new_last in SequenceMatcher(None, texts, new, autojunk=False).get_opcodes():
        if tag == "equal":
            result += (raw for raw, _ in old[first:last])
            continue
        replaced = old[first:last]
        for number, text in enumerate(new[new_first:new_last]):
            like = replaced[number] if number < len(replaced) else None
            result.append(style.encode(text) if like is None else _encode_like(*like, text, style))
    return result


def _align(texts: Sequence[str], source: str) -> list[str]:
    """Cut ``source`` where the strings at its beginning and end are those of the old source.

    What stands between them takes the place of one string, or becomes a string a line.
    """
    head = 0
    start = 0
    while head < len(texts) and source.startswith(texts[head], start):
        start += len(texts[head])
        head += 1
    tail = len(texts)
    end = len(source)
    while tail > head and end - len(texts[tail - 1]) >= start and source.endswith(texts[tail - 1], start, end):
        tail -= 1
        end -= len(texts[tail])
    if head == tail > 0 and not texts[head - 1].endswith("\n"):  # new text carries on the string before it
        head -= 1
        start -= len(texts[head])
    middle = source[start:end]
    between = [middle] if middle and tail - head == 1 else _split_lines(middle)
    return [*texts[:head], *between, *texts[tail:]]


def _encode_like(raw: str, old: str, new: str, style: _Style) -> str:
    """Write ``new`` with the raw text of what it shares with ``old`` at its beginning and end."""
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = style.encode(new[head : len(new) - tail])
    return raw[: raw_offset(raw, head)] + middle + raw[raw_offset(raw, len(old) - tail) :]


def _write_list(document: NotebookDocument, span: SourceSpan, strings: Sequence[str], style: _Style) -> str:
    """Write a list of JSON strings with the white space of the present one."""
    if not strings:
        return "[]"
    raw = document.text
    if span.strings:
        before, separators, after = _gaps(raw, span)
    else:
        before, separator, after = style.list_gaps or _default_gaps(document, span)
        separators = [separator]
    usual = separators[0] if separators else _separator_like(before, style)
    # As many separators as are needed: the present ones, in order, and the usual one for more.
    between = [*separators, *[usual] * len(strings)]
    pieces = ["[", before, strings[0]]
    for separator, string in zip(between, strings[1:], strict=False):
        pieces += (separator, string)
    pieces += (after, "]")
    return "".join(pieces)


def _gaps(raw: str, span: SourceSpan) -> tuple[str, list[str], str]:
    """Return the text before, between and after the strings of a list that has some."""
    separators = [raw[left.end : right.start] for left, right in zip(span.strings, span.strings[1:], strict=False)]
    return raw[span.value.start + 1 : span.strings[0].start], separators, raw[span.strings[-1].end : span.value.end - 1]


def _gaps_of_lists(document: NotebookDocument) -> Iterator[tuple[str, str, str]]:
    """Yield the white space of the lists that have at least two strings."""
    for cell in document.cells:
        if cell.span is not None and cell.span.is_list and len(cell.span.strings) > 1:
            before, separators, after = _gaps(document.text, cell.span)
            yield before, separators[0], after


def _separator_like(before: str, style: _Style) -> str:
    """Return the separator of a list whose first string stands behind ``before``."""
    if "\n" in before or "\r" in before:
        return f",{before}"
    return style.list_gaps[1] if style.list_gaps is not None and not style.list_gaps[0].strip(" ") else ", "


def _default_gaps(document: NotebookDocument, span: SourceSpan) -> tuple[str, str, str]:
    """Return the white space for the first list of strings of a notebook: one level deeper than its key."""
    raw = document.text
    line_start = max(raw.rfind("\n", 0, span.value.start), raw.rfind("\r", 0, span.value.start)) + 1
    indent = re.compile(r"[ \t]*").match(raw, line_start)
    own = "" if indent is None else indent.group()
    if not own or raw[line_start + len(own)] != '"':
        return "", ", " if '": ' in raw else ",", ""
    newline = "\r\n" if raw[:line_start].endswith("\r\n") else "\n"
    # A key of a cell stands three levels deep: notebook, list of cells, cell.
    step = own[: max(len(own) // 3, 1)]
    return f"{newline}{own}{step}", f",{newline}{own}{step}", f"{newline}{own}"


def _verify(document: NotebookDocument, text: str, new_sources: Mapping[int, str], name: str) -> None:
    """Raise if the new text does not differ from the old in exactly the sources that were asked for."""
    failure = f"writing {name} would have damaged it, so it was left as it is; please report this as a bug"
    try:
        written = NotebookDocument.parse(text.encode("utf-8"))
    except ValueError as error:
        raise ValueError(f"{failure} ({error})") from error
    for index, cell in enumerate(document.cells, start=1):
        expected = new_sources.get(index, "" if cell.span is None else cell.span.text)
        span = written.cells[index - 1].span if index <= len(written.cells) else None
        if (cell.span is not None or span is not None) and (span is None or span.text != clean_text(expected)):
            raise ValueError(f"{failure} (cell {index})")
    if _without_sources(document.text, new_sources) != _without_sources(text, new_sources):
        raise ValueError(f"{failure} (something else changed)")


def _without_sources(text: str, indices: Mapping[int, str]) -> Any:
    """Return what a notebook says, without the sources of some cells; numbers stay as they are written."""
    content = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    for index in indices:
        content["cells"][index - 1]["source"] = None
    return content
