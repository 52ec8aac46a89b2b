from __future__ import annotations

import json
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.source.notebook import clean_text, read_notebook
from mllint.source.parse import read_unit
from mllint.source.splice import splice
from mllint.source.unit import Unit

FIXTURES = Path(__file__).parents[2] / "fixtures"
SHAPES = sorted(
    path.stem
    for path in (FIXTURES / "notebooks").glob("*.ipynb")
    if path.stem not in {"nbformat-2", "nbformat-3", "nbformat-5"}
)
#: Shapes that hold the whole source of a cell in one line of the file.
ONE_LINE = {"compact", "compact-spaced", "string-source", "mixed-source-forms", "duplicate-keys"}


def read(name: str, folder: str = "notebooks") -> tuple[Unit, bytes]:
    path = FIXTURES / folder / f"{name}.ipynb"
    return read_unit(path, path.name), path.read_bytes()


def sources(unit: Unit) -> dict[int, str]:
    document = unit.notebook
    assert document is not None
    return {index: cell.span.text for index, cell in enumerate(document.cells, start=1) if cell.span is not None}


def reread(data: bytes) -> Unit:
    return read_notebook(Path("a.ipynb"), "a.ipynb", data)


def changes(old: bytes, new: bytes) -> list[tuple[list[str], list[str]]]:
    """Return the groups of lines of the file that differ."""
    before, after = (data.decode("utf-8").split("\n") for data in (old, new))
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(before[a:b], after[c:d]) for tag, a, b, c, d in opcodes if tag != "equal"]


@pytest.mark.parametrize("name", SHAPES)
def test_the_same_sources_give_the_same_bytes(name: str) -> None:
    unit, data = read(name)
    assert splice(unit, {}) == data
    assert splice(unit, sources(unit)) == data


@pytest.mark.parametrize("name", SHAPES)
def test_one_changed_line_is_one_changed_line_of_the_file(name: str) -> None:
    unit, data = read(name)
    for index, source in sources(unit).items():
        lines = source.split("\n")
        for number, line in enumerate(lines):
            if not line:
                continue
            changed = line + '  # "é" 🥐 \\ / <b>'
            new = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
            written = splice(unit, {index: new})
            assert sources(reread(written)) == {**sources(unit), index: new}
            if name != "char-split":
                ((removed, added),) = changes(data, written)
                assert (len(removed), len(added)) == (1, 1)


@pytest.mark.parametrize("name", sorted(set(SHAPES) - ONE_LINE - {"char-split", "uneven-split"}))
def test_inserted_and_removed_lines_are_lines_of_the_file(name: str) -> None:
    unit, data = read(name)
    for index, source in sources(unit).items():
        lines = source.split("\n")
        if len(lines) < 3:
            continue
        written = splice(unit, {index: "\n".join([lines[0], "new = 1", *lines[1:]])})
        ((removed, added),) = changes(data, written)
        assert removed == []
        assert [line.strip(' ,\r\t"') for line in added] == ["new = 1\\n"]
        written = splice(unit, {index: "\n".join([lines[0], *lines[2:]])})
        assert sum(len(added) for _, added in changes(data, written)) == 0
        assert sum(len(removed) for removed, _ in changes(data, written)) == 1


@pytest.mark.parametrize("name", SHAPES)
def test_any_source_can_be_written_and_taken_back(name: str) -> None:
    unit, _ = read(name)
    for index, source in sources(unit).items():
        for new in ("", "x = 1", "x = 1\n", "\n", "a\nb\nc\n\n", source + "\nmore = 1", "first = 1\n" + source):
            written = splice(unit, {index: new})
            again = reread(written)
            assert sources(again) == {**sources(unit), index: new}
            if name not in {"char-split", "uneven-split"} and source:
                assert sources(reread(splice(again, {index: source}))) == sources(unit)


def test_going_back_restores_the_bytes() -> None:
    for name in sorted(set(SHAPES) - {"char-split", "uneven-split"}):
        unit, data = read(name)
        for index, source in sources(unit).items():
            if source.count("\n") < 2:
                continue
            changed = splice(unit, {index: source.replace("\n", "\nadded = 1\n", 1)})
            assert splice(reread(changed), {index: source}) == data


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ascii-escapes", '"caf\\u00e9 = \\"\\ud83e\\udd50\\"\\n",'),
        ("upper-case-escapes", '"caf\\u00E9 = \\"\\uD83E\\uDD50\\"\\n",'),
        ("standard", '"café = \\"🥐\\"\\n",'),
        ("indent-tab", '"café = \\"🥐\\"\\n",'),
        ("crlf", '"café = \\"🥐\\"\\n",\r'),
    ],
)
def test_new_lines_are_escaped_like_the_others(name: str, line: str) -> None:
    unit, data = read(name)
    written = splice(unit, {2: 'café = "🥐"\n' + sources(unit)[2]})
    ((removed, added),) = changes(data, written)
    assert removed == []
    assert [text.lstrip(" \t") for text in added] == [line]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("script-escapes", '"a = \\"</b>\\"\\n",'),
        ("slash-escapes", '"a = \\"<\\/b>\\"\\n",'),
        ("angle-escapes", '"a = \\"\\u003c/b\\u003e\\"\\n",'),
    ],
)
def test_characters_that_need_no_escape_are_escaped_where_the_file_always_does(name: str, expected: str) -> None:
    unit, data = read(name)
    ((_, added),) = changes(data, splice(unit, {2: 'a = "</b>"\n' + sources(unit)[2]}))
    assert [line.strip() for line in added] == [expected]


def test_what_stays_of_a_changed_line_keeps_its_escapes() -> None:
    cell = '{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x = \\"\\u00e9\\/\\"\\n", "y = \\u0031"]}'
    data = f'{{"nbformat": 4, "cells": [{cell}], "note": "é/"}}'.encode()
    written = splice(reread(data), {1: 'x = "é/", 2\ny = 1'})
    assert written == data.replace(b'\\/\\"\\n', b'\\/\\", 2\\n')


def test_a_list_that_was_empty_gets_the_white_space_of_the_others() -> None:
    unit, data = read("standard")
    ((removed, added),) = changes(data, splice(unit, {7: "a = 1\nb = 2"}))
    assert removed == ['   "source": []']
    assert added == ['   "source": [', '    "a = 1\\n",', '    "b = 2"', "   ]"]


def test_without_another_list_the_white_space_is_one_level_deeper() -> None:
    unit, data = read("only-empty-source")
    ((_, added),) = changes(data, splice(unit, {1: "a = 1\nb = 2"}))
    assert added == ['   "source": [', '    "a = 1\\n",', '    "b = 2"', "   ]"]
    data = b'{"nbformat":4,"cells":[{"cell_type":"code","source":[]}]}'
    assert splice(reread(data), {1: "a\nb"}) == data.replace(b"[]", b'["a\\n","b"]')


def test_several_cells_are_written_at_once() -> None:
    unit, _ = read("standard")
    new = {2: "import numpy\n", 5: "", 6: "x = 1"}
    assert sources(reread(splice(unit, new))) == {**sources(unit), **new}


def test_a_lone_surrogate_elsewhere_stays() -> None:
    unit, data = read("lone-surrogate", "hostile")
    assert splice(unit, sources(unit)) == data
    assert splice(unit, {1: sources(unit)[1].replace("y = 1", "y = 2")}) == data.replace(b"y = 1", b"y = 2")


def test_what_cannot_be_written_is_said() -> None:
    with pytest.raises(ValueError, match=r"nbformat 3 is read-only; convert nbformat-3.ipynb to nbformat 4 first"):
        splice(read("nbformat-3")[0], {3: "x = 1"})
    with pytest.raises(ValueError, match=r"list.ipynb is not a notebook that could be read"):
        splice(read("list", "hostile")[0], {1: "x = 1"})
    with pytest.raises(ValueError, match=r"standard.ipynb has no cell 9"):
        splice(read("standard")[0], {9: "x = 1"})
    with pytest.raises(ValueError, match=r"cell 5 of strange-cells.ipynb has no source"):
        splice(read("strange-cells")[0], {5: "x = 1"})


_TEXT = st.text(st.sampled_from('ab\n\n"\\/é🥐\u2028\x00\t\r<') | st.characters(codec="utf-8"), max_size=30)
_SOURCE = _TEXT | st.lists(_TEXT, max_size=5)


@given(
    sources=st.lists(_SOURCE, min_size=1, max_size=4),
    new=_TEXT,
    index=st.integers(0, 3),
    indent=st.sampled_from([None, 0, 1, 2, "\t"]),
    escape=st.booleans(),
    windows=st.booleans(),
)
@settings(max_examples=250, deadline=None)
def test_any_notebook_keeps_everything_but_the_source(
    sources: list[str | list[str]], new: str, index: int, indent: int | str | None, escape: bool, windows: bool
) -> None:
    index = min(index, len(sources) - 1)
    cells = [{"source": source, "cell_type": "code", "outputs": [1e-7, "/"], "metadata": {}} for source in sources]
    content = {"cells": cells, "metadata": {"é": ["\ud83d", float("nan")]}, "nbformat": 4}
    text = json.dumps(content, indent=indent, ensure_ascii=True)
    if not escape:
        text = json.dumps({**content, "metadata": {"é": []}}, indent=indent, ensure_ascii=False)
    data = (text.replace("\n", "\r\n") if windows else text).encode()
    unit = reread(data)
    written = splice(unit, {index + 1: new})
    document = unit.notebook
    again = reread(written).notebook
    assert document is not None
    assert again is not None
    span, new_span = document.cells[index].span, again.cells[index].span
    assert span is not None
    assert new_span is not None
    assert new_span.text == clean_text(new)
    assert new_span.is_list == span.is_list
    assert again.text[: new_span.value.start] == document.text[: span.value.start]
    assert again.text[new_span.value.end :] == document.text[span.value.end :]
