"""The guard in front of the parser: code that would kill or stall LibCST is not parsed.

The native parser recurses, so some 1,600 brackets inside each other end the process; the time it takes grows with the
square of a chain of operators or calls (3,000 calls: 15 s) and doubles with each bracket of a ``case`` pattern.
Most code is cleared by one look at its lines; only long and dense parts are read token by token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mllint.source.lexing import LINE_ENDS, QUOTES, STRUCTURE, string_end
from mllint.source.unit import Problem
from mllint.text.ranges import LineIndex, Range

#: Characters of one file or cell.
MAX_LENGTH = 5_000_000
#: Brackets inside each other; Python itself stops at 200.
MAX_BRACKETS = 100
#: Brackets inside each other in a ``case`` pattern.
MAX_PATTERN_BRACKETS = 8
#: Operators, attributes, calls, adjacent strings and the like that stand on top of each other in one expression.
MAX_CHAIN = 400
#: Commas of one logical line: elements of literals, arguments of calls.
MAX_ELEMENTS = 50_000
#: Branches of one ``if``.
MAX_BRANCHES = 300


def check(code: str) -> Problem | None:
    """Return what makes ``code`` too complex to parse, None if it can be parsed.

    The range of the problem is one in ``code``.
    """
    if len(code) > MAX_LENGTH:
        return _problem(code, 0, f"{len(code):,} characters of code, more than {MAX_LENGTH:,}")
    for start, end, is_pattern in _suspicious_parts(code):
        problem = _Part(code, start, end, MAX_PATTERN_BRACKETS if is_pattern else MAX_BRACKETS).check()
        if problem is not None:
            return problem
    return _check_branches(code) if code.count("elif") > MAX_BRANCHES else None


def _problem(code: str, offset: int, what: str) -> Problem:
    row = LineIndex(code).row(offset)
    line_end = re.compile(r"[^\r\n]*").match(code, offset)
    end = offset if line_end is None else min(line_end.end(), offset + 80)
    return Problem("too-complex", f"not analysed: {what} (line {row})", Range(offset, end))


#: A line end between two statements: the next line starts with a word that does not carry an expression on.
_BREAK = re.compile(
    r"""\n(?<=[\w)\]}"':]\n)[ \t]*(?!(?:and|else|for|if|in|is|not|or)\b|[bBfFrRtTuU]{1,2}["'])[A-Za-z_@]"""
)
_CASE = re.compile(r"^[ \t]*case\b", re.MULTILINE)
#: What an expression can grow by.
_LINK = re.compile(r"""[(\[{.\-+*/%@&|^~<>="']|\b(?:and|await|else|for|if|in|is|lambda|not|or|yield)\b""")


def _suspicious_parts(code: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the parts of the code that may hold something too complex, and whether they are ``case`` patterns.

    Statements are told apart by the look of their lines, which is good enough to leave out what is harmless.
    """
    start = 0
    for end in [*(match.start() for match in _BREAK.finditer(code)), len(code)]:
        if end - start > MAX_BRACKETS:
            part = code[start:end]
            brackets = part.count("(") + part.count("[") + part.count("{")
            if (
                brackets > MAX_BRACKETS
                or part.count(",") > MAX_ELEMENTS
                or (len(part) > MAX_CHAIN and len(_LINK.findall(part)) > MAX_CHAIN)
            ):
                yield start, end, False
        start = end
    if "case" in code:
        for case in _CASE.finditer(code):
            following = _BREAK.search(code, case.end())
            yield case.start(), len(code) if following is None else following.start(), True


@dataclass(slots=True)
class _Level:
    """One level of brackets: how deep the expression being read is, and the deepest of those before it."""

    depth: int = 0
    deepest: int = 0

    def next_element(self) -> None:
        self.deepest = max(self.deepest, self.depth)
        self.depth = 0


_TOKEN = re.compile(rf"{STRUCTURE}|\w+|\*\*|//|<<|>>|[=!<>]=|->|:=|[-+*/%@&|^~<>=.,;]")
_WORDS = "and await else for if in is lambda not or yield"
_CHAINING_WORDS = frozenset(_WORDS.split())
#: Prefixes of strings with replacement fields.
_FORMATTED = frozenset(("f", "fr", "rf", "t", "tr", "rt"))
_FIELD = re.compile(r"\{([^{}]{200,})\}")


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of code that is read token by token, to measure how deep its expressions are."""

    code: str
    start: int
    end: int
    max_brackets: int

    def check(self) -> Problem | None:
        """Return what is too complex about the part."""
        levels = [_Level()]
        elements = 0
        position = self.start
        first = self.start
        previous = ""
        while (match := _TOKEN.search(self.code, position, self.end)) is not None:
            token = match.group()
            position = match.end()
            level = levels[-1]
            if token in "([{":
                level.depth += 1
                levels.append(_Level())
                if len(levels) > self.max_brackets + 1:
                    kind = " in a pattern" if self.max_brackets == MAX_PATTERN_BRACKETS else ""
                    return self._problem(match.start(), f"more than {self.max_brackets} nested brackets{kind}")
            elif token in ")]}":
                if len(levels) > 1:
                    levels.pop()
                    levels[-1].depth = max(levels[-1].depth, level.depth + 1, level.deepest + 1)
            elif token == ",":
                level.next_element()
                elements += 1
                if elements > MAX_ELEMENTS:
                    return self._problem(first, f"a literal or call with more than {MAX_ELEMENTS:,} elements")
            elif token in LINE_ENDS or token == ";":
                if len(levels) == 1:
                    level.next_element()
                    elements = 0
                    first = position
                continue
            elif token in QUOTES:
                end = string_end(self.code, token, position)
                if previous.lower() in _FORMATTED:
                    problem = self._check_fields(position, end)
                    if problem is not None:
                        return problem
                level.depth += 1
                position = end
            elif token[0] == "#" or token[0] == "\\":
                continue
            elif token in _CHAINING_WORDS or not (token[0].isalnum() or token[0] == "_"):
                level.depth += 1
            if levels[-1].depth > MAX_CHAIN:
                return self._problem(first, f"an expression of more than {MAX_CHAIN} operators, calls or strings")
            previous = token
        return None

    def _check_fields(self, start: int, end: int) -> Problem | None:
        """Look into the replacement fields of an f-string."""
        depth = 0
        for brace in re.finditer(r"[{}]", self.code[start:end]):
            depth = depth + 1 if brace.group() == "{" else max(depth - 1, 0)
            if depth > MAX_BRACKETS:
                return self._problem(start, f"more than {MAX_BRACKETS} nested braces in a string")
        for field in _FIELD.finditer(self.code, start, end):
            problem = _Part(self.code, *field.span(1), MAX_BRACKETS).check()
            if problem is not None:
                return problem
        return None

    def _problem(self, offset: int, what: str) -> Problem:
        return _problem(self.code, offset, what)


_BRANCH = re.compile(r"^([ \t]*)(?:(elif|else)\b|(?=[^\s#)\]}]))", re.MULTILINE)


def _check_branches(code: str) -> Problem | None:
    """Count the branches of each ``if``, which nest inside each other in the tree."""
    branches: dict[str, int] = {}
    for match in _BRANCH.finditer(code):
        indent, word = match.group(1), match.group(2)
        if word is None:
            branches[indent] = 0
        elif word == "elif":
            branches[indent] = branches.get(indent, 0) + 1
            if branches[indent] > MAX_BRANCHES:
                return _problem(code, match.start(), f"an if of more than {MAX_BRANCHES} branches")
    return None
