from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from mllint.semantic.calls import CallSite
from mllint.semantic.knowledge import Knowledge
from mllint.semantic.literals import UNKNOWN
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit
from mllint.source.python import read_python


def read(code: str) -> tuple[SemanticModel, CallSite]:
    """The model of some code, and its call of ``use``."""
    unit = read_python(Path("a.py"), "a.py", dedent(code).lstrip("\n").encode())
    parse_unit(unit)
    model = SemanticModel(unit, Knowledge())
    return model, next(call for call in model.calls if call.last_name == "use")


def literal(code: str) -> Any:
    model, call = read(code)
    return model.literal(call.node.args[0].value)


def prefix(code: str) -> str | None:
    model, call = read(code)
    return model.string_prefix(call.node.args[0].value)


def source(code: str) -> str | None:
    model, call = read(code)
    node = model.string_source(call.node.args[0].value)
    return model.text(node) if node is not None else None


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("use('a')", "a"),
        ("use(-1)", -1),
        ("use(not True)", False),
        ("use('a' 'b' + 'c')", "abc"),
        ("use(f'a')", "a"),
        ("use((1, [2.5, None], {3}))", (1, [2.5, None], {3})),
        ("use({'a': 1})", {"a": 1}),
        ("A = 'a'\nB = A\nuse(B)", "a"),
        ("A = 'a'\ndef f():\n    use(A)", "a"),
    ],
)
def test_literal_reads_values_off_the_code(code: str, value: object) -> None:
    assert literal(code) == value


@pytest.mark.parametrize(
    "code",
    [
        "use(x)",
        "use(f'{x}')",
        "use([*x])",
        "use({**x})",
        "use({[]: 1})",
        "use('a' + x)",
        "A = 'a'\nif x:\n    A = 'b'\nuse(A)",
        "for a in 'ab':\n    use(a)",
        "def f(a='a'):\n    use(a)",
        "A = A\nuse(A)",
    ],
)
def test_literal_of_anything_else_is_unknown(code: str) -> None:
    assert literal(code) is UNKNOWN


BUILT = [
    ("use('/data')", "/data", "'/data'"),
    ("use('/data/' + name)", "/data/", "'/data/'"),
    ("use('/data/%s' % name)", "/data/", "'/data/%s'"),
    ("use('/data/{}'.format(name))", "/data/", "'/data/{}'"),
    ("use(f'/data/{name}')", "/data/", "f'/data/{name}'"),
    ("use('/da' 'ta')", "/data", "'/da' 'ta'"),
    ("ROOT = '/data'\nuse(f'{ROOT}/{name}')", "/data/", "'/data'"),
    ("ROOT = '/data'\nuse(ROOT + name)", "/data", "'/data'"),
    ("import os\nROOT = '/data'\nuse(os.path.join(ROOT, name))", "/data", "'/data'"),
    ("from pathlib import Path\nuse(Path('/data') / name)", "/data", "'/data'"),
    ("from pathlib import Path\nROOT = Path('/data')\nuse(str(ROOT.joinpath('a') / 'b'))", "/data", "'/data'"),
]


@pytest.mark.parametrize(("code", "beginning", "_"), BUILT)
def test_beginning_of_a_built_string(code: str, beginning: str, _: str) -> None:
    assert prefix(code) == beginning


@pytest.mark.parametrize(("code", "_", "written"), BUILT)
def test_literal_that_a_built_string_begins_with(code: str, _: str, written: str) -> None:
    assert source(code) == written


@pytest.mark.parametrize(
    "code",
    [
        "use(name)",
        "use(name + '/data')",
        "use(f'{name}/data')",
        "import os\nuse(os.path.join(*parts))",
        "ROOT = '/a'\nif x:\n    ROOT = '/b'\nuse(ROOT + name)",
        "use(load('/data'))",
    ],
)
def test_what_begins_with_something_unknown_has_no_beginning(code: str) -> None:
    assert prefix(code) is None
    assert source(code) is None
