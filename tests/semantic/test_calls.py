"""Call sites: which argument goes to which parameter, and what a call draws with."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from mllint.semantic.calls import CallSite, Presence
from mllint.semantic.knowledge import ClassFact, FunctionFact, Knowledge, LibraryFacts
from mllint.semantic.literals import UNKNOWN
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit

DICE = LibraryFacts(
    library="Dice",
    modules=("dice",),
    generator="dice",
    functions={
        "dice.split": FunctionFact(
            roles=("splits",),
            parameters="*arrays, share=0.5, seed=None, shuffle=True",
            seed="seed",
            seed_when=("shuffle=True",),
        ),
        "dice.draw": FunctionFact(roles=("draws-random",), parameters="low, high=None, seed=None", seed="seed"),
        "dice.solve": FunctionFact(
            parameters="X, solver='exact', restarts=None, seed=None",
            seed="seed",
            seed_when=("solver=walk|anneal", "restarts!=None"),
        ),
        "dice.load": FunctionFact(roles=("loads-data",)),
    },
    classes={
        "dice.Base": ClassFact(parameters="*args, **kwargs"),
        "dice.Model": ClassFact(
            bases=("dice.Base",), parameters="depth=3, *, seed=None", seed="seed", tags=("learns",), roles=("models",)
        ),
    },
)


def model_of(code: str) -> SemanticModel:
    unit = read_unit(Path("/project/run.py"), "run.py", f"import dice\n{code}\n".encode())
    parse_unit(unit)
    return SemanticModel(unit, Knowledge([DICE]))


def last_call(code: str) -> CallSite:
    """The call site of the last statement."""
    model = model_of(code)
    return model.call(cst.ensure_type(list(model.nodes(cst.Expr))[-1].value, cst.Call))


@pytest.mark.parametrize(
    ("call", "parameter", "presence", "value"),
    [
        ("dice.draw(1)", "low", Presence.PRESENT, "1"),
        ("dice.draw(1, 2)", "high", Presence.PRESENT, "2"),
        ("dice.draw(1, 2)", "seed", Presence.ABSENT, None),
        ("dice.draw(1, 2, 3)", "seed", Presence.PRESENT, "3"),
        ("dice.draw(1, seed=4)", "seed", Presence.PRESENT, "4"),
        ("dice.draw(seed=4, low=1)", "low", Presence.PRESENT, "1"),
        ("dice.draw(*bounds)", "low", Presence.UNKNOWN, None),
        ("dice.draw(1, *rest)", "low", Presence.PRESENT, "1"),
        ("dice.draw(1, *rest)", "seed", Presence.UNKNOWN, None),
        ("dice.draw(1, **options)", "seed", Presence.UNKNOWN, None),
        ("dice.draw(1, seed=4, **options)", "seed", Presence.PRESENT, "4"),
        ("dice.split(a, b, c, d, e)", "share", Presence.ABSENT, None),
        ("dice.split(a, b, share=0.1)", "share", Presence.PRESENT, "0.1"),
        ("dice.Model(5)", "depth", Presence.PRESENT, "5"),
        ("dice.Model(5, 6)", "seed", Presence.ABSENT, None),
        ("unknown(1)", "seed", Presence.ABSENT, None),
        ("unknown(seed=2)", "seed", Presence.PRESENT, "2"),
    ],
)
def test_arguments(call: str, parameter: str, presence: Presence, value: str | None) -> None:
    argument = last_call(call).argument(parameter)
    assert argument.presence is presence
    code = cst.Module([]).code_for_node(argument.value) if argument.value is not None else None
    assert code == value


@pytest.mark.parametrize(
    ("code", "presence"),
    [
        ("options = {'seed': 3}\ndice.draw(1, **options)", Presence.PRESENT),
        ("options = dict(seed=3)\ndice.draw(1, **options)", Presence.PRESENT),
        ("dice.draw(1, **{'seed': 3})", Presence.PRESENT),
        # A dict may be changed between its making and the call, so an absence proves nothing.
        ("options = {'high': 3}\ndice.draw(1, **options)", Presence.UNKNOWN),
        ("options = {**defaults}\ndice.draw(1, **options)", Presence.UNKNOWN),
    ],
)
def test_unpacked_dicts(code: str, presence: Presence) -> None:
    assert last_call(code).argument("seed").presence is presence


def test_parameters_of_functions_of_the_unit() -> None:
    call = last_call("def split(rows, seed=None):\n    return rows\nsplit(data, 3)")
    assert call.argument("seed").present
    assert call.literal("seed") == 3


def test_literals_of_arguments() -> None:
    call = last_call("LOW = 1\ndice.draw(LOW, high())")
    assert call.literal("low") == 1
    assert call.literal("high") is UNKNOWN
    assert call.literal("seed", default=None) is None


@pytest.mark.parametrize(
    ("call", "condition", "expected"),
    [
        ("dice.split(a)", "shuffle=True", True),
        ("dice.split(a, shuffle=False)", "shuffle=True", False),
        ("dice.split(a, shuffle=maybe)", "shuffle=True", None),
        ("dice.split(a, **options)", "shuffle=True", None),
        ("dice.solve(X)", "solver=walk|anneal", False),
        ("dice.solve(X, 'anneal')", "solver=walk|anneal", True),
        ("dice.solve(X, solver='exact')", "solver=walk|anneal", False),
        ("dice.solve(X)", "restarts!=None", False),
        ("dice.solve(X, restarts=None)", "restarts!=None", False),
        ("dice.solve(X, restarts=5)", "restarts!=None", True),
        ("dice.solve(X, restarts=n)", "restarts!=None", None),
        ("dice.solve(X)", "missing=1", None),
    ],
)
def test_conditions(call: str, condition: str, expected: bool | None) -> None:
    assert last_call(call).holds(condition) is expected


@pytest.mark.parametrize(
    ("call", "presence"),
    [
        ("dice.draw(1)", Presence.ABSENT),
        ("dice.draw(1, seed=3)", Presence.PRESENT),
        ("dice.draw(1, **options)", Presence.UNKNOWN),
        ("dice.split(a, share=0.1)", Presence.ABSENT),
        ("dice.solve(X, solver='walk')", Presence.ABSENT),
        ("dice.Model()", Presence.ABSENT),
        # Another parameter that is named after a seed or a generator seeds the draw too.
        ("dice.draw(1, generator=g)", Presence.PRESENT),
        ("dice.draw(1, random_state=g)", Presence.PRESENT),
    ],
)
def test_what_a_draw_is_seeded_with(call: str, presence: Presence) -> None:
    seed = last_call(call).draws_with()
    assert seed is not None
    assert seed.presence is presence


@pytest.mark.parametrize(
    "call",
    [
        "dice.split(a, shuffle=False)",
        "dice.split(a, shuffle=maybe)",
        "dice.solve(X)",
        "dice.solve(X, solver=chosen)",
        "dice.load()",
        "unknown()",
    ],
)
def test_calls_that_surely_or_possibly_draw_nothing(call: str) -> None:
    assert last_call(call).draws_with() is None


def test_what_a_call_constructs() -> None:
    assert last_call("dice.Model()").constructs == ("dice.Model", "dice.Base")
    assert last_call("class Own(dice.Model):\n    pass\nOwn()").constructs == ("run.Own", "dice.Model", "dice.Base")
    assert last_call("dice.draw(1)").constructs == ()
    assert last_call("unknown()").constructs == ()


def test_facts_of_the_callee() -> None:
    call = last_call("dice.Model()")
    assert call.roles == ("models",)
    assert call.tags == ("learns",)
    assert last_call("unknown()").tags == ()
