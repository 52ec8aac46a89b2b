"""The labelled programs under fixtures/accuracy: what they say about themselves, and the text that is linted.

The first line of a program says ``# script`` or ``# notebook``, the second what it is about. Labels are comments at the
end of lines: ``# leak a: preprocessing P4`` on the main line of a leak, ``# leak a`` on the others where a diagnostic
would be as right; the word ``info`` marks what may be reported and need not be. The linter sees none of these lines
and comments. In a notebook, ``# %%`` and ``# %% [markdown]`` begin the cells.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = Path(__file__).parents[2] / "fixtures" / "accuracy" / "leakage"
KINDS = ("preprocessing", "overlap", "multi-test", "time", "target")
_MARK = re.compile(r"\s*# leak (?=[a-z]\b)(.*)$")
_LABEL = re.compile(r"(?P<letter>[a-z])(?:: (?P<kind>[\w-]+) (?P<pattern>[A-Z]\d+)(?P<info> info)?)?$")


@dataclass
class Label:
    """One leak of a program.

    Attributes:
        letter: its name in the program.
        kind: what leaks.
        pattern: the pattern of the catalogue that it is an example of.
        info: whether it need not be reported.
        main: the line where a reviewer would comment, counted from 1 in the file.
        lines: all lines where the comment would be right.
    """

    letter: str
    kind: str = ""
    pattern: str = ""
    info: bool = False
    main: int = 0
    lines: set[int] = field(default_factory=set)


@dataclass
class Program:
    """A labelled program.

    Attributes:
        path: where it is.
        is_notebook: whether it is linted as a notebook.
        labels: its leaks; none for a clean one.
        content: the bytes that are linted.
        line_of: for a notebook, the lines of the file by cell (counted from 1) and line in the cell.
    """

    path: Path
    is_notebook: bool
    labels: list[Label]
    content: bytes
    line_of: dict[tuple[int | None, int], int]

    @property
    def name(self) -> str:
        """The group and the name of the program."""
        return f"{self.path.parent.name}/{self.path.stem}"


def read_programs(root: Path = PROGRAMS) -> list[Program]:
    """Read all labelled programs, in the order of their names."""
    return [read_program(path) for path in sorted(root.glob("*/*.py"))]


def read_program(path: Path) -> Program:
    """Read one labelled program.

    Raises:
        ValueError: a label is not of the form described above.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    if lines[0] not in ("# script", "# notebook"):
        raise ValueError(f"{path}:1: neither `# script` nor `# notebook`")
    labels: dict[str, Label] = {}
    plain: list[str] = []
    for number, line in enumerate(lines, 1):
        mark = _MARK.search(line)
        if mark is not None:
            for text in mark.group(1).split(";"):
                _add_label(text.strip(), number, labels, path)
            line = line[: mark.start()]
        plain.append(line)
    statement = _statements(plain)
    for label in labels.values():
        if label.kind not in KINDS:
            raise ValueError(f"{path}: label {label.letter} has no main mark with a known kind")
        label.lines = {line for marked in label.lines for line in statement.get(marked, (marked,))}
    is_notebook = lines[0] == "# notebook"
    if is_notebook:
        content, line_of = _notebook(plain[2:], 3)
    else:
        content = "\n".join(plain[2:]).encode()
        line_of = {(None, row): row + 2 for row in range(1, len(plain) - 1)}
    return Program(path, is_notebook, list(labels.values()), content, line_of)


def _statements(lines: list[str]) -> dict[int, range]:
    """Return the lines of the simple statement, or of the head of the compound one, that each line belongs to."""
    code = "\n".join("pass" if re.match(r"\s*[%!]", line) else line for line in lines)
    found: dict[int, range] = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            for line in range(node.lineno, last + 1):
                known = found.get(line)
                if known is None or len(known) > last + 1 - node.lineno:
                    found[line] = range(node.lineno, last + 1)
    return found


def _add_label(text: str, number: int, labels: dict[str, Label], path: Path) -> None:
    match = _LABEL.match(text)
    if match is None:
        raise ValueError(f"{path}:{number}: not a label: {text!r}")
    label = labels.setdefault(match["letter"], Label(match["letter"]))
    label.lines.add(number)
    if match["kind"]:
        label.kind, label.pattern, label.main = match["kind"], match["pattern"], number
        label.info = match["info"] is not None


def _notebook(lines: list[str], first: int) -> tuple[bytes, dict[tuple[int | None, int], int]]:
    cells: list[dict[str, object]] = []
    sources: list[list[str]] = []
    line_of: dict[tuple[int | None, int], int] = {}
    for number, line in enumerate(lines, first):
        if line.startswith("# %%") or not cells:
            is_text = "[markdown]" in line
            cell: dict[str, object] = {"cell_type": "markdown" if is_text else "code", "metadata": {}}
            if not is_text:
                cell |= {"execution_count": None, "outputs": []}
            cells.append(cell)
            sources.append([])
            if line.startswith("# %%"):
                continue
        sources[-1].append(line)
        line_of[len(cells), len(sources[-1])] = number
    for cell, source in zip(cells, sources, strict=True):
        cell["source"] = "\n".join(source).rstrip("\n")
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook).encode(), line_of
