"""IPython syntax: magics, shell lines and help requests, blanked out of a cell so that Python remains.

What is blanked keeps its length and its lines, so an offset in the blanked code is an offset in the cell. A statement
is replaced by a statement and an assigned value by a name, so that the code around them parses as it would have run.
The names that magics read and bind are kept, for they count as uses and assignments.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mllint.source.lexing import JOINED_LINE_END, LINE_ENDS, QUOTES, STRUCTURE, matched_end, string_end
from mllint.source.unit import Magic
from mllint.text.ranges import Range


@dataclass(frozen=True, slots=True)
class BlankedSource:
    """A cell's source as Python: ``code`` is None, and ``skipped`` says why, where the cell is not Python at all."""

    code: str | None
    magics: tuple[Magic, ...] = ()
    skipped: str | None = None


def blank_magics(source: str, offset: int = 0) -> BlankedSource:
    """Blank the IPython syntax of one cell.

    Args:
        source: the cell's source.
        offset: where the cell starts in its unit; the ranges of the magics are moved by it.
    """
    if not _MAY_HOLD_MAGIC.search(source):
        return BlankedSource(source)
    scanner = _Scanner(source, offset)
    skipped = scanner.run()
    if skipped is not None:
        return BlankedSource(None, tuple(scanner.magics), skipped)
    return BlankedSource(scanner.blanked(), tuple(scanner.magics))


#: The name that stands where a magic's value was assigned: IPython's output before last, which nobody binds.
PLACEHOLDER = "__"

_TRANSPARENT = (
    "black capture code_wrap debug heat ipytest lprun memit mprun prun pyinstrument pypy python python3 scalene snakeviz "
    "time timeit"
)
_AUTOMAGIC_WORDS = (
    "alias alias_magic autoawait autocall automagic autoreload bookmark cat cd clear code_wrap colors conda config "
    "connect_info cp debug dhist dirs doctest_mode ed edit env gui hist history killbgscripts ldir less lf lk ll load "
    "load_ext loadpy logoff logon logstart logstate logstop ls lsmagic lx macro magic mamba man matplotlib micromamba "
    "mkdir more mv notebook page pastebin pdb pdef pdoc pfile pinfo pinfo2 pip popd pprint precision prun psearch "
    "psource pushd pwd pycat pylab qtconsole quickref recall rehashx reload_ext rep rerun reset reset_selective rm "
    "rmdir run save sc set_env sx system tb time timeit unalias unload_ext uv who who_ls whos xdel xmode"
)
_SHELL = "cat cd conda cp less ls ll mamba man micromamba mkdir more mv pip pushd rm rmdir uv"
_INSPECTING = "pdef pdoc pfile pinfo pinfo2 psource page pprint xdel edit store who_ls whos"
_OPERATOR_WORDS = "and as async else for if in is not or"

#: Cell magics whose body is Python that runs in, or as if in, the notebook.
TRANSPARENT_CELL_MAGICS = frozenset(_TRANSPARENT.split())

#: Line magics that IPython understands without the percent sign, and the shell aliases it defines.
AUTOMAGICS = frozenset(_AUTOMAGIC_WORDS.split())

#: Those of them after which ``-x`` or ``/x`` is an option or a path, not a subtraction or a division.
_SHELL_WORDS = frozenset(_SHELL.split())

#: Line magics whose arguments are objects they look at.
_INSPECTING_MAGICS = frozenset(_INSPECTING.split())

#: Line magics that run the Python behind them, with the options that take a value.
_CODE_MAGICS = {
    "time": "",
    "timeit": "nrpv",
    "prun": "lsTD",
    "memit": "rtic",
    "lprun": "fmTDuz",
    "mprun": "fTc",
    "pyinstrument": "",
    "scalene": "",
    "snakeviz": "f",
}

_MAY_HOLD_MAGIC = re.compile(
    r"(?:^|\r)[ \t\f]*[%!?/,;]"  # an escape at the start of a statement
    r"|=[ \t]*(?:\\\r?\n[ \t]*)*[%!]"  # an assigned magic or shell line
    r"|\?[ \t\f]*(?:\r|$)"  # help
    rf"|(?:^|\r)(?:{'|'.join(sorted(AUTOMAGICS))})[ \t]",
    re.MULTILINE,
)
_INDENT = re.compile(r"[ \t\f]*")
_BLANK_OR_COMMENT = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")
_CELL_MAGIC = re.compile(r"[ \t]*%%(?P<name>[A-Za-z_!][\w.!]*)(?P<arguments>[^\r\n]*)")
_AUTOMAGIC = re.compile(r"(?P<word>[a-z]\w*)[ \t]+(?P<rest>[^\r\n]*)")
#: The rest of a line and of those that a backslash joins to it.
_CONTINUED_LINE = re.compile(rf"(?:[^\r\n\\]+|\\(?!\r|\n)|{JOINED_LINE_END})*")
_JOINED_SPACE = re.compile(rf"(?:[ \t\f]+|{JOINED_LINE_END})*")
_MAGIC_VALUE = re.compile(r"!|%%?[^\W\d]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_INTEREST = re.compile(rf"{STRUCTURE}|[?=]")
_OWN_COMMENT = re.compile(r"(?<=\s)#\s*mllint:[^\r\n]*")
_KEYWORD_OPERATORS = frozenset(_OPERATOR_WORDS.split())


class _Logical(NamedTuple):
    """What one logical line of Python holds: its end, and the places of IPython syntax in it."""

    end: int
    value: int | None  # where an assigned magic starts
    help_end: int | None  # where the line ends, if it ends in a question mark


class _Scanner:
    """Reads a cell from top to bottom and gathers replacements of the same length."""

    def __init__(self, source: str, offset: int) -> None:
        self.source = source
        self.offset = offset
        self.magics: list[Magic] = []
        self.replacements: list[tuple[int, int, str]] = []

    def run(self) -> str | None:
        """Read the cell; return why it is skipped, if it is."""
        position, skipped = self._cell_magics()
        if skipped is not None:
            return skipped
        while position < len(self.source):
            position = self._statement(position)
        return None

    def blanked(self) -> str:
        """Return the source with all replacements made."""
        pieces: list[str] = []
        last = 0
        for start, end, text in self.replacements:
            pieces += (self.source[last:start], text)
            last = end
        pieces.append(self.source[last:])
        return "".join(pieces)

    def _cell_magics(self) -> tuple[int, str | None]:
        """Read the cell magics at the top; transparent ones may stand below each other."""
        position = 0
        while True:
            start = position
            while (blank := _BLANK_OR_COMMENT.match(self.source, start)) is not None:
                start = blank.end()
            magic = _CELL_MAGIC.match(self.source, start)
            if magic is None or magic["arguments"].rstrip().endswith("?"):
                return position, None
            name, arguments = magic["name"], magic["arguments"]
            first = magic.start("name") - 2
            if name not in TRANSPARENT_CELL_MAGICS:
                body = self.source[magic.end() :]
                reads, binds = _cell_magic_names(name, arguments, body)
                self._record(name, first, len(self.source), reads, binds)
                return len(self.source), f"%%{name}"
            end = self._continued(first)
            reads, binds = _cell_magic_names(name, arguments, "")
            setup = _code_start(name, self.source, magic.start("arguments"), end) if name == "timeit" else None
            if setup is not None:
                self._replace(first, setup, _padded("pass", setup - first - 1) + ";")
                read, bound = _names(self.source[setup:end])
                reads, binds = reads | read, binds | bound
            else:
                self._replace(first, end, "")
            self._record(name, first, end, reads, binds)
            position = self._next_line(end)

    def _statement(self, position: int) -> int:
        """Read the logical line at ``position``; return where the next one starts."""
        source = self.source
        first = matched_end(_INDENT, source, position)
        start = source[first : first + 1]
        if start and start in "%!?/,;" and not source.startswith(("!=", "%=", "/="), first):
            return self._escaped_line(first)
        if first == position and _is_automagic(source, first):
            return self._escaped_line(first)
        line = self._logical_line(first)
        if line.value is not None:
            return self._assigned(line.value)
        if line.help_end is not None:
            text = source[first : line.help_end]
            self._record("?", first, line.help_end, _help_names(text), frozenset())
            self._replace(first, line.help_end, _statement_placeholder(text))
        return line.end

    def _escaped_line(self, first: int) -> int:
        """Blank a line magic, shell line, help request or auto-call at ``first``."""
        end = self._continued(first)
        text = self.source[first:end]
        name, arguments = _split_magic(text)
        if name == "?" or text.rstrip().endswith("?"):
            self._record("?", first, end, _help_names(text), frozenset())
            self._replace(first, end, _statement_placeholder(text))
            return self._next_line(end)
        reads, binds = _line_magic_names(name, arguments)
        code = None
        if text[0] == "%" and name in _CODE_MAGICS:
            code = _code_start(name, self.source, end - len(arguments), end)
        if code is None:
            self._replace(first, end, _statement_placeholder(text))
        else:
            read, bound = _names(self.source[code:end])
            reads, binds = reads | read, binds | bound
            self._replace(first, code, _padded("pass", code - first - 1) + ";")
        self._record(name, first, end, reads, binds)
        return self._next_line(end)

    def _assigned(self, first: int) -> int:
        """Blank the magic or shell line whose value is assigned, from ``first`` on."""
        end = self._continued(first)
        text = self.source[first:end]
        name, arguments = _split_magic(text)
        reads, binds = _line_magic_names(name, arguments)
        code = _code_start(name, self.source, end - len(arguments), end) if name == "time" else None
        if code is not None and _is_expression(self.source[code:end]):
            read, bound = _names(self.source[code:end])
            reads, binds = reads | read, binds | bound
            self._replace(first, code, "")
        else:
            self._replace(first, end, PLACEHOLDER[: end - first])
        line_start = max(self.source.rfind("\n", 0, first), self.source.rfind("\r", 0, first)) + 1
        binds |= _assigned_names(self.source[line_start:first])
        self._record(name, first, end, reads, binds)
        return self._next_line(end)

    def _logical_line(self, position: int) -> _Logical:
        """Read one logical line of Python without minding what it means."""
        source = self.source
        depth = 0
        question = -1
        while (match := _INTEREST.search(source, position)) is not None:
            token = match.group()
            position = match.end()
            if token in "([{":
                depth += 1
            elif token in ")]}":
                depth = max(depth - 1, 0)
            elif token in QUOTES:
                position = string_end(source, token, position)
            elif token == "?":
                question = position if depth == 0 else -1
            elif token == "=":
                if depth == 0 and _is_assignment(source, position):
                    value = matched_end(_JOINED_SPACE, source, position)
                    if _MAGIC_VALUE.match(source, value):
                        return _Logical(position, value, None)
            elif token in LINE_ENDS and depth == 0:
                return _Logical(position, None, self._help_end(question, match.start()))
        return _Logical(len(source), None, self._help_end(question, len(source)) if depth == 0 else None)

    def _help_end(self, question: int, end: int) -> int | None:
        """Return the end of the line if its last character is the question mark before ``question``."""
        return end if question >= 0 and not self.source[question:end].strip() else None

    def _continued(self, position: int) -> int:
        """Return the end of the physical line at ``position`` and of the lines joined to it."""
        return matched_end(_CONTINUED_LINE, self.source, position)

    def _next_line(self, end: int) -> int:
        line_end = _LINE_END.match(self.source, end)
        return end if line_end is None else line_end.end()

    def _record(self, name: str, start: int, end: int, reads: frozenset[str], binds: frozenset[str]) -> None:
        place = Range(start + self.offset, end + self.offset)
        self.magics.append(Magic(name, self.source[start:end], place, reads, binds))

    def _replace(self, start: int, end: int, text: str) -> None:
        """Replace a range by ``text`` and spaces; line ends and comments addressed to mllint stay."""
        old = self.source[start:end]
        comment = _OWN_COMMENT.search(old)
        kept = len(old) if comment is None else comment.start()
        blanked = re.sub(r"[^\r\n]", " ", old[len(text) : kept])
        self.replacements.append((start, end, text + blanked + old[kept:]))


def _is_assignment(source: str, after: int) -> bool:
    """Tell whether the equals sign before ``after`` assigns, and does not compare or assign in place."""
    return source[after : after + 1] != "=" and source[after - 2 : after - 1] not in tuple("=!<>+-*/%&|^@:")


def _is_automagic(source: str, position: int) -> bool:
    """Tell whether the line is a magic written without its percent sign and cannot be Python."""
    match = _AUTOMAGIC.match(source, position)
    if match is None or match["word"] not in AUTOMAGICS:
        return False
    rest = match["rest"].rstrip()
    if not rest:
        return False
    word = re.match(r"[^\W\d]\w*", rest)
    if word is not None:
        return word.group() not in _KEYWORD_OPERATORS
    if rest[0].isdigit() or rest[0] in "\"'$~{\\" or rest.startswith(".."):
        return True
    # An option or a path: "ls -l" and "cd /content", but "time - start" is Python.
    return match["word"] in _SHELL_WORDS and re.match(r"-{1,2}\w|[/.*][\w/*.]", rest) is not None


def _split_magic(text: str) -> tuple[str, str]:
    """Split an escaped line into the magic's name and its arguments."""
    if text[0] == "!":
        return "!", text.lstrip("!")
    if text[0] in "?/,;":
        return text[0], text[1:]
    match = re.match(r"%*\s*([^\s?]*)", text)
    assert match is not None  # the pattern matches the empty string
    return match.group(1), text[match.end() :]


def _statement_placeholder(text: str) -> str:
    """Return a statement no longer than the first line of ``text``."""
    length = len(re.split(r"[\r\n]", text, maxsplit=1)[0])
    return "pass" if length >= 4 else "..." if length == 3 else "0"


def _padded(word: str, length: int) -> str:
    return word.ljust(length)


def _code_start(name: str, source: str, start: int, end: int) -> int | None:
    """Return where, after the options of a magic, simple Python statements begin; None if there are none."""
    valued = _CODE_MAGICS.get(name, "")
    options = (
        rf"(?:[ \t]+(?:-[{valued}][ \t]*[^\s-]\S*|--?[A-Za-z][\w-]*(?=[ \t])))*"
        if valued
        else (r"(?:[ \t]+--?[A-Za-z][\w-]*(?=[ \t]))*")
    )
    code = matched_end(re.compile(options), source, start)
    code = matched_end(re.compile(r"[ \t]*"), source, code)
    if code == start or code >= end:
        return None
    tree = _parsed(source[code:end])
    if tree is None or not tree.body or any(hasattr(statement, "body") for statement in tree.body):
        return None
    return code


def _parsed(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_expression(code: str) -> bool:
    tree = _parsed(code)
    return tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)


def _names(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a piece of Python reads and binds; nothing if it does not parse."""
    tree = _parsed(code.strip())
    reads: set[str] = set()
    binds: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.alias):
            binds.add(node.asname or node.name.partition(".")[0])
    return frozenset(reads), frozenset(binds)


def _help_names(text: str) -> frozenset[str]:
    """Return the name that a help request asks about."""
    match = re.search(r"(?<![\w.%])[^\W\d]\w*(?=[\w.*\[\]]*\s*\?*\s*\Z)", text)
    return frozenset() if match is None else frozenset({match.group()})


def _line_magic_names(name: str, arguments: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a line magic or shell line reads and binds through its arguments."""
    if name in ("/", ",", ";"):
        words = re.findall(r"(?<![\w.])[^\W\d]\w*", arguments)
        return frozenset(words if name == "/" else words[:1]), frozenset()
    reads = set(_interpolated_names(arguments))
    binds: set[str] = set()
    words = arguments.split()
    plain = [word for word in words if word.isidentifier()]
    if name == "store" and "-r" in words:
        binds.update(plain)
    elif name in _INSPECTING_MAGICS:
        reads.update(word.partition(".")[0] for word in words if re.fullmatch(r"[^\W\d]\w*(?:\.\w+)*", word))
    elif name == "macro":
        binds.update(plain[:1])
    elif name in ("lprun", "mprun"):
        reads.update(re.findall(r"-f[ \t]*([^\W\d]\w*)", arguments))
    elif (query := re.search(r"(?<!\S)([^\W\d]\w*)\s*<<", arguments)) is not None:
        binds.add(query.group(1))
    if name not in _CODE_MAGICS and name != "!":
        in_names, out_names = _option_names(arguments)
        reads |= in_names
        binds |= out_names
    return frozenset(reads), frozenset(binds)


def _cell_magic_names(name: str, arguments: str, body: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a cell magic reads and binds through its first line, and those its body defines."""
    reads, binds = _line_magic_names(name, arguments)
    first = next((word for word in arguments.split() if not word.startswith("-")), "")
    if name in ("capture", "bigquery") and first.isidentifier():
        binds |= {first}
    if name == "cython":
        binds |= frozenset(re.findall(r"^(?:c?p?def|class|cdef class)\b[^=(\r\n]*?([^\W\d]\w*)\s*[(:]", body, re.M))
    reads |= frozenset(match.partition(".")[0] for match in re.findall(r"\{\{\s*([^\W\d][\w.]*)\s*\}\}", body))
    return reads, binds


def _option_names(arguments: str) -> tuple[set[str], set[str]]:
    """Return the names that ``-i x`` passes into a magic and that ``-o x``, ``--out x`` or ``--err x`` take out."""
    reads: set[str] = set()
    binds: set[str] = set()
    for option, value in re.findall(r"(?<!\S)(-i|-o|--input|--output|--out|--err)(?:[ \t]+|=)([\w,]+)", arguments):
        names = {name for name in value.split(",") if name.isidentifier()}
        (reads if option in ("-i", "--input") else binds).update(names)
    return reads, binds


def _interpolated_names(text: str) -> Iterator[str]:
    """Yield the names in ``{expression}`` and ``$name``, which IPython puts into magics and shell lines."""
    for expression in re.findall(r"(?<!\{)\{([^{}]+)\}(?!\})", text):
        for part in (expression, expression.partition("!")[0], expression.partition(":")[0]):
            if part.strip() and _parsed(part.strip()) is not None:
                yield from _names(part)[0]
                break
    yield from re.findall(r"(?<!\$)\$([^\W\d]\w*)", re.sub(r"'[^']*'", "", text))


def _assigned_names(targets: str) -> frozenset[str]:
    """Return the plain names among assignment targets such as ``a, *b =``."""
    return frozenset(re.findall(r"(?<![\w.\]])[^\W\d]\w*(?=\s*(?:=|,|\)|:|\]\s*=))", targets)) - {"else", "try"}
