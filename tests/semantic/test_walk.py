"""Scopes, bindings, references, order and offsets."""

from __future__ import annotations

import ast
from pathlib import Path

import libcst as cst
import pytest

from mllint.semantic.knowledge import Knowledge
from mllint.semantic.model import SemanticModel
from mllint.semantic.offsets import Offsets
from mllint.semantic.walk import Walk
from mllint.source.parse import parse_unit, read_unit

MLLINT = Path(__file__).parents[2] / "mllint"


def walk_of(code: str) -> Walk:
    walk = Walk()
    walk.visit(cst.parse_module(code))
    return walk


def bound(code: str) -> dict[str, str]:
    """Return the names bound at module level and how."""
    return {name: bindings[-1].kind.value for name, bindings in walk_of(code).module_scope.bindings.items()}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a = b = 1", {"a": "assignment", "b": "assignment"}),
        ("a, (b, *c) = x", {"a": "assignment", "b": "assignment", "c": "assignment"}),
        ("a: int = 1\nb: int", {"a": "assignment", "b": "declaration"}),
        ("a += 1", {"a": "augmented assignment"}),
        ("a.b = 1\na[0] = 2", {}),
        ("import a.b, c as d", {"a": "import", "d": "import"}),
        ("from a import b, c as d", {"b": "import", "d": "import"}),
        ("for a, b in c: pass", {"a": "loop", "b": "loop"}),
        ("with a as b, c as (d, e): pass", {"b": "with", "d": "with", "e": "with"}),
        ("try: pass\nexcept E as e: pass", {"e": "exception"}),
        ("def f(a, *b, c=1, **d): e = 1", {"f": "function"}),
        ("class A:\n    b = 1", {"A": "class"}),
        ("[(a := b) for b in c]", {"a": "walrus"}),
        ("x = [a for a in b]", {"x": "assignment"}),
        ("lambda a: (b := a)", {}),
        ("def f():\n    global g\n    g = 1", {"f": "function", "g": "assignment"}),
        (
            "match x:\n    case [a, *b]: pass\n    case {'k': c, **d}: pass\n    case P(q=e) as f: pass",
            {"a": "match", "b": "match", "c": "match", "d": "match", "e": "match", "f": "match"},
        ),
        ("del a", {"a": "deletion"}),
        ("type A = int", {"A": "assignment"}),
    ],
)
def test_bindings(code: str, expected: dict[str, str]) -> None:
    assert bound(code) == expected


def test_references_are_names_that_are_read() -> None:
    code = "f(a, k=b).c[d] = e\nfor g in h: i\nx = x + 1\ny += 1\n@deco\ndef fn(p: ann = dflt) -> ret: p\n"
    names = sorted(name.value for name in walk_of(code).references)
    assert names == sorted("f a b d e h i x y deco ann dflt ret p".split())


def test_a_value_comes_before_the_names_it_is_bound_to() -> None:
    walk = walk_of("x = x\nfor y in y: pass\nwith z as z: pass\n(w := w)")
    for binding in walk.bindings.values():
        reads = [name for name in walk.references if name.value == binding.name]
        assert all(walk.order[id(name)] < binding.order for name in reads), binding.name


def test_comprehensions_read_their_first_iterable_outside() -> None:
    walk = walk_of("class A:\n    xs = [1]\n    ys = [x for x in xs if x]\n")
    scopes = {name.value: scope.kind.value for name, scope in walk.references.items()}
    assert scopes == {"xs": "class", "x": "comprehension"}


@pytest.mark.parametrize("path", sorted(MLLINT.rglob("*.py")), ids=lambda path: path.name)
def test_offsets_agree_with_the_text(path: Path) -> None:
    """Every name, literal and call of a real module stands where its range says."""
    unit = read_unit(path, path.name)
    parse_unit(unit)
    model = SemanticModel(unit, Knowledge())
    whole = Offsets(unit.cells[0].module, unit.cells[0].module)  # type: ignore[arg-type]
    for name in model.nodes(cst.Name, cst.SimpleString, cst.Integer):
        start, end = model.range(name)
        assert unit.text[start:end] == name.value  # type: ignore[attr-defined]
        assert (start, end) == whole.range(name)
    for call in model.nodes(cst.Call):
        start, end = model.outer_range(call)
        assert _meaning(unit.text[start:end]) == _meaning(cst.Module([]).code_for_node(call))


def _meaning(expression: str) -> str:
    return ast.dump(ast.parse(f"({expression})", mode="eval"))


def test_offsets_of_cells_count_from_the_cell() -> None:
    notebook = (
        '{"cells": [{"cell_type": "markdown", "source": "# Häuser"},'
        ' {"cell_type": "code", "source": ["x = 1\\n", "y = x"]},'
        ' {"cell_type": "code", "source": "z = y"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'
    )
    unit = read_unit(Path("a.ipynb"), "a.ipynb", notebook.encode())
    parse_unit(unit)
    model = SemanticModel(unit, Knowledge())
    ranges = [model.range(name) for name in model.nodes(cst.Name)]
    assert [unit.text[start:end] for start, end in ranges] == ["x", "x", "y", "y", "z"]
    assert [unit.position(model.range(name).start)[0].index for name in model.nodes(cst.Name)] == [2, 2, 2, 3, 3]


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\nx = 1\n",
        "x = 1\nmax = 1\n",
        "# x\nx = 1\n# x\nx = 1",
        "'''\nx = 1\n'''\nx = 1\n",
        "x = 1\r\nif x:\r\n\tx = 1\r\nx = 1",
        "f(x); f(x)\nf(x); f(x)\nf(x); f(x)",
    ],
)
def test_lines_that_stand_several_times_are_told_apart(code: str) -> None:
    unit = read_unit(Path("a.py"), "a.py", code.encode())
    parse_unit(unit)
    module = unit.cells[0].module
    assert module is not None
    whole = Offsets(module, module)
    model = SemanticModel(unit, Knowledge())
    for node in model.nodes(cst.Name, cst.Integer, cst.Call):
        assert model.range(node) == whole.range(node)
