"""Qualified names and value kinds."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from mllint.semantic.knowledge import ClassFact, FunctionFact, Knowledge, LibraryFacts
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit

FRAMES = LibraryFacts(
    library="Frames",
    modules=("frames",),
    distributions=("frames",),
    import_names={"fr": "frames"},
    aliases={"frames.old": "frames.io", "frames.Frame": "frames.core.Frame"},
    functions={
        "frames.io.read": FunctionFact(
            roles=("loads-data",), parameters="path, *, columns=None", returns="frames.core.Frame"
        ),
    },
    classes={
        "frames.core.Base": ClassFact(
            methods={"copy": FunctionFact(returns="self"), "sample": FunctionFact(roles=("samples",))}
        ),
        "frames.core.Frame": ClassFact(
            bases=("frames.core.Base",),
            item="frames.core.Column",
            selection="frames.core.Frame",
            attributes={"T": "self"},
            arithmetic=True,
        ),
        "frames.core.Column": ClassFact(),
    },
    distinctive={"read_frames": "frames.io.read", "sample_rows": "frames.io.read"},
)


def model_of(code: str, name: str = "work/jobs.py") -> SemanticModel:
    unit = read_unit(Path("/project") / name, name, code.encode())
    parse_unit(unit)
    return SemanticModel(unit, Knowledge([FRAMES]))


def last_expression(model: SemanticModel) -> cst.BaseExpression:
    statement = list(model.nodes(cst.Expr))[-1]
    return statement.value


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import frames\nframes.io.read", "frames.io.read"),
        ("import frames.io\nframes.io.read", "frames.io.read"),
        ("import frames as f\nf.io.read", "frames.io.read"),
        ("import frames.io as f\nf.read", "frames.io.read"),
        ("from frames import io\nio.read", "frames.io.read"),
        ("from frames.io import read as r\nr", "frames.io.read"),
        ("from frames.old import read\nread", "frames.io.read"),
        ("import frames\nload = frames.io.read\nload", "frames.io.read"),
        ("from frames.io import *\nread", "frames.io.read"),
        ("from . import helpers\nhelpers.go", "work.helpers.go"),
        ("from ..lib import go\ngo", "lib.go"),
        ("from .helpers import go\ngo", "work.helpers.go"),
        ("try:\n    import frames\nexcept ImportError:\n    frames = None\nframes.io.read", "frames.io.read"),
        ("def go(): ...\ngo", "work.jobs.go"),
        ("class A:\n    class B: ...\nA.B", "work.jobs.A.B"),
        ("print", "builtins.print"),
        ("fr.io.read", "frames.io.read"),
        ("read_frames", "frames.io.read"),
        ("import frames\nframes.make(2).to", None),
        ("import frames\nframes = other()\nframes.io.read", None),
        ("import frames\nif flag:\n    frames = fake\nframes.io.read", None),
        ("def f(frames):\n    frames.io.read", None),
        ("read_frames = mine()\nread_frames", None),
        ("unknown.thing", None),
    ],
)
def test_qualified_names(code: str, expected: str | None) -> None:
    model = model_of(code)
    assert model.qualified_name(last_expression(model)) == expected


def test_names_known_only_by_convention_are_uncertain() -> None:
    model = model_of("fr.io.read(path)\nimport frames\nframes.io.read(path)")
    assert [call.certain for call in model.calls] == [False, True]
    assert {call.name for call in model.calls} == {"frames.io.read"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import frames\nx = frames.io.read(p)\nx", "frames.core.Frame"),
        ("import frames\nx = frames.Frame()\nx", "frames.core.Frame"),
        ("import frames\nframes.io.read(p).copy()", "frames.core.Frame"),
        ("import frames\nx = frames.io.read(p)\nx['a']", "frames.core.Column"),
        ("import frames\nx = frames.io.read(p)\nx[['a']]", "frames.core.Frame"),
        ("import frames\nx = frames.io.read(p)\nx.T", "frames.core.Frame"),
        ("import frames\nx = frames.io.read(p)\nx + 1", "frames.core.Frame"),
        ("import frames\nx, y = frames.io.read(p), 1\nx", "frames.core.Frame"),
        ("import frames\nx = frames.io.read(p)\nx = x.copy()\nx", "frames.core.Frame"),
        ("import frames\nx = frames.io.read(p)\nx = 3\nx", "builtins.int"),
        ("import frames\nx = frames.io.read(p)\nif c:\n    x = []\nx", None),
        ("import frames\nx = frames.io.read(p)\nif c:\n    x = x.copy()\nx", "frames.core.Frame"),
        ("import frames\nfor _ in y:\n    x = frames.io.read(p)\n    x", "frames.core.Frame"),
        ("import frames\ndef f(x: frames.Frame):\n    x", "frames.core.Frame"),
        ("import frames\ndef f(x: 'frames.Frame'):\n    x", "frames.core.Frame"),
        ("import frames\ndef f(x: frames.Frame | None = None):\n    x", "frames.core.Frame"),
        ("import frames\nfrom typing import Optional\ndef f(x: Optional[frames.Frame]):\n    x", "frames.core.Frame"),
        ("import frames\nx: frames.Frame = load()\nx", "frames.core.Frame"),
        ("import frames\ndef f() -> frames.Frame: ...\nf()", "frames.core.Frame"),
        ("import frames\nwith frames.io.read(p) as x:\n    pass\nx", "frames.core.Frame"),
        ("import frames\n(x := frames.io.read(p))\nx", "frames.core.Frame"),
        ("import frames\nframes.io.read(p) if c else frames.Frame()", "frames.core.Frame"),
        ("class Job:\n    def run(self):\n        self", "work.jobs.Job"),
        (
            "import frames\nclass Job:\n    def __init__(self):\n        self.x = frames.Frame()\n    def run(self):\n        self.x",
            "frames.core.Frame",
        ),
        ("sorted(x)", "builtins.list"),
        ("{1: 2}", "builtins.dict"),
        ("def f(x):\n    x", None),
        ("unknown()", None),
    ],
)
def test_kinds(code: str, expected: str | None) -> None:
    model = model_of(code)
    assert model.kind(last_expression(model)) == expected


def test_methods_are_named_after_the_class_and_its_bases() -> None:
    model = model_of(
        "import frames\nclass Mine(frames.Frame):\n    pass\nframes.io.read(p).sample(3)\nMine().sample(3)\n"
    )
    named = {call.name: call.names for call in model.calls if call.last_name == "sample"}
    assert named == {
        "frames.core.Frame.sample": ("frames.core.Frame.sample", "frames.core.Base.sample"),
        "work.jobs.Mine.sample": ("work.jobs.Mine.sample", "frames.core.Frame.sample", "frames.core.Base.sample"),
    }
    assert all(call.roles == ("samples",) for call in model.calls if call.last_name == "sample")


def test_a_name_in_a_function_is_read_from_all_bindings_outside() -> None:
    model = model_of("import frames\nx = frames.io.read(p)\ndef f():\n    x\nx = 3\n")
    assert model.kind(last_expression(model)) is None


def test_cells_share_one_namespace() -> None:
    notebook = (
        '{"cells": [{"cell_type": "code", "source": ["import frames"]},'
        ' {"cell_type": "code", "source": ["x = frames.io.read(p)"]},'
        ' {"cell_type": "code", "source": ["x"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'
    )
    model = model_of(notebook, "work/explore.ipynb")
    assert model.kind(last_expression(model)) == "frames.core.Frame"


def test_a_notebook_name_bound_only_further_down_counts_as_bound() -> None:
    notebook = (
        '{"cells": [{"cell_type": "code", "source": ["frames.io.read"]},'
        ' {"cell_type": "code", "source": ["import frames"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'
    )
    model = model_of(notebook, "work/explore.ipynb")
    assert model.qualified_name(last_expression(model)) == "frames.io.read"
