r"""Case files: what a rule reports and what it leaves alone, in Markdown.

A case file is named after its rule, ``rules/<category>/<rule>.md``. It holds prose, headings ``## ...`` that name the cases
below them, and fenced blocks::

    ```toml
    dependencies = ["torch>=2.6"]         # of the project that the code belongs to
    filename = "src/train.py"             # of the code; example.py or example.ipynb by default
    files = { "README.md" = "# Churn" }   # other files of the project, by name
    [tool.mllint]                         # settings
    seed = 7
    ```

holds for the code blocks after it up to the next heading;

    ```py
    torch.load("model.pt")  # error: [my-rule]
    ```

is a case, and so is a block ``ipynb``, whose cells begin at lines ``# %%``, ``# %% [markdown]`` or ``# %% [raw]``. After a block, ::

    ```py fixed
    ```py unsafe-fixed

give the text that ``--fix``, and ``--fix --unsafe-fixes``, make of it (``ipynb fixed`` for notebooks).

**Marks** say what is found: ``# error: [rule] 12-20 "part of the message"``, where the columns (of the first character, and of
the one after the last) and the message part may be left out. Several marks on a line follow each other. Marks are
taken out before the code is checked, so any line can carry one, inside strings and after a backslash too; a line that
holds nothing but marks speaks of the next line. A diagnostic belongs to the line on which it starts. Every diagnostic
of the rule needs its mark, and every mark its diagnostic; a block without marks must be silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mllint.text.toml import TomlError, parse_toml

_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<info>[^`]*)")
_HEADING = re.compile(r"##+ +(?P<title>.+?)\s*")
_MARKS_START = re.compile(r"#\s*error:")
_MARK = re.compile(
    r"#\s*error:\s*\[(?P<rule>[a-z0-9-]+)\]"
    r"(?:\s+(?P<start>\d+)-(?P<end>\d+))?"
    r'(?:\s+"(?P<message>(?:[^"\\]|\\.)*)")?\s*'
)
_CODE = {"py": "py", "python": "py", "ipynb": "ipynb"}
_FIXED = ("fixed", "unsafe-fixed")
_SETTINGS = ("dependencies", "filename", "files", "tool")


class CaseError(Exception):
    """A case file cannot be read; the message names file and row."""


class Mark(NamedTuple):
    """What a case says is found: the rule, its row in the checked code, and what is said of columns and message."""

    rule: str
    row: int
    columns: tuple[int, int] | None = None
    message: str | None = None

    def __str__(self) -> str:
        parts = [f"[{self.rule}]"]
        if self.columns is not None:
            parts.append(f"{self.columns[0]}-{self.columns[1]}")
        if self.message is not None:
            parts.append('"' + self.message.replace("\\", "\\\\").replace('"', '\\"') + '"')
        return " ".join(parts)


class Block(NamedTuple):
    """A fenced block of a case file; ``row`` is that of its opening fence, ``end_row`` of the closing one."""

    info: str
    text: str
    row: int
    end_row: int


class Case(NamedTuple):
    """One block of code with what is said about it.

    ``code`` is the text without marks; ``source_rows`` gives, for each of its rows, the row in the case file. ``fixed`` and
    ``unsafe_fixed`` are the blocks with the fixed text, where there are any.
    """

    path: Path
    title: str
    rule: str
    kind: str
    code: str
    row: int
    marks: tuple[Mark, ...]
    source_rows: tuple[int, ...]
    settings: Mapping[str, Any]
    dependencies: tuple[str, ...] = ()
    files: Mapping[str, str] = {}
    filename: str = ""
    fixed: Block | None = None
    unsafe_fixed: Block | None = None

    @property
    def is_firing(self) -> bool:
        """Whether the rule of the file reports something in it."""
        return any(mark.rule == self.rule for mark in self.marks)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that run: that of the file, and those that marks name."""
        return tuple(dict.fromkeys((self.rule, *(mark.rule for mark in self.marks))))


class CaseFile(NamedTuple):
    """The cases of one rule."""

    path: Path
    rule: str
    cases: tuple[Case, ...]


def read_case_file(path: Path) -> CaseFile:
    """Read a case file.

    Raises:
        CaseError: it cannot be read, or something in it does not have the form of a case file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: cannot be read: {error}") from None
    return CaseFile(path, path.stem, tuple(_cases(path, text)))


def _cases(path: Path, text: str) -> Iterator[Case]:
    title = path.stem
    setup: Mapping[str, Any] = {}
    seen: dict[str, int] = {}
    case: Case | None = None
    for item in _blocks(path, text):
        if isinstance(item, str):
            if case is not None:
                yield case
            title, setup, case = item, {}, None
            continue
        words = item.info.split()
        if words == ["toml"]:
            setup = _setup(path, item)
        elif words[:1] and words[0] in _CODE and len(words) == 1:
            if case is not None:
                yield case
            seen[title] = seen.get(title, 0) + 1
            case = _case(path, item, title if seen[title] == 1 else f"{title} ({seen[title]})", setup)
        elif len(words) == 2 and words[0] in _CODE and words[1] in _FIXED:
            case = _with_fixed(path, case, item, words)
        elif words[:1] and words[0] in _CODE:
            raise CaseError(f'{path}:{item.row}: after "{words[0]}" a block says nothing, "fixed" or "unsafe-fixed"')
    if case is not None:
        yield case


def _blocks(path: Path, text: str) -> Iterator[str | Block]:
    """Yield the headings and the fenced blocks of a Markdown text."""
    lines = text.splitlines()
    row = 0
    while row < len(lines):
        line = lines[row]
        row += 1
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            yield heading["title"]
        fence = _FENCE.match(line)
        if fence is None:
            continue
        start = row
        while row < len(lines) and lines[row].rstrip() != fence["ticks"]:
            row += 1
        if row == len(lines):
            raise CaseError(f"{path}:{start}: the block is not closed")
        body = lines[start:row]
        row += 1
        yield Block(fence["info"].strip(), "".join(f"{line}\n" for line in body), start, row)


def _setup(path: Path, block: Block) -> Mapping[str, Any]:
    try:
        table = parse_toml(block.text)
    except TomlError as error:
        raise CaseError(f"{path}:{block.row + error.row}: not valid TOML: {error.message}") from None
    for key in table:
        if key not in _SETTINGS:
            raise CaseError(f'{path}:{block.row}: unknown key "{key}"; there are {", ".join(_SETTINGS)}')
    return table


def _case(path: Path, block: Block, title: str, setup: Mapping[str, Any]) -> Case:
    kind = _CODE[block.info]
    code, marks, rows = take_marks(block.text, f"{path}", block.row)
    return Case(
        path=path,
        title=title,
        rule=path.stem,
        kind=kind,
        code=code,
        row=block.row,
        marks=marks,
        source_rows=rows,
        settings=setup.get("tool", {}).get("mllint", {}),
        dependencies=tuple(setup.get("dependencies", ())),
        files=setup.get("files", {}),
        filename=setup.get("filename", f"example.{kind}"),
    )


def _with_fixed(path: Path, case: Case | None, block: Block, words: list[str]) -> Case:
    if case is None or _CODE[words[0]] != case.kind:
        raise CaseError(f'{path}:{block.row}: a "{block.info}" block follows the block that it is the fixed text of')
    is_safe = words[1] == "fixed"
    if (case.fixed if is_safe else case.unsafe_fixed) is not None:
        raise CaseError(f"{path}:{block.row}: the block in line {case.row} already has a fixed text")
    return case._replace(fixed=block) if is_safe else case._replace(unsafe_fixed=block)


def take_marks(text: str, place: str = "code", first_row: int = 0) -> tuple[str, tuple[Mark, ...], tuple[int, ...]]:
    """Take the marks out of a text.

    Args:
        text: code with marks.
        place: where it is from, for errors.
        first_row: how many rows stand before it there.

    Returns:
        The text without marks, the marks, and for each row of that text the row it came from.

    Raises:
        CaseError: something begins like a mark and is none.
    """
    kept: list[str] = []
    marks: list[Mark] = []
    rows: list[int] = []
    pending: list[Mark] = []
    for number, line in enumerate(text.split("\n"), start=1):
        start = _MARKS_START.search(line)
        if start is None:
            before, found = line, []
        else:
            before = line[: start.start()]
            found = _read_marks(line[start.start() :], f"{place}:{first_row + number}")
            if not before.strip():
                pending += found
                continue
            before = before.rstrip()
        kept.append(before)
        rows.append(first_row + number)
        marks += [mark._replace(row=len(kept)) for mark in (*pending, *found)]
        pending = []
    marks += [mark._replace(row=max(len(kept), 1)) for mark in pending]
    return "\n".join(kept), tuple(marks), tuple(rows)


def _read_marks(text: str, place: str) -> list[Mark]:
    marks = []
    position = 0
    while position < len(text):
        match = _MARK.match(text, position)
        if match is None:
            raise CaseError(
                f'{place}: not a mark: {text[position:]!r}; marks are written # error: [rule-name] 12-20 "part of the message"'
            )
        columns = (int(match["start"]), int(match["end"])) if match["start"] else None
        message = re.sub(r"\\(.)", r"\1", match["message"]) if match["message"] is not None else None
        marks.append(Mark(match["rule"], 0, columns, message))
        position = match.end()
    return marks
