"""The fix loop: what is applied, what is refused, and that nothing else of a file changes."""

from __future__ import annotations

import ast
import codecs
import io
import json
import tokenize
from collections.abc import Callable, Sequence
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.diagnostics.diagnostic import Diagnostic
from mllint.diagnostics.fix import Applicability, Fix
from mllint.engine.fixes import FixResult, fix_unit, unified_diffs
from mllint.rule.fixing import FixBuilder, FixError
from mllint.semantic.knowledge import Knowledge
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit
from mllint.source.unit import Unit
from mllint.text.edits import Edit
from mllint.text.ranges import Range

Rule = Callable[[SemanticModel, FixBuilder], list[Diagnostic]]


def found(
    rule: str, place: Range, edits: Sequence[Edit] = (), applicability: Applicability = Applicability.SAFE
) -> Diagnostic:
    return Diagnostic(rule, "Found", place, fix=Fix("Fix it", edits, applicability) if edits else None)


def rename(old: str, new: str, name: str | None = None) -> Rule:
    """Renames the variable ``old``."""

    def check(model: SemanticModel, fix: FixBuilder) -> list[Diagnostic]:
        nodes = [node for node in model.nodes(cst.Name) if node.value == old]
        return [found(name or f"rename-{old}", model.range(node), [fix.replace(node, new)]) for node in nodes]

    return check


def add_seed(model: SemanticModel, fix: FixBuilder) -> list[Diagnostic]:
    """Adds ``seed=0`` to calls of ``f``."""
    diagnostics = []
    for call in model.nodes(cst.Call):
        if isinstance(call.func, cst.Name) and call.func.value == "f":
            try:
                edits = fix.add_keyword(call, "seed", "0")
            except FixError:
                continue
            diagnostics.append(found("add-seed", model.range(call.func), edits))
    return diagnostics


def bring(module: str) -> Rule:
    """Replaces the name ``module_rand`` by ``module.rand``, with the import."""

    def check(model: SemanticModel, fix: FixBuilder) -> list[Diagnostic]:
        diagnostics = []
        for node in model.nodes(cst.Name):
            if node.value == f"{module}_rand":
                expression, edits = fix.import_name(module, None, node)
                edits.append(fix.replace(node, f"{expression}.rand"))
                diagnostics.append(found(f"bring-{module}", model.range(node), edits))
        return diagnostics

    return check


def drop_prints(model: SemanticModel, fix: FixBuilder) -> list[Diagnostic]:
    """Removes the statement ``drop()``."""
    return [
        found("drop", model.range(call), [fix.delete_statement(call)])
        for call in model.nodes(cst.Call)
        if model.text(call) == "drop()"
    ]


def at_text(name: str, text: str, make: Callable[[int], Sequence[Edit]]) -> Rule:
    """Reports every place where ``text`` stands in the source, with the edits that ``make`` gives for its offset."""

    def check(model: SemanticModel, fix: FixBuilder) -> list[Diagnostic]:
        diagnostics = []
        start = model.unit.text.find(text)
        while start != -1:
            diagnostics.append(found(name, Range(start, start + len(text)), make(start)))
            start = model.unit.text.find(text, start + 1)
        return diagnostics

    return check


def checker(*rules: Rule) -> Callable[[Unit], list[Diagnostic]]:
    def check(unit: Unit) -> list[Diagnostic]:
        if all(cell.module is None for cell in unit.cells):
            parse_unit(unit)
        model = SemanticModel(unit, Knowledge())
        return [diagnostic for rule in rules for diagnostic in rule(model, FixBuilder(model))]

    return check


def fixed(unit: Unit, *rules: Rule, max_passes: int = 10) -> FixResult:
    return fix_unit(unit, checker(*rules), allowed=lambda diagnostic: True, max_passes=max_passes)


def script(text: str | bytes) -> Unit:
    return read_unit(Path("example.py"), "example.py", text.encode() if isinstance(text, str) else text)


def notebook_bytes(*cells: str, nbformat: int = 4) -> bytes:
    content = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": cell.splitlines(keepends=True),
            }
            for cell in cells
        ],
        "metadata": {},
        "nbformat": nbformat,
        "nbformat_minor": 4,
    }
    return json.dumps(content, indent=1).encode()


def notebook(*cells: str) -> Unit:
    return read_unit(Path("example.ipynb"), "example.ipynb", notebook_bytes(*cells))


def cells_of(unit: Unit) -> list[str]:
    return [unit.text[cell.start : cell.end] for cell in unit.cells]


# What is applied


def test_nothing_to_fix() -> None:
    unit = script("a = 1\n")
    result = fixed(unit, rename("x", "y"))
    assert (result.unit, result.data, result.remaining, result.problems) == (unit, None, [], [])
    assert not result.applied


def test_fixes_of_one_pass_and_their_counts() -> None:
    result = fixed(script("x = f(1)  # c\nprint(x)\n"), rename("x", "y"), add_seed)
    assert result.data == b"y = f(1, seed=0)  # c\nprint(y)\n"
    assert result.applied == {"rename-x": 2, "add-seed": 1}
    assert result.remaining == []


def test_overlapping_fixes_wait_for_the_next_pass() -> None:
    whole = at_text("whole", "= x + x", lambda start: [Edit(start, start + 7, "= 2 * x")])
    result = fixed(script("a = x + x\n"), whole, rename("x", "y"))
    assert result.data == b"a = 2 * y\n"
    assert result.applied == {"whole": 1, "rename-x": 1}


def test_fixes_share_an_import_and_imports_queue_up() -> None:
    text = "a = torch_rand\nb = torch_rand\nc = numpy_rand\n"
    result = fixed(script(text), bring("torch"), bring("numpy"))
    assert result.unit.text == "import torch\nimport numpy\n\na = torch.rand\nb = torch.rand\nc = numpy.rand\n"
    assert result.applied == {"bring-torch": 2, "bring-numpy": 1}


def test_a_diagnostic_that_stays_does_not_count() -> None:
    def check(unit: Unit) -> list[Diagnostic]:
        parse_unit(unit)
        start = unit.text.index("a")
        edits = [Edit.insert(start, "(")] if unit.text.startswith("a") else []
        return [found("useless", Range(start, start + 1), edits and [*edits, Edit.insert(start + 1, ")")])]

    result = fix_unit(script("a\n"), check, allowed=lambda diagnostic: True)
    assert result.data == b"(a)\n"
    assert not result.applied
    assert [diagnostic.range for diagnostic in result.remaining] == [Range(1, 2)]


def test_a_fix_that_moves_its_neighbours_counts_for_itself_only() -> None:
    stays = at_text("same", "keep", lambda start: [])
    goes = at_text("same", "x", lambda start: [Edit(start, start + 1, "yyyy")])
    result = fixed(script("keep = x\nkeep = x\n"), stays, goes)
    assert result.unit.text == "keep = yyyy\nkeep = yyyy\n"
    assert result.applied == {"same": 2}


def test_only_allowed_fixes_are_applied() -> None:
    result = fix_unit(
        script("x = f(1)\n"),
        checker(rename("x", "y"), add_seed),
        allowed=lambda diagnostic: diagnostic.rule == "add-seed",
    )
    assert result.data == b"x = f(1, seed=0)\n"
    assert [diagnostic.rule for diagnostic in result.remaining] == ["rename-x"]


def test_display_only_fixes_are_never_applied() -> None:
    def rule(model: SemanticModel, fix: FixBuilder) -> list[Diagnostic]:
        return [found("pin", Range(0, 1), [Edit(0, 1, "b")], Applicability.DISPLAY)]

    assert fixed(script("a\n"), rule).data is None


def test_two_deletions_do_not_empty_a_block() -> None:
    result = fixed(script("if a:\n    drop()\n    drop()\n"), drop_prints)
    assert result.data == b"if a:\n    pass\n"
    assert result.applied == {"drop": 2}
    assert result.problems == []


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\r\nprint(x)\r\n",
        codecs.BOM_UTF8 + b"x = 1\n",
        "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
        b"x = 1",
        b"x = 1\rprint(x)\r",
        b"if 1:\n\tx = 1\n\x0cx\n",
    ],
)
def test_bytes_around_fixes_stay(data: bytes) -> None:
    assert fixed(script(data), rename("x", "y")).data == data.replace(b"x ", b"y ").replace(b"(x)", b"(y)").replace(
        b"\x0cx", b"\x0cy"
    )


def test_thousands_of_fixes_take_one_pass() -> None:
    text = "".join(f"v{number} = f({number})\n" for number in range(3000))
    result = fixed(script(text), add_seed, max_passes=1)
    assert result.applied == {"add-seed": 3000}
    assert result.remaining == []


# What is refused


def test_a_fix_that_breaks_the_code_is_named_and_the_others_are_applied() -> None:
    breaks = at_text("breaks", "z", lambda start: [Edit(start, start + 1, "((")])
    result = fixed(script("x = 1\nz = 2\nf(x)\n"), rename("x", "y"), breaks, add_seed)
    assert result.data == b"y = 1\nz = 2\nf(y, seed=0)\n"
    assert [(problem.kind, problem.range) for problem in result.problems] == [("fix-failure", Range(6, 7))]
    assert "`breaks`" in result.problems[0].message
    assert [diagnostic.rule for diagnostic in result.remaining] == ["breaks"]


def test_the_place_of_a_problem_moves_with_later_fixes() -> None:
    breaks = at_text("breaks", "z", lambda start: [Edit(start, start + 1, "((")])
    result = fixed(script("x = 1\nz = 2\n"), rename("x", "much_longer"), breaks)
    (problem,) = result.problems
    assert problem.range is not None
    assert result.unit.text[slice(*problem.range)] == "z"


def test_code_that_only_python_itself_refuses_is_refused() -> None:
    twice = at_text("twice", "a=1", lambda start: [Edit.insert(start, "a=1, ")])
    result = fixed(script("g(a=1)\n"), twice)
    assert result.data is None
    assert "`twice`" in result.problems[0].message


def test_a_fix_whose_edits_overlap_is_refused() -> None:
    clumsy = at_text("clumsy", "abc", lambda start: [Edit(start, start + 2, "x"), Edit(start + 1, start + 3, "y")])
    result = fixed(script("abc\n"), clumsy)
    assert result.data is None
    assert "`clumsy`" in result.problems[0].message


def test_fixes_that_undo_each_other_are_left_out() -> None:
    result = fixed(script("x = f(1)\n"), rename("x", "y"), rename("y", "x"), add_seed)
    assert result.data == b"x = f(1, seed=0)\n"
    assert result.applied == {"add-seed": 1}
    assert [problem.message for problem in result.problems] == [
        "Fixes of `rename-x` and `rename-y` undo each other and were not applied"
    ]


def test_a_fix_that_changes_nothing_is_left_out() -> None:
    result = fixed(script("x = f(1)\n"), rename("x", "x"), add_seed)
    assert result.data == b"x = f(1, seed=0)\n"
    assert len(result.problems) == 1


def test_a_fix_that_grows_for_ever_is_left_out() -> None:
    grows = at_text("grows", "x", lambda start: [Edit(start, start + 1, "(x)")])
    result = fixed(script("x = f(1)\n"), rename("f", "g"), grows)
    assert result.data == b"x = g(1)\n"
    assert [problem.message for problem in result.problems] == [
        "Fixes of `grows` never come to an end and were not applied"
    ]


def test_passes_are_counted() -> None:
    text = "a = numpy_rand\nb = torch_rand\nc = jax_rand\n"
    rules = [bring("numpy"), bring("torch"), bring("jax")]
    result = fixed(script(text), *rules, max_passes=2)
    assert [diagnostic.rule for diagnostic in result.remaining] == ["bring-jax"]
    assert result.problems == []


def test_files_that_do_not_parse_are_not_fixed() -> None:
    anywhere = at_text("anywhere", "x", lambda start: [Edit(start, start + 1, "y")])
    result = fixed(script("x = (\n"), anywhere)
    assert (result.data, result.problems) == (None, [])
    assert len(result.remaining) == 1


def test_a_file_that_cannot_be_decoded_is_not_fixed() -> None:
    result = fixed(script(b"\xff\xfe\x00"), rename("x", "y"))
    assert result.data is None


def test_characters_that_the_encoding_lacks_are_refused() -> None:
    foreign = at_text("foreign", "x", lambda start: [Edit(start, start + 1, "'日'")])
    result = fixed(script("# coding: latin-1\nx\nf(1)\n".encode("latin-1")), foreign, add_seed)
    assert result.data == b"# coding: latin-1\nx\nf(1, seed=0)\n"
    assert "latin-1" in result.problems[0].message or "iso-8859-1" in result.problems[0].message


# Notebooks


def test_notebooks_change_in_the_cells_that_edits_name_only() -> None:
    data = notebook_bytes("import os\n", "%matplotlib inline\nx = f(1)", "y = 2\n")
    result = fixed(read_unit(Path("example.ipynb"), "example.ipynb", data), rename("x", "z"), add_seed)
    assert result.data == data.replace(b"x = f(1)", b"z = f(1, seed=0)")
    assert cells_of(result.unit)[1] == "%matplotlib inline\nz = f(1, seed=0)"
    assert result.applied == {"rename-x": 1, "add-seed": 1}


def test_cells_with_a_syntax_error_are_left_alone() -> None:
    anywhere = at_text("anywhere", "x", lambda start: [Edit(start, start + 1, "y")])
    result = fixed(notebook("x = (", "x = 1"), anywhere)
    assert cells_of(result.unit) == ["x = (", "y = 1"]
    assert result.problems == []


def test_edits_do_not_cross_cells() -> None:
    crosses = at_text("crosses", "x", lambda start: [Edit(start, start + 2, "")])
    result = fixed(notebook("x", "f(1)"), crosses, add_seed)
    assert cells_of(result.unit) == ["x", "f(1, seed=0)"]
    assert [problem.message for problem in result.problems] == [
        "A fix of `crosses` was not applied: an edit crosses the end of a cell"
    ]


@pytest.mark.parametrize(
    ("cell", "edits"),
    [
        ("%matplotlib inline\nf", lambda start: [Edit(start - 5, start + 1, "g")]),
        ("files = !ls\nf", lambda start: [Edit(0, start + 1, "g")]),
        ("%%time\nf", lambda start: [Edit.insert(0, "import g\n")]),
        ("%%time\nf", lambda start: [Edit.insert(3, "g")]),
    ],
)
def test_magics_are_not_touched(cell: str, edits: Callable[[int], Sequence[Edit]]) -> None:
    result = fixed(
        notebook(cell), at_text("magic", "f", edits) if "files" not in cell else at_text("magic", "\nf", edits)
    )
    assert result.data is None
    assert "`magic`" in result.problems[0].message


def test_edits_beside_magics_are_fine() -> None:
    edits = at_text("beside", "f\n", lambda start: [Edit.insert(start, "a\n"), Edit(start, start + 1, "b")])
    assert cells_of(fixed(notebook("%pip list\nf\n%time g"), edits).unit) == ["%pip list\na\nb\n%time g"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("%timeit f(1)", "%timeit f(1, seed=0)"),
        ("%timeit -n 3 a = f(1)\nb", "%timeit -n 3 a = f(1, seed=0)\nb"),
        ("%%timeit a = f(1)\nf(2)", "%%timeit a = f(1, seed=0)\nf(2, seed=0)"),
        ("y = %time f(1)", "y = %time f(1, seed=0)"),
    ],
)
def test_the_code_of_a_magic_is_code(before: str, after: str) -> None:
    result = fixed(notebook(before), add_seed)
    assert cells_of(result.unit) == [after]
    assert result.problems == []


@pytest.mark.parametrize("content", ["a\nb", "{a}", "$a"])
def test_the_code_of_a_magic_stays_on_its_line_and_free_of_braces(content: str) -> None:
    result = fixed(notebook("%timeit x"), at_text("magic", "x", lambda start: [Edit(start, start + 1, content)]))
    assert result.data is None
    assert "`%timeit x`" in result.problems[0].message


def test_a_fix_that_makes_a_cell_something_else_is_refused() -> None:
    changes = at_text("changes", "x", lambda start: [Edit(start, start + 1, "%%bash\nx")])
    result = fixed(notebook("x"), changes)
    assert result.data is None
    assert "read as" in result.problems[0].message


def test_notebooks_of_an_old_format_are_not_written() -> None:
    content = {
        "metadata": {},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"], "language": "python", "outputs": []}]}],
    }
    unit = read_unit(Path("old.ipynb"), "old.ipynb", json.dumps(content).encode())
    result = fixed(unit, rename("x", "y"))
    assert result.data is None
    assert "nbformat 3" in result.problems[0].message


# Diffs


def test_diff_of_a_script() -> None:
    unit = script("a = 1\nx = f(1)\nb = 2\n")
    (diff,) = unified_diffs(unit, fixed(unit, add_seed).unit)
    assert (diff.filename, diff.cell) == ("example.py", None)
    assert diff.text == (
        "--- example.py\n+++ example.py\n@@ -1,3 +1,3 @@\n a = 1\n-x = f(1)\n+x = f(1, seed=0)\n b = 2\n"
    )


def test_diff_marks_a_missing_line_end() -> None:
    unit = script("f(1)")
    (diff,) = unified_diffs(unit, fixed(unit, add_seed).unit)
    mark = "\n\\ No newline at end of file\n"
    assert diff.text == f"--- example.py\n+++ example.py\n@@ -1 +1 @@\n-f(1){mark}+f(1, seed=0){mark}"


def test_diff_of_a_notebook_is_one_a_cell() -> None:
    unit = notebook("f(1)", "a", "b\nf(2)")
    first, second = unified_diffs(unit, fixed(unit, add_seed).unit)
    assert (first.filename, first.cell, second.cell) == ("example.ipynb", 1, 3)
    assert first.text == "--- example.ipynb:cell 1\n+++ example.ipynb:cell 1\n@@ -1 +1 @@\n-f(1)\n+f(1, seed=0)\n"


def test_no_diff_of_what_is_the_same() -> None:
    assert unified_diffs(script("a\n"), script("a\n")) == []
    assert unified_diffs(notebook("a"), notebook("a")) == []


# Random programs

ATOMS = [
    "x",
    "1",
    "f(x)",
    "f(1, k=x)",
    "f(*x)",
    "f(**x)",
    "f(i for i in x)",
    "f(\n    x,  # c\n)",
    "f(\n    1\n)",
    "f()",
]
expressions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("f({})".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("g({}, x={})".format, inner, inner),
    ),
    max_leaves=4,
)
statements = st.recursive(
    st.one_of(
        st.builds("{} = {}".format, st.sampled_from(["a", "x"]), expressions),
        st.builds("{}  # comment".format, expressions),
        st.just("# own line\ndrop()  # d"),
        st.just("drop(); drop()"),
        st.just("a = numpy_rand"),
    ),
    lambda inner: st.builds(
        lambda head, body: f"{head}:\n" + "\n".join(f"    {line}" for line in "\n".join(body).split("\n")),
        st.sampled_from(["if x", "for i in f(x)", "def g(x)", "class A"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=5,
)
programs = st.lists(statements, max_size=5).map(lambda lines: "".join(f"{line}\n" for line in lines))
RULES = (rename("x", "y"), add_seed, drop_prints, bring("numpy"))


def comments(text: str) -> list[str]:
    return [
        token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT
    ]


@settings(deadline=None, max_examples=60)
@given(programs)
def test_fixes_of_random_programs_come_to_rest_and_keep_comments(text: str) -> None:
    result = fixed(script(text), *RULES)
    assert result.problems == []
    assert result.remaining == []
    new = result.unit.text
    ast.parse(new)
    assert "drop" not in new
    assert "x" not in {node.id for node in ast.walk(ast.parse(new)) if isinstance(node, ast.Name)}
    assert [c for c in comments(new) if c != "# d"] == [c for c in comments(text) if c != "# d"]
    assert fixed(script(new), *RULES).data is None


@settings(deadline=None, max_examples=30)
@given(st.lists(programs.map(str.rstrip), min_size=1, max_size=4))
def test_fixes_of_random_notebooks_come_to_rest(cells: list[str]) -> None:
    result = fixed(notebook(*cells), *RULES)
    assert result.problems == []
    assert result.remaining == []
    assert len(cells_of(result.unit)) == len(cells)
    assert fixed(result.unit, *RULES).data is None
