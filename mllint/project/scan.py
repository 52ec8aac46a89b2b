"""What a single Python file tells about imports and calls, as cheaply as it can be found out.

Imports are read from the lines that hold them; a file is parsed, by CPython's ``ast``, only when its calls are asked
for. What a file says depends on nothing but its text and its place, so it can be kept between runs.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

import msgspec

#: The keys of what a module runs outside its functions: on import, and only as the script.
TOP_LEVEL = ""
MAIN_GUARD = "__main__"


class FileScan(msgspec.Struct, array_like=True):
    """The imports of a file and some marks of a script.

    ``aliases`` maps the names that imports bind to the absolute names they stand for, ``stars`` are modules that all
    names are imported from. ``mentions_seeder`` tells whether the text names any seeding function.
    """

    imports: list[str] = []
    aliases: dict[str, str] = {}
    stars: list[str] = []
    has_main_guard: bool = False
    runs_code: bool = False
    mentions_seeder: bool = False


class FileCalls(msgspec.Struct, array_like=True):
    """The calls in a file by the function that makes them, ``Class.method`` for methods.

    Each call is the dotted name as written, with ``self`` and ``cls`` replaced by the class. ``defined`` are the
    functions and classes of the module.
    """

    calls: dict[str, list[str]] = {}
    defined: list[str] = []


_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t(\\]|import[ \t]+\w)", re.MULTILINE)
_STRING_OR_COMMENT = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*(?:"""|\Z)'
    r"|'''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*"?'
    r"|'(?:[^'\\\n]|\\.)*'?"
    r"|#[^\n]*",
    re.DOTALL,
)
_IMPORTED_NAME = re.compile(r"(\w+)(?:\s+as\s+(\w+))?\Z")
_IMPORTED_MODULE = re.compile(r"([\w.]+)(?:\s+as\s+(\w+))?\Z")
_MAIN_GUARD = re.compile(r"""^if\s*\(?\s*(?:__name__\s*==\s*["']__main__["']|["']__main__["']\s*==\s*__name__)""", re.M)
_STATEMENT = re.compile(
    r"^(?:(?:for|while|with)\b|(?!(?:assert|del|elif|except|if|return)\b)[A-Za-z_][\w.]*\s*\()", re.M
)


class SeederWords:
    """Tells whether a text may call one of ``seeders``, going by their last names."""

    def __init__(self, seeders: Iterable[str]) -> None:
        self.words = sorted({name.rpartition(".")[2] for name in seeders})
        self.pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, self.words))})(?:\s*\(|\s+as\b)")

    def may_be_called_in(self, text: str) -> bool:
        """Tell whether one of the words is called or renamed in ``text``."""
        # Looking for plain words first is ten times as fast, and most files hold none.
        return any(word in text for word in self.words) and self.pattern.search(text) is not None


def scan_file(text: str, package: str, seeders: SeederWords) -> FileScan:
    """Read the imports of a file.

    Args:
        text: the file; it need not be valid Python.
        package: the dotted name of the package it belongs to, from which relative imports count.
        seeders: the names of seeding functions.
    """
    scan = FileScan(mentions_seeder=seeders.may_be_called_in(text))
    hidden = _HiddenText(text)
    for match in _IMPORT.finditer(text):
        if match.start() in hidden:
            continue
        if match[1] is None:
            _read_import(text, match.end() - 1, scan)
        else:
            _read_from_import(text, match[1], match.end() - 1, package, scan)
    scan.imports = list(dict.fromkeys(scan.imports))
    if "__main__" in text:
        scan.has_main_guard = any(match.start() not in hidden for match in _MAIN_GUARD.finditer(text))
    if not scan.has_main_guard:
        scan.runs_code = any(match.start() not in hidden for match in _STATEMENT.finditer(text))
    return scan


class _HiddenText:
    """The strings of a text that span lines, found when first asked for; a statement that starts in one is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ends: list[int] | None = None
        self.starts: list[int] = []
        self.first = min((at for quote in ('"""', "'''") if (at := text.find(quote)) != -1), default=len(text))

    def __contains__(self, offset: int) -> bool:
        if offset <= self.first:
            return False
        if self.ends is None:
            self.ends = []
            for match in _STRING_OR_COMMENT.finditer(self.text):
                start, end = match.span()
                if end - start > 6 and self.text.startswith(('"""', "'''"), start):
                    self.starts.append(start)
                    self.ends.append(end)
        index = bisect_right(self.starts, offset) - 1
        return index >= 0 and offset < self.ends[index]


def _read_import(text: str, start: int, scan: FileScan) -> None:
    for part in _statement(text, start).split(","):
        match = _IMPORTED_MODULE.match(part.strip())
        if match is not None:
            name, alias = match.groups()
            scan.imports.append(name)
            scan.aliases[alias or name.partition(".")[0]] = name if alias else name.partition(".")[0]


def _read_from_import(text: str, module: str, start: int, package: str, scan: FileScan) -> None:
    base = resolve_relative(module, package)
    if base is None:
        return
    if text[start] != "(":
        start += 1
    names = _statement(text, start).strip().strip("()")
    if names.strip() == "*":
        scan.stars.append(base)
        scan.imports.append(base)
        return
    for part in names.split(","):
        match = _IMPORTED_NAME.match(part.strip())
        if match is not None:
            name, alias = match.groups()
            absolute = f"{base}.{name}" if base else name
            scan.imports.append(absolute)
            scan.aliases[alias or name] = absolute


def _statement(text: str, start: int) -> str:
    """Return the rest of an import statement on one line, without comments."""
    end = text.find("\n", start)
    line = text[start : end if end != -1 else len(text)]
    if "(" in line.partition("#")[0]:
        closing = text.find(")", start)
        limit = min(closing if closing != -1 else len(text), start + 50_000)
        return re.sub(r"#[^\n]*", "", text[start : limit + 1]).replace("\n", " ")
    while line.endswith("\\") and end != -1:
        start, end = end + 1, text.find("\n", end + 1)
        line = line[:-1] + text[start : end if end != -1 else len(text)]
    return re.split(r"[#;]", line, maxsplit=1)[0]


def resolve_relative(module: str, package: str) -> str | None:
    """Return the absolute name of ``module`` as ``package`` imports it; None if it leaves the project."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level == 0:
        return module
    parts = package.split(".") if package else []
    if level - 1 > len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def read_calls(content: bytes) -> FileCalls | None:
    """Read who calls what in a file; None if CPython does not parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
        reader = _CallReader()
        reader.read_body(tree.body, TOP_LEVEL)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return FileCalls(
        {function: list(dict.fromkeys(calls)) for function, calls in reader.calls.items()}, list(reader.defined)
    )


class _CallReader:
    """Collects calls; what a nested function or a lambda calls counts as called by the function around it."""

    def __init__(self) -> None:
        self.calls: dict[str, list[str]] = {}
        self.defined: dict[str, None] = {}

    def read_body(self, body: list[ast.stmt], owner: str, in_class: str | None = None) -> None:
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{in_class}.{statement.name}" if in_class else statement.name
                self.defined[name] = None
                for node in [*statement.decorator_list, statement.args]:
                    self.read_calls(node, owner, None)
                for inner in statement.body:
                    self.read_calls(inner, name, in_class)
            elif isinstance(statement, ast.ClassDef):
                name = f"{in_class}.{statement.name}" if in_class else statement.name
                self.defined[name] = None
                for node in [*statement.decorator_list, *statement.bases]:
                    self.read_calls(node, owner, None)
                self.read_body(statement.body, owner, name)
            elif isinstance(statement, ast.If | ast.Try | ast.With):
                guarded = isinstance(statement, ast.If) and "__main__" in ast.dump(statement.test)
                for field, value in ast.iter_fields(statement):
                    inner_owner = MAIN_GUARD if guarded and field == "body" else owner
                    for node in value if isinstance(value, list) else [value]:
                        if isinstance(node, ast.stmt):
                            self.read_body([node], inner_owner, in_class)
                        elif isinstance(node, ast.ExceptHandler):
                            self.read_body(node.body, inner_owner, in_class)
                        elif isinstance(node, ast.AST):
                            self.read_calls(node, inner_owner, in_class)
            else:
                self.read_calls(statement, owner, in_class)

    def read_calls(self, root: ast.AST, owner: str, in_class: str | None) -> None:
        calls = self.calls.setdefault(owner, [])
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Call):
                name = _dotted(node.func)
                if name is not None:
                    first, _, rest = name.partition(".")
                    if first in ("self", "cls") and rest and in_class:
                        name = f"{in_class}.{rest}"
                    calls.append(name)
            type_ = node.__class__
            fields = _CHILD_FIELDS.get(type_)
            if fields is None:
                fields = _CHILD_FIELDS[type_] = tuple(name for name in node._fields if name not in _WITHOUT_CALLS)
            for field in fields:
                value: Any = getattr(node, field, None)
                if value.__class__ is list:
                    waiting += [item for item in value if item.__class__ not in _LEAVES]
                elif value.__class__ not in _LEAVES:
                    waiting.append(value)


#: What holds no call, and is most of a tree: to walk over all of it takes three times as long.
_LEAVES = frozenset({ast.Name, ast.Constant, ast.alias, ast.Pass, str, int, bool, type(None)})
_WITHOUT_CALLS = frozenset({"attr", "ctx", "id", "kind", "lineno", "name", "names", "op", "ops", "type_comment"})
_CHILD_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
