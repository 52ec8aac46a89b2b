"""The edits that rules are made of: what they insert and remove, and that everything else stays."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import libcst as cst
import pytest

from mllint.rule.fixing import FixBuilder, FixError
from mllint.semantic.knowledge import Knowledge, LibraryFacts
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit
from mllint.source.unit import Unit
from mllint.text.edits import Edit, apply_edits

KNOWLEDGE = Knowledge(
    [
        LibraryFacts(library="numpy", modules=("numpy",), import_names={"np": "numpy"}),
        LibraryFacts(library="torch", modules=("torch",), import_names={"torch": "torch", "F": "torch.nn.functional"}),
    ]
)


def script(text: str) -> SemanticModel:
    return model_of(read_unit(Path("example.py"), "example.py", text.encode()))


def notebook(*cells: str) -> SemanticModel:
    content = {
        "cells": [
            {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell}
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return model_of(read_unit(Path("example.ipynb"), "example.ipynb", json.dumps(content).encode()))


def model_of(unit: Unit) -> SemanticModel:
    parse_unit(unit)
    return SemanticModel(unit, KNOWLEDGE)


def call_of(model: SemanticModel, name: str = "f") -> cst.Call:
    """The call of the function ``name``."""
    return next(call for call in model.nodes(cst.Call) if isinstance(call.func, cst.Name) and call.func.value == name)


def name_of(model: SemanticModel, name: str = "here") -> cst.Name:
    """The place where ``name`` is read."""
    return next(node for node in model.walk.references if node.value == name)


def cells_after(model: SemanticModel, edits: Sequence[Edit]) -> list[str]:
    """The cells of a notebook after edits, each of which lies in one cell."""
    unit = model.unit
    sources = []
    for cell in unit.cells:
        inside = [
            Edit(e.start - cell.start, e.end - cell.start, e.content) for e in edits if unit.cell_at(e.start) is cell
        ]
        sources.append(apply_edits(unit.text[cell.start : cell.end], inside))
    return sources


# Where nodes are: what the edits below build on


def test_range_of_a_statement_is_its_code_without_comments_and_indent() -> None:
    model = script("# a\n\n# b\nif x:  # c\n    # d\n    y = 1  # e\n    # f\n# g\nz\n")
    compound, first, second = model.nodes(cst.If, cst.SimpleStatementLine)
    assert model.text(compound) == "if x:  # c\n    # d\n    y = 1  # e\n    # f\n"
    assert [model.text(line) for line in (first, second)] == ["y = 1", "z"]


def test_range_of_a_definition_starts_behind_its_decorators() -> None:
    model = script("@a\n# b\n@c\ndef f(): pass\n")
    assert model.text(next(model.nodes(cst.FunctionDef))) == "def f(): pass\n"


def test_range_of_a_statement_on_a_shared_line_has_no_semicolon() -> None:
    model = script("a ; b;  # c\n")
    first, second = model.nodes(cst.Expr)
    assert (model.text(first), model.text(second)) == ("a", "b")


def test_range_of_an_argument_ends_before_its_comma() -> None:
    model = script("f( (1) , *a, k = (2) ,)\n")
    assert [model.text(arg) for arg in call_of(model).args] == ["(1)", "*a", "k = (2)"]


# add_keyword


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(a=1)"),
        ("f( )", "f(a=1 )"),
        ("f (x)", "f (x, a=1)"),
        ("f(x)", "f(x, a=1)"),
        ("f(x,)", "f(x, a=1,)"),
        ("f(x, )", "f(x, a=1, )"),
        ("f(x, b=2)", "f(x, b=2, a=1)"),
        ("f((x))", "f((x), a=1)"),
        ("(f)(x)", "(f)(x, a=1)"),
        ("f(')', \"(,\")", "f(')', \"(,\", a=1)"),
        ("f(*xs)", "f(*xs, a=1)"),
        ("f(b=1, *xs)", "f(b=1, *xs, a=1)"),
        ("f(**kw)", "f(a=1, **kw)"),
        ("f(x, **kw)", "f(x, a=1, **kw)"),
        ("f(x, **kw, b=2)", "f(x, a=1, **kw, b=2)"),
        ("f(x, **kw, **more)", "f(x, a=1, **kw, **more)"),
        ("f(*xs, **kw,)", "f(*xs, a=1, **kw,)"),
        ("f(x for x in y)", "f((x for x in y), a=1)"),
        ("f((x for x in y))", "f((x for x in y), a=1)"),
        ("f(\n    x for x in y\n)", "f(\n    (x for x in y),\n    a=1\n)"),
        ("f(lambda: 0)", "f(lambda: 0, a=1)"),
        ("g(f(x), h())", "g(f(x, a=1), h())"),
        ("f(g(x), h(y))", "f(g(x), h(y), a=1)"),
        ("f(x)(y)", "f(x, a=1)(y)"),
        ("f(\n    x,\n)", "f(\n    x,\n    a=1,\n)"),
        ("f(\n    x,\n    y=2,\n)", "f(\n    x,\n    y=2,\n    a=1,\n)"),
        ("f(\n\tx,\n)", "f(\n\tx,\n\ta=1,\n)"),
        ("f(\r\n    x,\r\n)", "f(\r\n    x,\r\n    a=1,\r\n)"),
        ("f(\n    x\n)", "f(\n    x,\n    a=1\n)"),
        ("f(\n    x)", "f(\n    x,\n    a=1)"),
        ("f(x,\n  y)", "f(x,\n  y,\n  a=1)"),
        ("f(\n    x, y\n)", "f(\n    x, y, a=1\n)"),
        ("f(\n    x, y,\n)", "f(\n    x, y, a=1,\n)"),
        ("f(x,\n)", "f(x, a=1,\n)"),
        ("f(\n    x, **kw)", "f(\n    x, a=1, **kw)"),
        ("f(\n    x,\n    **kw,\n)", "f(\n    x,\n    a=1,\n    **kw,\n)"),
        ("f(\n    x,  # x\n    # kw\n    **kw\n)", "f(\n    x,  # x\n    a=1,\n    # kw\n    **kw\n)"),
        ("f(\n    **kw\n)", "f(\n    a=1,\n    **kw\n)"),
        ("f(  # all\n    # kw\n    **kw\n)", "f(  # all\n    a=1,\n    # kw\n    **kw\n)"),
        ("f(\n    x,  # x\n)", "f(\n    x,  # x\n    a=1,\n)"),
        ("f(\n    x  # x\n)", "f(\n    x,  # x\n    a=1\n)"),
        ("f(\n    x,\n    # y=2,\n)", "f(\n    x,\n    # y=2,\n    a=1,\n)"),
        ("f(\n    x  # (,\n    # y=2,\n)", "f(\n    x,  # (,\n    # y=2,\n    a=1\n)"),
        ("f(x  # x\n)", "f(x, a=1  # x\n)"),
        ("f(x # ,\n , # more\n)", "f(x # ,\n , a=1, # more\n)"),
        ("f(  # nothing\n)", "f(  # nothing\n    a=1,\n)"),
        ("f(\n    [\n        1,\n    ],\n)", "f(\n    [\n        1,\n    ],\n    a=1,\n)"),
        ("f([\n    1,\n])", "f([\n    1,\n], a=1)"),
        ('f("""\n(\n""")', 'f("""\n(\n""", a=1)'),
        ("x = f \\\n  (1)", "x = f \\\n  (1, a=1)"),
        ("f(\\\n    x, \\\n)", "f(\\\n    x, \\\n    a=1,\n)"),
        ("print(f'{f(x)}')", "print(f'{f(x, a=1)}')"),
        ("@f\n@f(x)\ndef g(): pass", "@f\n@f(x, a=1)\ndef g(): pass"),
    ],
)
def test_add_keyword(before: str, after: str) -> None:
    for text, expected in ((before, after), (f"{before}\n", f"{after}\n"), (f"# é\n\nif 1:  #\n    0\n{before}", None)):
        model = script(text)
        result = apply_edits(text, FixBuilder(model).add_keyword(call_of(model), "a", "1"))
        assert result == (expected or text.replace(before, after))
        cst.parse_module(result)


def test_add_keyword_refuses_a_keyword_that_is_there() -> None:
    model = script("f(a=2)\n")
    with pytest.raises(FixError, match="`a`"):
        FixBuilder(model).add_keyword(call_of(model), "a", "1")


def test_add_keyword_refuses_quotes_that_would_end_an_f_string() -> None:
    model = script("""print(f"{f(x)}")\n""")
    with pytest.raises(FixError, match="f-string"):
        FixBuilder(model).add_keyword(call_of(model), "a", '"b"')


def test_set_keyword_replaces_the_value_with_its_parentheses() -> None:
    text = "f(x, a=(None), b=2)  # c\n"
    model = script(text)
    assert apply_edits(text, FixBuilder(model).set_keyword(call_of(model), "a", "1")) == "f(x, a=1, b=2)  # c\n"


def test_set_keyword_adds_what_is_missing() -> None:
    model = script("f(x)\n")
    assert apply_edits("f(x)\n", FixBuilder(model).set_keyword(call_of(model), "a", "1")) == "f(x, a=1)\n"


# Other edits of expressions


def test_wrap_includes_parentheses() -> None:
    text = "y = (x)  # c\n"
    model = script(text)
    assert apply_edits(text, FixBuilder(model).wrap(name_of(model, "x"), "sorted(", ")")) == "y = sorted((x))  # c\n"


def test_edits_at_one_place_come_in_the_order_of_the_list() -> None:
    text = "f(x)\n"
    model = script(text)
    fix = FixBuilder(model)
    edits = [*fix.wrap(name_of(model, "x"), "g(", ")"), *fix.add_keyword(call_of(model), "a", "1")]
    assert apply_edits(text, edits) == "f(g(x), a=1)\n"


@pytest.mark.parametrize(("before", "after"), [("f(x)", "g(x)"), ("(f)(x)", "(g)(x)")])
def test_rename_callee(before: str, after: str) -> None:
    model = script(before)
    assert apply_edits(before, [FixBuilder(model).rename_callee(call_of(model), "g")]) == after


def test_rename_callee_of_a_method() -> None:
    text = "a.b(1).fit_transform (x)\n"
    model = script(text)
    call = next(model.nodes(cst.Call))
    assert apply_edits(text, [FixBuilder(model).rename_callee(call, "transform")]) == "a.b(1).transform (x)\n"


def test_rename_callee_refuses_what_has_no_name() -> None:
    model = script("models[0](x)\n")
    with pytest.raises(FixError):
        FixBuilder(model).rename_callee(next(model.nodes(cst.Call)), "g")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(R)", "f()"),
        ("f( R )", "f()"),
        ("f(\n    R,\n)", "f()"),
        ("f(R, b)", "f(b)"),
        ("f(a, R)", "f(a)"),
        ("f(a, R, c)", "f(a, c)"),
        ("f(a, k = R, c=1)", "f(a, c=1)"),
        ("f(a, R,)", "f(a,)"),
        ("f(a, **R)", "f(a)"),
        ("f(\n    R,\n    b,\n)", "f(\n    b,\n)"),
        ("f(\n    a,\n    R,\n    c,\n)", "f(\n    a,\n    c,\n)"),
        ("f(\n    a,\n    R,\n)", "f(\n    a,\n)"),
        ("f(\n    a,\n    R\n)", "f(\n    a\n)"),
        ("f(a,\n  R)", "f(a)"),
        ("f(a,  # a\n  R)", "f(a,  # a\n  )"),
        ("f(\n    a,  # a\n    R,\n    c,  # c\n)", "f(\n    a,  # a\n    c,  # c\n)"),
        ("f(\n    a,  # a\n    R,  # r\n    c,\n)", "f(\n    a,  # a\n    # r\n    c,\n)"),
        ("f(\n    R,  # r\n)", "f(\n    # r\n)"),
        ("f(\n    R  # r\n)", "f(\n    # r\n)"),
        ("f(\n    a,\n    # r\n    R,\n    c,\n)", "f(\n    a,\n    # r\n    c,\n)"),
        ("f(  # all\n    R,\n)", "f(  # all\n)"),
        ("f(R, b,  # ab\n  c)", "f(b,  # ab\n  c)"),
        ("f(a, R,  # ab\n  c)", "f(a, # ab\n  c)"),
        ("f(a, R  # ab\n  )", "f(a, # ab\n  )"),
        ("f(a, R)(b)", "f(a)(b)"),
    ],
)
def test_remove_argument(before: str, after: str) -> None:
    model = script(before)
    call = call_of(model)
    arg = next(arg for arg in call.args if isinstance(arg.value, cst.Name) and arg.value.value == "R")
    result = apply_edits(before, [FixBuilder(model).remove_argument(call, arg)])
    assert result == after
    cst.parse_module(result)


# insert_before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("here\n", "NEW\nhere\n"),
        ("here", "NEW\nhere"),
        ("a\r\nhere\r\n", "a\r\nNEW\r\nhere\r\n"),
        ("a\nhere = 0\nb = g(\n    here)\n", "a\nhere = 0\nNEW\nb = g(\n    here)\n"),
        ("if a:\n\there\n", "if a:\n\tNEW\n\there\n"),
        ("if a:\n    b\n\n    # c\n    # d\n    here\n", "if a:\n    b\n\n    NEW\n    # c\n    # d\n    here\n"),
        ("if a:\n    # c\n    here\n", "if a:\n    NEW\n    # c\n    here\n"),
        ("if here:\n    b\n", "NEW\nif here:\n    b\n"),
        ("if a:\n    b\nelif here:\n    c\n", "NEW\nif a:\n    b\nelif here:\n    c\n"),
        ("if a:\n    b\nelse:\n    here\n", "if a:\n    b\nelse:\n    NEW\n    here\n"),
        ("if a:\n    b\nelif c:\n    d\nelif here: e\n", "NEW\nif a:\n    b\nelif c:\n    d\nelif here: e\n"),
        ("for x in y:\n  for z in here: pass\n", "for x in y:\n  NEW\n  for z in here: pass\n"),
        ("try:\n    a\nexcept here:\n    b\n", "NEW\ntry:\n    a\nexcept here:\n    b\n"),
        ("a\n# c\n@dec\n@here(1)\ndef g(): pass\n", "a\nNEW\n# c\n@dec\n@here(1)\ndef g(): pass\n"),
        ("@dec\nclass A(here):\n    pass\n", "NEW\n@dec\nclass A(here):\n    pass\n"),
        ("class A:\n    x = here\n", "class A:\n    NEW\n    x = here\n"),
        ('def g():\n    """Doc."""\n    here\n', 'def g():\n    """Doc."""\n    NEW\n    here\n'),
        ("if a: here\n", "if a: NEW; here\n"),
        ("if a: b; here  # c\n", "if a: b; NEW; here  # c\n"),
        ("a; here\n", "a; NEW; here\n"),
        ("here; b\n", "NEW\nhere; b\n"),
        ("while a: here\n", "while a: NEW; here\n"),
        ("lambda: here\n", "NEW\nlambda: here\n"),
        ('"""Doc."""\nhere\n', '"""Doc."""\nNEW\nhere\n'),
        ("#!/usr/bin/env python\n# About.\nhere\n", "#!/usr/bin/env python\n# About.\nNEW\nhere\n"),
        ("# About.\n\n# c\nhere\n", "# About.\n\nNEW\n# c\nhere\n"),
        ("# About.\n# mllint: ignore[x]\nhere\n", "# About.\nNEW\n# mllint: ignore[x]\nhere\n"),
        ("a\n# %%\n# c\nhere\n", "a\n# %%\nNEW\n# c\nhere\n"),
        ('a = """\n# b\n# c"""\nhere\n', 'a = """\n# b\n# c"""\nNEW\nhere\n'),
        ("a = 1 + \\\n    here\n", "NEW\na = 1 + \\\n    here\n"),
    ],
)
def test_insert_before(before: str, after: str) -> None:
    model = script(before)
    result = apply_edits(before, [FixBuilder(model).insert_before(name_of(model), "NEW")])
    assert result == after
    cst.parse_module(result)


def test_insert_before_indents_every_line() -> None:
    text = "def g():\n  here\n"
    model = script(text)
    edit = FixBuilder(model).insert_before(name_of(model), "if a:\n    b\n\nc")
    assert apply_edits(text, [edit]) == "def g():\n  if a:\n      b\n\n  c\n  here\n"


def test_insert_before_joins_simple_statements_only() -> None:
    text = "if a: here\n"
    model = script(text)
    edit = FixBuilder(model).insert_before(name_of(model), "b = 1\nc(2)")
    assert apply_edits(text, [edit]) == "if a: b = 1; c(2); here\n"
    for lines in ("if b:\n    c", "b  # comment"):
        with pytest.raises(FixError, match="share a line"):
            FixBuilder(model).insert_before(name_of(model), lines)


@pytest.mark.parametrize(
    "text",
    ['"""Doc."""\n', 'def f():\n    "Doc."\n', 'class A:\n    "Doc."\n', 'class A: "Doc."\n'],
)
def test_insert_before_refuses_docstrings(text: str) -> None:
    model = script(text)
    with pytest.raises(FixError, match="first"):
        FixBuilder(model).insert_before(next(model.nodes(cst.SimpleString)), "NEW")


def test_insert_before_refuses_future_imports() -> None:
    model = script("from __future__ import annotations\n")
    with pytest.raises(FixError, match="first"):
        FixBuilder(model).insert_before(next(model.nodes(cst.ImportFrom)), "NEW")


def test_insert_before_in_cells() -> None:
    model = notebook("here = 1", "%%time\n# Use it.\nprint(here)")
    edit = FixBuilder(model).insert_before(name_of(model), "NEW")
    assert cells_after(model, [edit]) == ["here = 1", "%%time\nNEW\n# Use it.\nprint(here)"]


def test_insert_before_keeps_directives_at_the_top_of_a_cell() -> None:
    model = notebook("#@title Train\n# Now.\nhere")
    edit = FixBuilder(model).insert_before(name_of(model), "NEW")
    assert cells_after(model, [edit]) == ["#@title Train\nNEW\n# Now.\nhere"]


def test_insert_before_the_code_of_a_magic() -> None:
    model = notebook("%timeit here\nb")
    edit = FixBuilder(model).insert_before(name_of(model), "NEW")
    assert cells_after(model, [edit]) == ["NEW\n%timeit here\nb"]
    model = notebook("%time a; here")
    with pytest.raises(FixError, match="magic"):
        FixBuilder(model).insert_before(name_of(model), "NEW")


def test_nothing_is_inserted_before_a_cell_magic() -> None:
    model = notebook("%%timeit a = here\nb")
    fix = FixBuilder(model)
    for insert in (
        lambda: fix.insert_before(name_of(model), "NEW"),
        lambda: fix.insert_after_imports("NEW", name_of(model)),
        lambda: fix.import_name("numpy", None, name_of(model)),
    ):
        with pytest.raises(FixError, match="magic"):
            insert()


# delete_statement


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nhere  # c\nb\n", "a\nb\n"),
        ("a\r\nhere\r\nb\r\n", "a\r\nb\r\n"),
        ("a\nhere", "a"),
        ("here", ""),
        ("# c\nhere\nb\n", "# c\nb\n"),
        ("a = g(\n    here,\n)\nb\n", "b\n"),
        ("if a:\n    here  # c\nb\n", "if a:\n    pass\nb\n"),
        ("if a:\n    b\n    here\n", "if a:\n    b\n"),
        ("if a: here\n", "if a: pass\n"),
        ("if a: here; b\n", "if a: b\n"),
        ("a; here\n", "a\n"),
        ("here; b  # c\n", "b  # c\n"),
        ("a; here; b\n", "a; b\n"),
        ("a; here;  # c\n", "a;  # c\n"),
        ("if here:\n    b\n    # c\nd\n", "d\n"),
        ("for x in here: pass", ""),
        ("@here\n# c\ndef g():\n    pass\n\nb\n", "\nb\n"),
        ("if a:\n    @here\n    def g(): pass\nb\n", "if a:\n    pass\nb\n"),
        ("if a:\n    while here:\n        b\nelse:\n    c\n", "if a:\n    pass\nelse:\n    c\n"),
        ("if a:\n    b\nelse:\n    here\n", "if a:\n    b\nelse:\n    pass\n"),
    ],
)
def test_delete_statement(before: str, after: str) -> None:
    model = script(before)
    result = apply_edits(before, [FixBuilder(model).delete_statement(name_of(model))])
    assert result == after
    cst.parse_module(result)


def test_delete_statement_refuses_an_elif() -> None:
    model = script("if a:\n    b\nelif here:\n    c\n")
    with pytest.raises(FixError, match="elif"):
        FixBuilder(model).delete_statement(name_of(model))


def test_delete_statement_stays_in_its_cell() -> None:
    model = notebook("a\nhere", "b")
    assert cells_after(model, [FixBuilder(model).delete_statement(name_of(model))]) == ["a", "b"]
    model = notebook("here", "b")
    assert cells_after(model, [FixBuilder(model).delete_statement(name_of(model))]) == ["", "b"]


@pytest.mark.parametrize("cell", ["files = !ls\n", "%time files = 1", "for x in y:\n    files = !ls"])
def test_delete_statement_refuses_a_magic(cell: str) -> None:
    model = notebook(cell)
    with pytest.raises(FixError, match="magic"):
        FixBuilder(model).delete_statement(next(model.nodes(cst.For, cst.Assign)))


# insert_after, cut_statement


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("here\nb\n", "here\nc\nd\nb\n"),
        ("here  # e\nb\n", "here  # e\nc\nd\nb\n"),
        ("here\r\nb\r\n", "here\r\nc\r\nd\r\nb\r\n"),
        ("here", "here\nc\nd"),
        ("a = g(\n    here,\n)\nb\n", "a = g(\n    here,\n)\nc\nd\nb\n"),
        ("if a:\n    here\nb\n", "if a:\n    here\n    c\n    d\nb\n"),
    ],
)
def test_insert_after(before: str, after: str) -> None:
    model = script(before)
    assert apply_edits(before, [FixBuilder(model).insert_after(name_of(model), "c\nd")]) == after


def test_insert_after_stays_in_its_cell() -> None:
    model = notebook("a\nhere", "b")
    assert cells_after(model, [FixBuilder(model).insert_after(name_of(model), "c")]) == ["a\nhere\nc", "b"]


@pytest.mark.parametrize("text", ["here; b\n", "if a: here\n", "if here:\n    b\n"])
def test_insert_after_refuses_a_statement_that_shares_its_line(text: str) -> None:
    model = script(text)
    with pytest.raises(FixError):
        FixBuilder(model).insert_after(name_of(model), "c")
    with pytest.raises(FixError):
        FixBuilder(model).cut_statement(name_of(model))


@pytest.mark.parametrize(
    ("before", "after", "above", "behind"),
    [
        ("a\nhere\nb\n", "a\nb\n", [], ""),
        ("a\n# c\n# d\nhere  # e\nb\n", "a\nb\n", ["# c", "# d"], "# e"),
        ("a\n# c\n\n# d\nhere\nb\n", "a\n# c\n\nb\n", ["# d"], ""),
        ("if a:\n    # c\n    here\n    b\n", "if a:\n    b\n", ["# c"], ""),
        ("# title\nhere\nb\n", "# title\nb\n", [], ""),
        ("a = g(\n    here,\n)\nb\n", "b\n", [], ""),
    ],
)
def test_cut_statement(before: str, after: str, above: list[str], behind: str) -> None:
    model = script(before)
    edit, comments, comment = FixBuilder(model).cut_statement(name_of(model))
    assert apply_edits(before, [edit]) == after
    assert (comments, comment) == (above, behind)


def test_cut_statement_refuses_comments_inside() -> None:
    model = script("a = g(  # c\n    here,\n)\nb\n")
    with pytest.raises(FixError, match="comment"):
        FixBuilder(model).cut_statement(name_of(model))


@pytest.mark.parametrize("cell", ["files = !ls\n", "%time here = 1"])
def test_cut_statement_refuses_a_magic(cell: str) -> None:
    model = notebook(cell)
    with pytest.raises(FixError):
        FixBuilder(model).cut_statement(next(model.nodes(cst.Assign)))


# Imports


def imported(model: SemanticModel, module: str, name: str | None = None) -> tuple[str, list[str]]:
    expression, edits = FixBuilder(model).import_name(module, name, name_of(model))
    return expression, cells_after(model, edits)


@pytest.mark.parametrize(
    ("text", "module", "name", "expression"),
    [
        ("import numpy as np\nhere\n", "numpy", None, "np"),
        ("import numpy\nhere\n", "numpy", None, "numpy"),
        ("import numpy as np\nhere\n", "numpy", "array", "np.array"),
        ("from numpy import array\nhere\n", "numpy", "array", "array"),
        ("from numpy import array as a\nhere\n", "numpy", "array", "a"),
        ("from numpy import random\nhere\n", "numpy.random", None, "random"),
        ("from numpy import random\nhere\n", "numpy.random", "seed", "random.seed"),
        ("import a.b.c\nhere\n", "a.b", None, "a.b"),
        ("import a.b.c\nhere\n", "a", "x", "a.x"),
        ("import torch.nn\nhere\n", "torch", None, "torch"),
        ("import os, numpy as np; here\n", "numpy", None, "np"),
        ("import numpy as np\ndef g():\n    return here\n", "numpy", None, "np"),
        ("import numpy as np\nclass A:\n    x = here\n", "numpy", None, "np"),
        ("def g():\n    import numpy as np\n    return here\n", "numpy", None, "np"),
        ("import numpy as np\nfrom fastai.vision import *\nhere\n", "numpy", None, "np"),
        ("import numpy as np\nif a:\n    import numpy as np\nhere\n", "numpy", None, "np"),
    ],
)
def test_imports_that_are_there_are_used(text: str, module: str, name: str | None, expression: str) -> None:
    assert imported(script(text), module, name) == (expression, [text])


@pytest.mark.parametrize(
    "text",
    [
        "here\nimport numpy as np\n",
        "if TYPE_CHECKING:\n    import numpy as np\nhere\n",
        "try:\n    import numpy as np\nexcept ImportError:\n    pass\nhere\n",
        "def g():\n    import numpy as np\ndef h():\n    return here\n",
        "def g():\n    if a:\n        import numpy as np\n    return here\n",
        "def g():\n    def h():\n        import numpy as np\n    return here\n",
        "def h():\n    return here\nimport numpy as np\n",
        "from .numpy import array\nhere\n",
    ],
)
def test_imports_that_may_not_have_run_do_not_count(text: str) -> None:
    model = script(text)
    try:
        expression, edits = FixBuilder(model).import_name("numpy", None, name_of(model))
    except FixError:
        return
    result = apply_edits(text, edits)
    assert edits
    assert f"import numpy as {expression}\n" in result or "import numpy\n" in result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import a\n\nhere\n", "import a\nimport numpy as np\n\nhere\n"),
        ("import a\r\n\r\nhere\r\n", "import a\r\nimport numpy as np\r\n\r\nhere\r\n"),
        (
            "import a  # c\nfrom b import (\n    c,\n)\n\nhere\n",
            "import a  # c\nfrom b import (\n    c,\n)\nimport numpy as np\n\nhere\n",
        ),
        ("import a; here", "import numpy as np\n\nimport a; here"),
        ("import a\nx = 1\nimport b\nhere\n", "import a\nimport numpy as np\nx = 1\nimport b\nhere\n"),
        (
            "import a\ntry:\n    import b\nexcept ImportError:\n    b = None\nimport c\nhere\n",
            "import a\ntry:\n    import b\nexcept ImportError:\n    b = None\nimport c\nimport numpy as np\nhere\n",
        ),
        ('__version__ = "1"\nimport a\nhere\n', '__version__ = "1"\nimport a\nimport numpy as np\nhere\n'),
        ('"""Doc."""\n\nhere\n', '"""Doc."""\n\nimport numpy as np\n\nhere\n'),
        ('"""Doc."""\nhere\n', '"""Doc."""\n\nimport numpy as np\n\nhere\n'),
        (
            '"""Doc."""\nfrom __future__ import annotations\nhere\n',
            '"""Doc."""\nfrom __future__ import annotations\nimport numpy as np\nhere\n',
        ),
        ("here\n", "import numpy as np\n\nhere\n"),
        (
            "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nhere\n",
            "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nimport numpy as np\n\nhere\n",
        ),
        ("# Licence\n\n# Step 1\nhere\n", "# Licence\n\nimport numpy as np\n\n# Step 1\nhere\n"),
        ("def g():\n    return here", "import numpy as np\n\ndef g():\n    return here"),
        ("@here\ndef g(): pass\n", "import numpy as np\n\n@here\ndef g(): pass\n"),
    ],
)
def test_new_imports_go_to_the_end_of_the_first_imports(before: str, after: str) -> None:
    assert imported(script(before), "numpy") == ("np", [after])


def test_new_imports_go_to_the_cell_that_needs_them() -> None:
    model = notebook("import os", "# Train.\nhere")
    assert imported(model, "numpy") == ("np", ["import os", "import numpy as np\n# Train.\nhere"])
    model = notebook("import os", "import sys\nhere")
    assert imported(model, "numpy") == ("np", ["import os", "import sys\nimport numpy as np\nhere"])
    model = notebook("import os\nhere")
    assert imported(model, "numpy") == ("np", ["import os\nimport numpy as np\nhere"])
    model = notebook("import numpy as np", "here")
    assert imported(model, "numpy") == ("np", ["import numpy as np", "here"])
    model = notebook("here", "import numpy as np")
    assert imported(model, "numpy") == ("np", ["import numpy as np\nhere", "import numpy as np"])


def test_new_imports_go_below_magics() -> None:
    model = notebook("%%time\nhere")
    assert imported(model, "numpy") == ("np", ["%%time\nimport numpy as np\nhere"])
    model = notebook("%matplotlib inline\n!pip install x\nimport os\n%load_ext y\nhere")
    assert imported(model, "numpy") == (
        "np",
        ["%matplotlib inline\n!pip install x\nimport os\nimport numpy as np\n%load_ext y\nhere"],
    )
    model = notebook("def g():\n    files = !ls\n    return here")
    assert imported(model, "numpy") == ("np", ["import numpy as np\ndef g():\n    files = !ls\n    return here"])
    model = notebook("%matplotlib inline\nhere")
    assert imported(model, "numpy") == ("np", ["%matplotlib inline\nimport numpy as np\nhere"])
    model = notebook("%%timeit x = 1\nhere")
    assert imported(model, "numpy") == ("np", ["%%timeit x = 1\nimport numpy as np\nhere"])


@pytest.mark.parametrize(
    ("text", "module", "name", "expression", "statement"),
    [
        ("np = 1\nhere\n", "numpy", None, "numpy", "import numpy"),
        ("def g(np):\n    return here\n", "numpy", None, "numpy", "import numpy"),
        ("here\n", "random", None, "random", "import random"),
        ("here\n", "numpy.random", None, "numpy.random", "import numpy.random"),
        ("numpy = 1\nhere\n", "numpy.random", None, "random", "from numpy import random"),
        ("here\n", "torch.nn.functional", "relu", "relu", "from torch.nn.functional import relu"),
        ("relu = 1\nhere\n", "torch.nn.functional", "relu", "F.relu", "import torch.nn.functional as F"),
        ("here\n", "io", "open", "io.open", "import io"),
        ("from pylab import *\nhere\n", "random", None, "random", "import random"),
        ("import numpy.linalg\nhere\n", "numpy.random", None, "numpy.random", "import numpy.random"),
    ],
)
def test_new_imports_bind_no_name_that_has_a_meaning(
    text: str, module: str, name: str | None, expression: str, statement: str
) -> None:
    found, (result,) = imported(script(text), module, name)
    assert found == expression
    assert f"{statement}\n" in result


@pytest.mark.parametrize(
    "text",
    [
        "random = 1\nhere\n",
        "def g(random):\n    return here\n",
        "from numpy import random\nhere\n",
        "from pylab import *\nrandom(3)\nhere\n",
        "a = 1\nfrom pylab import *\nhere\n",
        "try:\n    import random\nexcept ImportError:\n    random = None\nhere\n",
    ],
)
def test_imports_without_a_free_name_are_refused(text: str) -> None:
    with pytest.raises(FixError, match="`random`"):
        imported(script(text), "random")


def test_names_of_cells_that_do_not_parse_are_taken() -> None:
    model = notebook("np = array(", "%%capture numpy\nhere")
    with pytest.raises(FixError):
        imported(model, "numpy")


def test_lines_go_after_the_imports_and_what_binds_their_names() -> None:
    def result(text: str, lines: str = "np.random.seed(42)") -> str:
        model = script(text)
        return apply_edits(text, [FixBuilder(model).insert_after_imports(lines, name_of(model))])

    assert result("import numpy as np\n\nhere\n") == "import numpy as np\n\nnp.random.seed(42)\n\nhere\n"
    assert result("import numpy as np\nhere\n") == "import numpy as np\n\nnp.random.seed(42)\n\nhere\n"
    late = "import os\nos.environ['A'] = 'b'\nimport numpy as np\n\nhere\n"
    assert result(late) == late.replace("as np\n", "as np\n\nnp.random.seed(42)\n")
    guarded = "import os\ntry:\n    import numpy as np\nexcept ImportError:\n    raise\n\nhere\n"
    assert result(guarded) == guarded.replace("raise\n", "raise\n\nnp.random.seed(42)\n")
    assert result("import os\nseed = 1\nhere\n", "seed_all(seed)") == "import os\nseed = 1\n\nseed_all(seed)\n\nhere\n"
    twice = "import os\nif A:\n    import numpy as np\nx = 1\nimport numpy as np\nhere\n"
    assert result(twice) == twice.replace("np\nhere", "np\n\nnp.random.seed(42)\n\nhere")
    defined = "def seed_all(seed):\n    pass\n\n\nhere\n"
    assert result(defined, "seed_all(1)") == "def seed_all(seed):\n    pass\n\nseed_all(1)\n\n\nhere\n"
    with pytest.raises(FixError, match="further down"):
        result("here\nimport numpy as np\n")
    for conditional in (
        "if A:\n    import numpy as np\nhere\n",
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None\nhere\n",
        "def f():\n    global np\n    import numpy as np\nhere\n",
    ):
        with pytest.raises(FixError, match="condition"):
            result(conditional)


def test_lines_after_imports_in_a_cell() -> None:
    model = notebook("import numpy as np", "import os\nhere")
    edit = FixBuilder(model).insert_after_imports("np.random.seed(42)", name_of(model))
    assert cells_after(model, [edit]) == ["import numpy as np", "import os\nnp.random.seed(42)\nhere"]
    model = notebook("import numpy as np", "%%time\nhere")
    edit = FixBuilder(model).insert_after_imports("np.random.seed(42)", name_of(model))
    assert cells_after(model, [edit]) == ["import numpy as np", "%%time\nnp.random.seed(42)\nhere"]


def test_lines_at_the_top_use_no_import_of_a_function() -> None:
    def result(text: str) -> str:
        model = script(text)
        fix = FixBuilder(model)
        expression, edits = fix.import_name("numpy", None, name_of(model), at_top=True)
        return apply_edits(text, [*edits, fix.insert_after_imports(f"{expression}.seed()", name_of(model), edits)])

    inside = "def f():\n    import numpy as n\n    here\n"
    assert result(inside) == f"import numpy as np\n\nnp.seed()\n\n{inside}"
    outside = "import numpy\n\ndef f():\n    import numpy as n\n    here\n"
    assert result(outside) == outside.replace("import numpy\n", "import numpy\n\nnumpy.seed()\n", 1)
    assert result(f"{inside}import numpy as np\n") == f"import numpy as np\n\nnp.seed()\n\n{inside}import numpy as np\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("here\n", "import numpy as np\n\nnp.random.seed(42)\n\nhere\n"),
        ("import os\n\nhere\n", "import os\nimport numpy as np\n\nnp.random.seed(42)\n\nhere\n"),
        ('"""Doc."""\n\nhere\n', '"""Doc."""\n\nimport numpy as np\n\nnp.random.seed(42)\n\nhere\n'),
    ],
)
def test_an_import_and_lines_that_need_it_make_one_fix(before: str, after: str) -> None:
    model = script(before)
    fix = FixBuilder(model)
    expression, edits = fix.import_name("numpy", None, name_of(model))
    edits.append(fix.insert_after_imports(f"{expression}.random.seed(42)", name_of(model)))
    assert apply_edits(before, edits) == after


def test_the_same_import_is_the_same_edit() -> None:
    model = script("import os\n\ndef g():\n    return here\n\nx = there\n")
    fix = FixBuilder(model)
    first = fix.import_name("numpy", None, name_of(model, "here"))
    second = fix.import_name("numpy", None, name_of(model, "there"))
    assert first == second


INSERTIONS: list[Callable[[FixBuilder, cst.CSTNode], Sequence[Edit]]] = [
    lambda fix, node: [fix.insert_before(node, "import json")],
    lambda fix, node: [fix.insert_after_imports("import json", node)],
    lambda fix, node: fix.import_name("json", None, node)[1],
    lambda fix, node: [fix.delete_statement(node)],
]


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("mllint/semantic/*.py")), ids=lambda p: p.name)
def test_edits_at_every_statement_of_real_code_keep_it_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    model = script(text)
    fix = FixBuilder(model)
    nodes = [node for line in model.nodes(cst.SimpleStatementLine) for node in line.body]
    for make in INSERTIONS:
        for node in nodes[::17]:
            try:
                edits = make(fix, node)
            except FixError:
                continue
            ast.parse(apply_edits(text, edits))
