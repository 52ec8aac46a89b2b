from __future__ import annotations

import json
import warnings
from pathlib import Path

import nbformat
import pytest

from mllint.source.notebook import raw_offset, read_notebook
from mllint.source.parse import read_unit
from mllint.source.unit import Unit

NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"
#: Fixtures that are not read, or whose cells are meant to be damaged.
UNREADABLE = {"nbformat-2", "nbformat-5"}
SHAPES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb") if path.stem not in UNREADABLE)


def fixture(name: str) -> Unit:
    path = NOTEBOOKS / f"{name}.ipynb"
    return read_unit(path, path.name)


def notebook(*cells: object, **fields: object) -> Unit:
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **fields}
    return read_notebook(Path("a.ipynb"), "a.ipynb", json.dumps(content).encode())


def code(source: object = "x = 1", **fields: object) -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source, **fields}


@pytest.mark.parametrize("name", SHAPES)
def test_the_text_is_the_source_of_all_cells_in_order(name: str) -> None:
    unit = fixture(name)
    raw = (NOTEBOOKS / f"{name}.ipynb").read_bytes().decode("utf-8-sig")
    content = json.loads(raw)
    cells = content.get("cells") or [cell for sheet in content.get("worksheets", ()) for cell in sheet["cells"]]
    assert len(unit.cells) == len(cells)
    text = ""
    for index, (cell, expected) in enumerate(zip(unit.cells, cells, strict=True), start=1):
        source = expected.get("source", expected.get("input", "")) if isinstance(expected, dict) else ""
        source = "".join(source) if isinstance(source, list) and None not in source else source
        source = source if isinstance(source, str) else ""
        assert cell.index == index
        assert unit.text[cell.start : cell.end] == source
        text += source + "\n"
        assert cell.code is None or len(cell.code) == len(source)
        assert (cell.code is None) == (cell.skipped is not None)
    assert unit.text == text


@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"strange-cells", "strange-ids", "duplicate-keys"}))
def test_cells_are_those_that_nbformat_reads(name: str) -> None:
    unit = fixture(name)
    raw = (NOTEBOOKS / f"{name}.ipynb").read_bytes().decode("utf-8-sig")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of missing and duplicate ids
        cells = nbformat.reads(raw, as_version=4).cells
    assert [unit.text[cell.start : cell.end] for cell in unit.cells if cell.kind == "code"] == [
        cell.source for cell in cells if cell.cell_type == "code"
    ]
    assert [cell.execution_count for cell in unit.cells if cell.kind == "code"] == [
        cell.execution_count for cell in cells if cell.cell_type == "code"
    ]


@pytest.mark.parametrize("name", SHAPES)
def test_every_character_has_its_place_in_the_file(name: str) -> None:
    unit = fixture(name)
    document = unit.notebook
    assert document is not None
    for cell in unit.cells:
        for offset in range(cell.start, cell.end):
            character = unit.text[offset]
            if not (character.isascii() and (character.isalnum() or character in "=.,")):
                continue
            place = unit.position(offset)[1]
            row, column = document.json_position(cell.index, place.row, place.column)
            assert document.lines.line(row)[column - 1] == character, (cell.index, place)


@pytest.mark.parametrize(
    ("name", "cell", "row", "column", "rest"),
    [
        ("standard", 2, 1, 1, r'import numpy as np\n",'),
        ("standard", 2, 3, 6, r"sklearn.ensemble import"),
        ("string-source", 2, 2, 8, r"pandas as pd\nfrom"),
        ("compact", 3, 1, 21, r"\"data/cafés.csv"),
        ("ascii-escapes", 4, 1, 32, r"\u2615 and \ud83e\udd50 are sold"),
        ("ascii-escapes", 4, 1, 38, r"\ud83e\udd50 are sold"),
        ("ascii-escapes", 4, 1, 40, r"are sold"),
        ("char-split", 2, 2, 1, 'i",'),
        ("crlf-in-source", 2, 2, 1, r"import pandas as pd\r\n"),
        ("standard", 7, 1, 1, "[]"),
        ("standard", 2, 99, 1, "from sklearn.model_selection"),
        ("standard", 2, 1, 999, '"'),
        ("strange-cells", 7, 1, 1, '"not a cell"'),
    ],
)
def test_places_in_the_json(name: str, cell: int, row: int, column: int, rest: str) -> None:
    document = fixture(name).notebook
    assert document is not None
    place = document.json_position(cell, row, column)
    assert document.lines.line(place.row)[place.column - 1 :].startswith(rest)


def test_offsets_in_escaped_text() -> None:
    raw = r"a\n\"\u00e9\ud83d\ude00b"
    assert [raw[raw_offset(raw, offset) :] for offset in range(7)] == [
        raw,
        r"\n\"\u00e9\ud83d\ude00b",
        r"\"\u00e9\ud83d\ude00b",
        r"\u00e9\ud83d\ude00b",
        r"\ud83d\ude00b",
        "b",
        "",
    ]
    # Half of a pair is a character of its own.
    assert raw_offset(r"\ud83d\ud83d\ude00x", 2) == 18


@pytest.mark.parametrize(
    ("metadata", "skipped"),
    [
        ({}, None),
        ({"language_info": {"name": "python"}, "kernelspec": {"language": "R"}}, None),
        ({"language_info": {"name": "ipython"}}, None),
        ({"kernelspec": {"name": "python3"}}, None),
        ({"kernelspec": {"name": "Python 3.9"}}, "language python 3.9"),
        ({"kernelspec": {"name": "ir", "language": "R"}}, "language r"),
        ({"kernelspec": {"name": "julia-1.9"}}, "language julia-1.9"),
        ({"language_info": {"name": "scala"}}, "language scala"),
        ({"language": "Julia"}, "language julia"),
        ({"kernelspec": None, "language_info": 3}, None),
        (None, None),
    ],
)
def test_the_kernel_says_the_language(metadata: object, skipped: str | None) -> None:
    assert notebook(code(), metadata=metadata).cells[0].skipped == skipped


def test_a_cell_can_have_its_own_language() -> None:
    unit = fixture("mixed-languages")
    assert [cell.skipped for cell in unit.cells] == [
        None, "language sql", None, "%%bash", "%%sql", "%%javascript", "%%writefile", "raw",
    ]  # fmt: skip
    assert unit.cells[4].magics[0].binds == {"totals"}
    assert unit.cells[4].magics[0].reads == {"shop"}
    assert unit.cells[7].tags == ("slides", "draft")
    python = code(metadata={"vscode": {"languageId": "python"}})
    assert notebook(python, metadata={"kernelspec": {"name": "ir"}}).cells[0].skipped is None


def test_old_notebooks_are_read() -> None:
    unit = fixture("nbformat-3")
    assert [cell.kind for cell in unit.cells] == ["markdown", "markdown", "code", "code", "raw", "code"]
    assert [cell.execution_count for cell in unit.cells] == [None, None, 1, 2, None, 3]
    assert [magic.name for magic in unit.cells[2].magics] == ["pylab"]


def test_ids_come_from_wherever_they_are() -> None:
    assert [cell.id for cell in fixture("standard").cells][:2] == ["3f2a8c10", "7be01d52"]
    assert [cell.id for cell in fixture("colab").cells] == ["Hq3vXk1bTz0P", "u8Rk2wQm4LdS", "b0VnYx7cE5aJ"]
    assert {cell.id for cell in fixture("no-ids").cells} == {None}
    assert [cell.id for cell in fixture("strange-ids").cells][1:3] == [None, None]


def test_strange_cells_do_not_hide_the_others() -> None:
    unit = fixture("strange-cells")
    assert [cell.skipped for cell in unit.cells] == [
        "no source", "unknown cell type diagram", "no cell type", None, "its source is not text",
        "its source is not text", "it is not an object", None,
    ]  # fmt: skip
    assert [(problem.kind, problem.message) for problem in unit.problems] == [
        ("invalid-notebook", "cell 5 is not analysed: its source is not text (line 31 of the file)"),
        ("invalid-notebook", "cell 6 is not analysed: its source is not text (line 38 of the file)"),
        ("invalid-notebook", "cell 7 is not analysed: it is not an object (line 48 of the file)"),
    ]
    assert unit.cells[3].execution_count is None
    assert unit.cells[7].outputs == ()
    assert unit.cells[7].tags == ()


def test_the_last_of_two_equal_keys_counts() -> None:
    unit = fixture("duplicate-keys")
    assert unit.text == "import random\nrandom.random()\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"x = 1\n", "the file is not valid JSON: expecting value (line 1, column 1)"),
        (b"[1]", "the file is JSON but not a notebook: it is not an object"),
        (b'"a"', "the file is JSON but not a notebook: it is not an object"),
        (b"{}", "the file is JSON but not a notebook: it has no nbformat version"),
        (b'{"nbformat": 4}', "the file is JSON but not a notebook: it has no list of cells"),
        (b'{"nbformat": 3}', "the file is JSON but not a notebook: it has no list of worksheets"),
        (b'{"nbformat": 4, "cells": {}}', "the file is JSON but not a notebook: it has no list of cells"),
        (b'{"nbformat": 5, "cells": []}', "nbformat 5 is not supported; mllint reads nbformat 3 and 4"),
        (b'{"nbformat": "4", "cells": []}', "nbformat '4' is not supported; mllint reads nbformat 3 and 4"),
        (b'{\n "nbformat": 4,\n "cells": [', "the file is not valid JSON: expecting value (line 3, column 12)"),
        (b'{"nbformat": 4\n "cells": []}', "the file is not valid JSON: expecting ',' delimiter (line 2, column 2)"),
        (b'{"nbformat" 4}', "the file is not valid JSON: expecting ':' delimiter (line 1, column 13)"),
        (b'{"nbformat": 4, "cells": ["a', "the file is not valid JSON: unterminated string (line 1, column 27)"),
        (b'{"nbformat":', "the file is not valid JSON: expecting value (line 1, column 13)"),
        (b'{"cells": [{', "enclosed in double quotes (line 1, column 13)"),
        (b'{"nbformat": 4, "cells": []} x', "the file is not valid JSON: extra data (line 1, column 30)"),
        (b'{"nbformat": 4, "a": ' + b"[" * 9999, "the file is JSON nested too deeply to read"),
        (b"version https://git-lfs.github.com/spec/v1\n", "the file is a Git LFS pointer"),
        (b"{\n<<<<<<< HEAD\n", "the file holds an unresolved merge conflict (line 2)"),
    ],
)
def test_what_is_no_notebook_is_one_problem(data: bytes, message: str) -> None:
    unit = read_notebook(Path("a.ipynb"), "a.ipynb", data)
    (problem,) = unit.problems
    assert problem.kind == "invalid-notebook"
    assert message in problem.message
    assert "\n" not in problem.message
    assert (unit.text, unit.cells, problem.range) == ("", [], None)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_a_problem(encoding: str) -> None:
    (problem,) = read_notebook(Path("a.ipynb"), "a.ipynb", '{"é": 1}'.encode(encoding)).problems
    assert problem.kind == "invalid-encoding"
    assert "the notebook is not UTF-8 (byte 0x" in problem.message


@pytest.mark.parametrize("name", SHAPES)
def test_a_truncated_notebook_never_raises(name: str) -> None:
    data = (NOTEBOOKS / f"{name}.ipynb").read_bytes()
    for end in range(0, len(data) - 3, max(len(data) // 150, 1)):
        unit = read_notebook(Path("a.ipynb"), "a.ipynb", data[:end])
        assert [problem.kind for problem in unit.problems] in (["invalid-notebook"], ["invalid-encoding"])


def test_magics_have_their_place_in_the_unit() -> None:
    unit = fixture("magics")
    for cell in unit.cells:
        for magic in cell.magics:
            assert unit.text[magic.range.start : magic.range.end] == magic.text
            assert cell.range.contains(magic.range)
    assert fixture("percent-strings").cells[5].magics == ()
