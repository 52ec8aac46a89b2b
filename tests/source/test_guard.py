from __future__ import annotations

from collections.abc import Callable

import libcst as cst
import pytest

from mllint.source import guard

#: Code of one shape and any size, and from what size on it is too complex.
SHAPES: dict[str, tuple[Callable[[int], str], int]] = {
    "brackets": (lambda n: "x = " + "(" * n + "1" + ")" * n, guard.MAX_BRACKETS),
    "brackets of all kinds": (lambda n: "x = " + "[{(" * (n // 3) + ")}]" * (n // 3), guard.MAX_BRACKETS + 3),
    "unclosed brackets": (lambda n: "x = " + "f(" * n, guard.MAX_BRACKETS),
    "calls in calls": (lambda n: "x = " + "f(" * n + ")" * n, guard.MAX_BRACKETS),
    "sum": (lambda n: "x = " + " + ".join(["a"] * (n + 1)), guard.MAX_CHAIN),
    "sum over lines": (lambda n: "x = (\n    " + "\n    + ".join(["a"] * (n + 1)) + "\n)", guard.MAX_CHAIN),
    "attributes": (lambda n: "x = a" + ".b" * n, guard.MAX_CHAIN),
    "calls of calls": (lambda n: "x = a" + "()" * n, guard.MAX_CHAIN),
    "methods over lines": (lambda n: "x = (\n    a\n" + "    .b()\n" * (n // 2) + ")", guard.MAX_CHAIN),
    "subscripts": (lambda n: "x = a" + "[0]" * n, guard.MAX_CHAIN),
    "not": (lambda n: "x = " + "not " * n + "a", guard.MAX_CHAIN),
    "minus": (lambda n: "x = " + "-" * n + "a", guard.MAX_CHAIN),
    "lambda": (lambda n: "x = " + "lambda: " * n + "a", guard.MAX_CHAIN),
    "ternary": (lambda n: "x = " + "a if b else " * (n // 2) + "c", guard.MAX_CHAIN),
    "comprehension": (lambda n: "x = [a " + "for b in c " * (n // 2) + "]", guard.MAX_CHAIN),
    "strings": (lambda n: "x = (\n" + "    'a'\n" * n + ")", guard.MAX_CHAIN),
    "chain in an f-string": (lambda n: "x = f'{" + " + ".join(["a"] * (n + 1)) + "}'", guard.MAX_CHAIN),
    "fields in fields": (lambda n: "x = f'" + "{a:" * n + "}" * n + "'", guard.MAX_BRACKETS),
    "first operand": (lambda n: "x = " + "(" * 9 + "a" + " + a)" * 9 + " + a" * (n - 18), guard.MAX_CHAIN),
    "sequence pattern": (lambda n: f"match x:\n    case {'[' * n}1{']' * n}:\n        y", guard.MAX_PATTERN_BRACKETS),
    "elements": (lambda n: "x = [" + "1, " * n + "]", guard.MAX_ELEMENTS),
    "elif": (lambda n: "if a:\n    b\n" + "elif a:\n    b\n" * n, guard.MAX_BRANCHES),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_would_stall_the_parser_is_held_back(shape: str) -> None:
    make, limit = SHAPES[shape]
    for size in (limit + limit // 5 + 3, limit * 3):
        problem = guard.check(f"import a\n{make(size)}\n")
        assert problem is not None, size
        assert problem.kind == "too-complex"
        assert problem.range is not None
        assert problem.range.start >= len("import a\n")
        assert "\n" not in problem.message


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"elements"}))
def test_what_is_let_through_parses_and_gives_its_code(shape: str) -> None:
    make, limit = SHAPES[shape]
    code = make(limit * 2 // 3)
    assert guard.check(code) is None
    if not shape.startswith("unclosed"):
        assert cst.parse_module(code).code == code


def test_the_message_says_what_and_where() -> None:
    problem = guard.check("import a\n\n\nx = " + "-" * 500 + "1\n")
    assert problem is not None
    assert problem.message == ("not analysed: an expression of more than 400 operators, calls or strings (line 4)")


def test_a_file_can_be_too_long() -> None:
    problem = guard.check("x = 1\n" * (guard.MAX_LENGTH // 6 + 1))
    assert problem is not None
    assert "characters of code" in problem.message


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x = 1",
        # Long, but flat: what is long here does not nest.
        "table = {\n" + "".join(f"    'key {i}': [{i}, -{i}.5, f(a.b.c)],\n" for i in range(2000)) + "}\n",
        "".join(f"x.append(a[{i}].b(c) + d * (e - f))\n" for i in range(3000)),
        "class A:\n"
        + "".join(f"    def method_{i}(self, a=(1, 2)):\n        return self.b({i})\n" for i in range(900)),
        "prompt = f'''\n" + "Answer (in JSON): - a. b. c = {{'x': [1]}} / ...\n" * 400 + "{question}'''\n",
        "text = '''" + "(((((((((( :-( ++++ ----\n" * 200 + "'''\n",
        "# " + "(" * 5000,
        "'''\n" + "((((((((((" * 500 + "\n'''",
        "if a:\n    b\n" + "elif a:\n    b\nelse:\n    b\nif a:\n    b\n" * 500,
        "f(\n" + "".join(f"    argument_{i}=value.of({i}),\n" for i in range(1000)) + ")\n",
    ],
)
def test_ordinary_long_code_is_let_through(code: str) -> None:
    assert guard.check(code) is None
