from __future__ import annotations

import json
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.source.parse import parse_unit, read_unit, salvaged_names
from mllint.source.unit import Unit

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(
    path
    for folder in ("hostile", "notebooks")
    for path in (FIXTURES / folder).iterdir()
    if path.suffix in (".py", ".ipynb")
)


def parsed(code: str) -> Unit:
    unit = read_unit(Path("train.py"), "train.py", code.encode())
    parse_unit(unit)
    return unit


def parsed_cells(*codes: str) -> Unit:
    cells = [{"cell_type": "code", "source": code, "metadata": {}, "outputs": []} for code in codes]
    unit = read_unit(Path("a.ipynb"), "a.ipynb", json.dumps({"nbformat": 4, "cells": cells}).encode())
    parse_unit(unit)
    return unit


def check_offsets(unit: Unit) -> None:
    """Check that modules give back their cells' code, so that offsets in them are offsets in the cell."""
    for cell in unit.cells:
        if cell.module is None:
            continue
        assert cell.code is not None
        assert len(cell.code) == cell.end - cell.start
        code = cell.module.code
        assert cell.code.startswith(code)
        assert cell.code[len(code) :].strip() == ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_fixture_harms(path: Path) -> None:
    unit = read_unit(path, path.name)
    parse_unit(unit)
    check_offsets(unit)
    for cell in unit.cells:
        explained = cell.skipped is not None or any(
            problem.range is not None and cell.start <= problem.range.start <= cell.end for problem in unit.problems
        )
        assert (cell.module is None or cell.mended) == explained
    for problem in unit.problems:
        assert problem.message
        assert "\n" not in problem.message
        assert problem.range is None or 0 <= problem.range.start <= problem.range.end <= len(unit.text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("latin-1-declared.py", None),
        ("bom.py", None),
        ("form-feed.py", None),
        ("only-comments.py", None),
        ("empty.py", None),
        ("blank.py", None),
        ("final-white-space.py", None),
        ("carriage-returns.py", None),
        ("mixed-line-ends.py", None),
        ("joined-nothing.py", None),
        ("comment-at-end.py", None),
        ("backslash-comment.py", None),
        ("huge-int.py", None),
        ("long-line.py", None),
        ("huge-number.ipynb", None),
        ("lone-surrogate.ipynb", None),
        ("nul.py", "invalid-encoding"),
        ("utf-16.py", "invalid-encoding"),
        ("latin-1.ipynb", "invalid-encoding"),
        ("tabs-and-spaces.py", "invalid-syntax"),
        ("python-2.py", "invalid-syntax"),
        ("nul-in-source.ipynb", "invalid-syntax"),
        ("deep-brackets.py", "too-complex"),
        ("unclosed-brackets.py", "too-complex"),
        ("nested-pattern.py", "too-complex"),
        ("nested-mapping-pattern.py", "too-complex"),
        ("long-sum.py", "too-complex"),
        ("truncated.ipynb", "invalid-notebook"),
        ("list.ipynb", "invalid-notebook"),
        ("deep-json.ipynb", "invalid-notebook"),
    ],
)
def test_hostile_files_are_named_for_what_they_are(name: str, kind: str | None) -> None:
    path = FIXTURES / "hostile" / name
    unit = read_unit(path, name)
    parse_unit(unit)
    assert [problem.kind for problem in unit.problems] == ([] if kind is None else [kind])


def test_a_long_list_of_numbers_is_held_back() -> None:
    unit = parsed("x = [" + ", ".join(map(str, range(80_000))) + "]\n")
    assert [problem.kind for problem in unit.problems] == ["too-complex"]


@pytest.mark.parametrize(
    ("code", "start", "end", "message"),
    [
        ("x = 1\nfit(a b)\n", "a b", None, "invalid syntax. Perhaps you forgot a comma?"),
        ("x = (1,\n", "(", "(", "'(' was never closed"),
        ("name = 'model\nx = 1\n", "'model", "'", "unterminated string literal"),
        ("x = )\n", ")", ")", "unmatched ')'"),
        ("größe = é é\n", "é é", None, None),
    ],
)
def test_syntax_errors_have_a_place_and_one_line(code: str, start: str, end: str | None, message: str | None) -> None:
    (problem,) = parsed(code).problems
    assert problem.kind == "invalid-syntax"
    assert problem.range is not None
    row = code[: code.index(start)].count("\n")
    assert code[: problem.range.start].count("\n") == row
    assert problem.range.start < problem.range.end
    if end is not None:
        assert code[problem.range.start : problem.range.end] == end
    if message is not None:
        assert problem.message == message


def test_a_cell_that_does_not_parse_hides_no_other() -> None:
    unit = parsed_cells(
        "import numpy as np", "def clean(frame):\n    return frame.drop(\nlimit = 3", "np.random.rand()"
    )
    assert [cell.mended for cell in unit.cells] == [False, True, False]
    assert all(cell.module is not None for cell in unit.cells)
    (problem,) = unit.problems
    assert problem.range is not None
    cell, place = unit.position(problem.range.start)
    assert (cell.index, place.row, place.column) == (2, 2, 22)
    assert cell.salvaged_names == {"clean", "limit"}


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("print 'a'\nx = 1", "pass     \nx = 1"),
        ("x = 1\nprint x, y\nif x:\n    print x\n", "x = 1\npass      \nif x:\n    pass   \n"),
        ("x = (1,\ny = 2", "pass   \ny = 2"),
        ("if x\n    y = 1\nz = 2", "pass\n         \nz = 2"),
        ("while True print x:\n    y", None),
    ],
)
def test_lines_that_do_not_parse_cost_the_others_nothing(code: str, left: str | None) -> None:
    unit = parsed_cells(code, "z = 3")
    cell = unit.cells[0]
    assert [problem.kind for problem in unit.problems] == ["invalid-syntax"]
    assert cell.mended == (left is not None)
    if left is not None:
        assert cell.code == left
        assert cell.module is not None
    else:
        assert cell.module is None


def test_an_indent_at_the_start_of_a_longer_cell_costs_one_line() -> None:
    unit = parsed_cells(" import numpy as np\nx = 1\ny = 2\nz = 3")
    assert unit.problems == []
    assert unit.cells[0].mended
    assert unit.cells[0].skipped is None


@pytest.mark.parametrize(
    "code",
    [
        "await f()",
        "",
        "# only a comment",
        "x",
        "return",
        "x = 1;",
        "   ",
        "\n\n",
        "%time f(x)",
        "match x:\n  case 1: y",
    ],
)
def test_what_a_cell_may_be(code: str) -> None:
    unit = parsed_cells(code)
    assert unit.problems == []
    assert unit.cells[0].module is not None


@pytest.mark.parametrize(
    "code", ["  x = 1\n  y = 2", ">>> x = 1\n>>> if x:\n...     y = 2", "In [1]: x = f(1)\n   ...: y\n"]
)
def test_layout_that_only_ipython_accepts_is_no_error(code: str) -> None:
    unit = parsed_cells(code)
    assert unit.problems == []
    cell = unit.cells[0]
    assert cell.module is None
    assert cell.skipped == "indentation or prompts that only IPython accepts"
    assert "x" in cell.salvaged_names
    (problem,) = parsed(code).problems
    assert problem.kind == "invalid-syntax"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import a.b, c as d\nfrom x.y import e, f as g", {"a", "d", "e", "g"}),
        ("def f():\n  pass\nasync def g(): pass\nclass H(A):", {"f", "g", "H"}),
        ("x = y == 3\nz: int = 1\na, (b, *c) = d\n[i, j] = k", {"x", "z", "a", "b", "c", "i", "j"}),
        ("for i, j in x:\nwith open(p) as f:", {"i", "j", "f"}),
        ("x.y = 1\nx[i] = 2\nf(a=1)\na == b\nprint(x, end=2)", set()),
        ("from a import (\n  b", set()),
        ("from a import (b,", {"b"}),
    ],
)
def test_names_are_salvaged_from_what_does_not_parse(code: str, names: set[str]) -> None:
    assert salvaged_names(code) == names


_LAYOUT = [
    "x = 1", "if x:", "    y = 2", "\n", "\n", "\n", "\r\n", "\r", "\\\n", "\f", " ", "    ", "\t", "# c", "  # c",
    "# c\\", "def f(a): return a", "pass;", "'''a\n  b'''", "(1,\n  # c\n 2)", "    pass", "else:", "   \n", "é", "\ufeff",
]  # fmt: skip


@given(st.lists(st.sampled_from(_LAYOUT), max_size=10).map("".join))
@settings(max_examples=600, deadline=None)
def test_offsets_agree_whatever_the_layout(code: str) -> None:
    unit = parsed(code)
    check_offsets(unit)
    if unit.cells[0].module is None:
        assert unit.problems


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\n\n   \n", "x = 1\n\n\n  # c", "x = 1\n\n  # c\n# d\n", "\fx = 1\n", "\\\nx = 1\n", "x = 1\n\\\n\\\ny = 2\n",
        "x = 1\ry = 2\r", "def f():\n    x\n\n  # c\n    \n", "# c\\\n", "if x:\n    y\n\n    # c\n\n\n", "x\r\n\r\n  # c\r\n",
    ],
)  # fmt: skip
def test_odd_layout_is_parsed(code: str) -> None:
    unit = parsed(code)
    assert unit.problems == []
    check_offsets(unit)
    module = unit.cells[0].module
    assert isinstance(module, cst.Module)


def test_files_are_read_by_their_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.pyi").write_text("x: int\n")
    (tmp_path / "a.ipynb").write_text('{"nbformat": 4, "cells": []}')
    assert read_unit(tmp_path / "a.pyi", "a.pyi").kind == "stub"
    assert read_unit(tmp_path / "a.ipynb", "a.ipynb").kind == "notebook"
    assert read_unit(tmp_path / "missing.txt", "missing.txt", b"x = 1").kind == "script"


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to("nowhere")
    (tmp_path / "folder.ipynb").mkdir()
    for name, reason in (
        ("missing.py", "no such file or directory"),
        ("link.py", "no such file or directory"),
        ("folder.ipynb", "is a directory"),
    ):
        unit = read_unit(tmp_path / name, name)
        assert [(problem.kind, problem.message) for problem in unit.problems] == [
            ("unreadable-file", f"the file cannot be read: {reason}")
        ]
        assert unit.is_notebook == name.endswith(".ipynb")
        parse_unit(unit)
        assert unit.cells == []


def test_names_are_salvaged_from_deep_code_in_time_that_grows_with_it() -> None:
    deep = "".join("    " * depth + "if x:\n" for depth in range(300))
    assert salvaged_names(f"{deep}a, *b = c\nfor (i, j) in k:\n[q] = 2") == {"a", "b", "i", "j", "q"}
