"""Units from files, and LibCST modules from the cells of a unit."""

from __future__ import annotations

import ast
import gc
import re
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mllint.source import guard
from mllint.source.notebook import clean_text, read_notebook
from mllint.source.python import read_python
from mllint.source.unit import Cell, Problem, Unit, UnitKind
from mllint.text.ranges import LineIndex, Range

if TYPE_CHECKING:
    import libcst as cst


def read_unit(path: Path, name: str, data: bytes | None = None) -> Unit:
    """Read a file as a unit; what goes wrong becomes a problem of the unit.

    Args:
        path: where the file lies; its suffix tells a notebook from a script.
        name: how the file is shown.
        data: the file's content; it is read from disk if None.
    """
    is_notebook = path.suffix == ".ipynb"
    if data is None:
        try:
            data = path.read_bytes()
        except OSError as error:
            kind: UnitKind = "notebook" if is_notebook else "stub" if path.suffix == ".pyi" else "script"
            return Unit(path, name, kind, "", [], [Problem("unreadable-file", unreadable(error))])
    return read_notebook(path, name, data) if is_notebook else read_python(path, name, data)


def unreadable(error: OSError) -> str:
    """Say in one line why a file cannot be read."""
    reason = error.strerror or str(error)
    return f"the file cannot be read: {reason[:1].lower()}{reason[1:]}"


def parse_unit(unit: Unit) -> None:
    """Parse every Python cell of ``unit``.

    Offsets in a cell's module plus the cell's start are offsets in the unit's text. A cell that does not parse, or
    that the parser would not survive, leaves a problem and the names it binds as far as they can be read.
    """
    for cell in unit.cells:
        if cell.code is None:
            continue
        problem = guard.check(cell.code) or _parse_cell(unit, cell, cell.code)
        if problem is not None:
            place = problem.range or Range(0, len(cell.code))
            problem.range = Range(place.start + cell.start, place.end + cell.start)
            unit.problems.append(problem)
            cell.salvaged_names = salvaged_names(cell.code)
            if problem.kind == "invalid-syntax" and unit.is_notebook:
                _mend(cell, cell.code)


class ParseBurst(ExitStack):
    """Tunes Python for making and dropping many trees, from :meth:`begin` until the ``with`` block ends.

    Trees are free at once when they are dropped, so frequent collections of garbage only walk them in vain. And LibCST
    validates every node that is made; what its own parser makes is valid.
    """

    _has_begun = False

    def begin(self) -> None:
        """Tune Python, if that is not done yet; this imports LibCST."""
        if self._has_begun:
            return
        import libcst as cst

        self._has_begun = True
        self.callback(gc.set_threshold, *gc.get_threshold())
        self.callback(gc.unfreeze)
        self.callback(setattr, cst.CSTNode, "__post_init__", cst.CSTNode.__post_init__)
        gc.freeze()
        gc.set_threshold(1_000_000, 20, 100)
        cst.CSTNode.__post_init__ = lambda node: None  # type: ignore[method-assign, assignment]


def _parse_cell(unit: Unit, cell: Cell, code: str) -> Problem | None:
    """Set the cell's module; the range of a problem is one in ``code``."""
    import libcst as cst

    try:
        cell.code, cell.module = _parse_module(code)
    except cst.ParserSyntaxError as error:
        stripped = _as_ipython_reads(code) if unit.is_notebook else None
        if stripped is not None:
            if len(stripped.split("\n")) >= _SHORT_CELL:
                _mend(cell, code, at_most=1)
            if cell.mended:
                return None
            cell.skipped = "indentation or prompts that only IPython accepts"
            cell.salvaged_names = salvaged_names(stripped)
            return None
        return _syntax_problem(code, error)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the native parser is not an Exception
        return Problem("too-complex", f"not analysed: the parser failed on this code ({type(error).__name__})")
    if cell.module is None:
        return Problem("too-complex", "not analysed: the parser does not keep this code as it is written")
    return None


#: More broken lines than these are no slip or old habit: the cell is not Python.
_MOST_BROKEN_LINES = 25
#: In a cell of so many lines, an indent that only IPython accepts costs one of them.
_SHORT_CELL = 4


def _mend(cell: Cell, code: str, at_most: int = _MOST_BROKEN_LINES) -> None:
    """Parse a cell without the lines that do not parse, so that what the others do is known."""
    import libcst as cst

    mended = without_broken_lines(code, at_most)
    if mended is None:
        return
    try:
        cell.code, cell.module = _parse_module(mended)
    except cst.ParserSyntaxError:
        return
    cell.mended = cell.module is not None


def without_broken_lines(code: str, at_most: int) -> str | None:
    """Return code of the same length in which lines that Python cannot read do nothing; None if these are too many."""
    lines = code.split("\n")
    for _ in range(at_most + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse("\n".join(lines))
        except SyntaxError as error:
            row = min(max(error.lineno or 1, 1), len(lines)) - 1
            line = lines[row].rstrip("\r")
            indent = line[: len(line) - len(line.lstrip())]
            room = len(line) - len(indent)
            if line.rstrip().endswith(":") or not room or line.strip() in ("pass", "0"):
                return None
            nothing = "" if isinstance(error, IndentationError) else "pass" if room >= 4 else "0"
            lines[row] = indent + nothing.ljust(room) + lines[row][len(line) :]
        except (ValueError, RecursionError, MemoryError):
            return None
        else:
            return "\n".join(lines)
    return None


def _parse_module(code: str) -> tuple[str, cst.Module | None]:
    """Parse code so that the module gives it back, up to white space at its end.

    Returns:
        The code as it was parsed, of the same length as ``code``, and the module; None if it gives back other code,
        so that no offset in it could be trusted.
    """
    import libcst as cst

    if not code.isascii():
        code = clean_text(code)
    body = _without_final_space(code)
    tail = _tail(body)
    module = cst.parse_module(body)
    if not (_ODD_LAYOUT.search(body) or _INDENT.search(body, tail)) or module.code == body:
        return code, module
    body = _even_layout(body, tail)
    module = cst.parse_module(body)
    return body + code[len(body) :], module if module.code == body else None


#: Layout that LibCST does not always give back: form feeds, lone carriage returns, byte order marks, and a backslash
#: that joins nothing; besides these, what is indented behind the last statement.
_ODD_LAYOUT = re.compile(r"[\f\ufeff]|\r(?!\n)|^[ \t]*\\\r?$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t\f]", re.MULTILINE)
_FORM_FEEDS = re.compile(r"^[ \t\f]*\f", re.MULTILINE)
_EMPTY_JOINS = re.compile(r"(?<!\\\n)(?<!\\\r\n)^(?:[ \t]*\\\r?\n)+", re.MULTILINE)


def _even_layout(code: str, tail: int) -> str:
    """Return code of the same length and meaning with a layout that LibCST gives back."""
    end = _INDENT.sub("#", code[tail:])
    code = _FORM_FEEDS.sub(lambda match: match.group().replace("\f", "\n"), code[:tail])
    return _EMPTY_JOINS.sub(lambda match: match.group().replace("\\", " "), code) + end


def _tail(code: str) -> int:
    """Return where the blank lines and comments behind the last statement start."""
    start = len(code)
    while start > 0:
        line_start = code.rfind("\n", 0, start - 1) + 1
        line = code[line_start:start].strip()
        if line and not line.startswith("#"):
            break
        start = line_start
    return start


def _without_final_space(code: str) -> str:
    """Return ``code`` without white space at its end that LibCST might not give back."""
    body = code.rstrip(" \t\r\n\f")
    return code if code[len(body) :] in ("", "\n", "\r\n") and not body.endswith("\\") else body


_PROMPT = re.compile(r"^(?:>>> ?|\.\.\.(?: |$)|In \[\d+\]: |\s*\.\.\.+: )", re.MULTILINE)


def _as_ipython_reads(code: str) -> str | None:
    """Return a cell without the indent or the prompts of a copied session that IPython removes; None if that is not it."""
    stripped = _PROMPT.sub("", code)
    indent = re.match(r"\s*?([ \t]*)\S", stripped)
    if indent is not None and indent.group(1):
        stripped = re.sub(rf"^{indent.group(1)}", "", stripped, flags=re.MULTILINE)
    return stripped if stripped.strip() and stripped != code and _python_error(stripped) is None else None


def _syntax_problem(code: str, error: cst.ParserSyntaxError) -> Problem:
    """Make a problem of a syntax error, as Python itself words and places it if it finds one too."""
    found = _python_error(code)
    if found is not None:
        return found
    reason = error.message.splitlines()[0].removeprefix("tokenizer error: ")
    match = re.match(r"parser error: error at (\d+):(\d+)", reason)
    if match is None:
        return Problem("invalid-syntax", reason[:1].lower() + reason[1:])
    lines = LineIndex(code)
    row, column = int(match.group(1)), int(match.group(2))
    if row > len(lines) or not code[lines.offset(row) :].strip():
        return Problem("invalid-syntax", "unexpected end of the code", Range(len(code.rstrip()), len(code)))
    line = lines.line_range(row)
    end = min(line.start + column, line.end)
    token = re.search(r"\w+$|\S$", code[line.start : end])
    start = end if token is None else line.start + token.start()
    return Problem(
        "invalid-syntax", f"unexpected {code[start:end]!r}" if start < end else "invalid syntax", Range(start, end)
    )


def _python_error(code: str) -> Problem | None:
    """Return the syntax error that the running Python finds in ``code``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except SyntaxError as error:
        lines = LineIndex(code)
        start = _offset(lines, error.lineno, error.offset)
        end = _offset(lines, error.end_lineno, error.end_offset)
        if end <= start:  # only a place: point at the token there
            token = re.compile(r"\w+|\S|").match(code, start)
            end = start if token is None else token.end()
        message = re.sub(r" \(detected at line \d+\)", "", str(error.msg).splitlines()[0])
        return Problem("invalid-syntax", message, Range(start, end))
    except (ValueError, RecursionError, MemoryError):
        pass
    return None


def _offset(lines: LineIndex, row: int | None, column: int | None) -> int:
    """Return the offset of a place in a syntax error, which may lie outside the text."""
    row = min(max(row or 1, 1), len(lines))
    start, end = lines.line_range(row)
    return min(start + max(column or 1, 1) - 1, end)


_NAME = r"[^\W\d]\w*"
_BINDING = re.compile(
    rf"""^[ \t]*(?:
        (?:async[ ]+)?def[ \t]+(?P<def>{_NAME})
      | class[ \t]+(?P<class>{_NAME})
      | from[ \t]+[.\w]+[ \t]+import[ \t]*\(?(?P<names>[\w, \t]+)
      | import[ \t]+(?P<modules>[\w., \t]+)
      | (?:async[ ]+)?for[ \t]+(?P<for>[\w(][\w, \t()]*?)[ \t]+in\b
      | with\b.*?\bas[ \t]+(?P<with>{_NAME})
      | (?P<targets>[\w(*\[][\w, \t()*\[\]]*?)[ \t]*(?::[^=\n]+)?=(?!=)
    )""",
    re.MULTILINE | re.VERBOSE,
)


def salvaged_names(code: str) -> frozenset[str]:
    """Return the names that code which does not parse would bind, as far as its lines show them."""
    names: set[str] = set()
    for match in _BINDING.finditer(code):
        for part in (match["def"], match["class"], match["with"]):
            if part:
                names.add(part)
        for imported in (match["names"] or match["modules"] or "").split(","):
            original, _, alias = imported.strip().partition(" as ")
            names.add((alias or original).strip().partition(".")[0])
        for targets in (match["for"], match["targets"]):
            if targets and not re.search(r"\w\s*[(\[]", targets):
                names.update(re.findall(_NAME, targets))
    return frozenset(name for name in names if name.isidentifier())
