"""Files in which people write down what a project needs: packaging metadata and environments.

Nothing is run: a ``setup.py`` is read for the literals in its call of ``setup``.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mllint.project.files import ProblemLog, read_text
from mllint.project.requirements import (
    Declaration,
    conda_requirement,
    conda_specifier,
    logical_lines,
    parse_requirement,
    poetry_specifier,
)
from mllint.text.toml import KeyPath, TomlError, nearest_row, parse_toml, toml_rows


@dataclass(slots=True)
class Manifest:
    """What one file says about a project.

    ``needed`` is what the project always needs, ``optional`` what its extras and development groups need.
    ``requirement_files`` are files that it takes requirements from, ``scripts`` the modules of its commands.
    """

    path: Path
    name: str | None = None
    needed: list[Declaration] = field(default_factory=list)
    optional: list[Declaration] = field(default_factory=list)
    requires_python: str | None = None
    requirement_files: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    #: Whether the file makes the project something that can be built and installed.
    is_package: bool = False


def read_manifest(path: Path, problems: ProblemLog) -> Manifest:
    """Read a manifest of any kind that ``MANIFESTS`` names; what is wrong with it goes to ``problems``."""
    manifest = Manifest(path)
    text = read_text(path, problems)
    if text is not None:
        read = MANIFESTS.get(path.name, _read_conda_environment)
        read(text, manifest, problems)
    return manifest


# pyproject.toml, Pipfile, pixi.toml


class _Toml:
    """A TOML document read with suspicion: anything of another shape than expected is as good as absent."""

    def __init__(self, text: str, manifest: Manifest, problems: ProblemLog) -> None:
        self.manifest = manifest
        self.problems = problems
        self.rows: dict[KeyPath, int] = {}
        self.document: dict[str, Any] = {}
        try:
            self.document = parse_toml(text)
        except TomlError as error:
            problems.add(manifest.path, error.row, f"is not valid TOML: {error.message}")
        else:
            self.rows = toml_rows(text)

    def get(self, *path: str) -> Any:
        value: Any = self.document
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def table(self, *path: str) -> dict[str, Any]:
        value = self.get(*path)
        return value if isinstance(value, dict) else {}

    def text(self, *path: str) -> str | None:
        value = self.get(*path)
        return value if isinstance(value, str) else None

    def row(self, *path: str | int) -> int:
        return nearest_row(self.rows, path)

    def requirements(self, *path: str) -> Iterator[Declaration]:
        """Read a list of PEP 508 requirements."""
        values = self.get(*path)
        for index, value in enumerate(values if isinstance(values, list) else ()):
            if isinstance(value, str):
                yield from _requirement(value, self.row(*path, index), self.manifest, self.problems)


def _read_pyproject(text: str, manifest: Manifest, problems: ProblemLog) -> None:
    toml = _Toml(text, manifest, problems)
    manifest.name = toml.text("project", "name") or toml.text("tool", "poetry", "name")
    manifest.is_package = manifest.name is not None and toml.get("tool", "uv", "package") is not False
    manifest.requires_python = toml.text("project", "requires-python")
    manifest.needed += toml.requirements("project", "dependencies")
    for path in (
        ("project", "optional-dependencies"),
        ("dependency-groups",),
        ("tool", "pdm", "dev-dependencies"),
    ):
        for group in toml.table(*path):
            manifest.optional += toml.requirements(*path, group)
    manifest.optional += toml.requirements("tool", "uv", "dev-dependencies")
    for environment in toml.table("tool", "hatch", "envs"):
        for key in ("dependencies", "extra-dependencies"):
            manifest.optional += toml.requirements("tool", "hatch", "envs", environment, key)
    for path in (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts")):
        manifest.scripts += _script_modules(toml.table(*path).values())
    files = toml.get("tool", "setuptools", "dynamic", "dependencies", "file")
    manifest.requirement_files += [name for name in (files if isinstance(files, list) else [files]) if name]
    _read_poetry(toml)
    _read_pixi(toml, ("tool", "pixi"))


def _read_poetry(toml: _Toml) -> None:
    poetry = ("tool", "poetry")
    if not toml.table(*poetry):
        return
    manifest = toml.manifest
    python = toml.text(*poetry, "dependencies", "python")
    if python is not None and manifest.requires_python is None:
        manifest.requires_python = poetry_specifier(python) or None
    for declaration, is_optional in _tables(toml, (*poetry, "dependencies"), poetry_specifier):
        (manifest.optional if is_optional else manifest.needed).append(declaration)
    for path in (
        (*poetry, "dev-dependencies"),
        *((*poetry, "group", group, "dependencies") for group in toml.table(*poetry, "group")),
    ):
        manifest.optional += [declaration for declaration, _ in _tables(toml, path, poetry_specifier)]


def _read_pixi(toml: _Toml, section: tuple[str, ...]) -> None:
    tables = [section, *((*section, "feature", feature) for feature in toml.table(*section, "feature"))]
    for table in tables:
        declarations = toml.manifest.needed if table == section else toml.manifest.optional
        for key in ("dependencies", "pypi-dependencies"):
            declarations += [declaration for declaration, _ in _tables(toml, (*table, key), conda_specifier)]
    python = toml.get(*section, "dependencies", "python")
    if isinstance(python, str) and toml.manifest.requires_python is None:
        toml.manifest.requires_python = conda_specifier(python) or None


def _read_pixi_file(text: str, manifest: Manifest, problems: ProblemLog) -> None:
    _read_pixi(_Toml(text, manifest, problems), ())


def _read_pipfile(text: str, manifest: Manifest, problems: ProblemLog) -> None:
    toml = _Toml(text, manifest, problems)
    manifest.needed += [declaration for declaration, _ in _tables(toml, ("packages",), poetry_specifier)]
    manifest.optional += [declaration for declaration, _ in _tables(toml, ("dev-packages",), poetry_specifier)]
    python = toml.text("requires", "python_version") or toml.text("requires", "python_full_version")
    manifest.requires_python = poetry_specifier(f"{python}.*" if python and python.count(".") == 1 else python or "")
    manifest.requires_python = manifest.requires_python or None


def _tables(toml: _Toml, path: tuple[str, ...], convert: Any) -> Iterator[tuple[Declaration, bool]]:
    """Read a table of names and versions; yield each with whether it is optional.

    A value is a version, a table with a version or a location, or a list of such tables for several environments.
    """
    for name, value in toml.table(*path).items():
        row = toml.row(*path, name)
        for item in value if isinstance(value, list) else [value]:
            version, url, marker, is_optional = item, None, "", False
            if isinstance(item, dict):
                version = item.get("version", "")
                url = next(
                    (item[key] for key in ("git", "url", "path", "file") if isinstance(item.get(key), str)), None
                )
                marker = _marker(item)
                is_optional = item.get("optional") is True
            if name.lower() == "python" or not isinstance(version, str):
                continue
            try:
                named = parse_requirement(name, row)
            except ValueError as error:
                toml.problems.add(toml.manifest.path, row, str(error))
                continue
            if named is not None:
                yield named._replace(specifier=convert(version), url=url, marker=marker), is_optional


def _marker(item: Mapping[str, Any]) -> str:
    """Return the marker of a dependency table; Poetry's ``python`` is a marker in its own notation."""
    marker, python = item.get("markers"), item.get("python")
    if isinstance(marker, str):
        return marker
    if not isinstance(python, str):
        return ""
    clauses = re.findall(r"([<>=!~]=?)([0-9.]+)", poetry_specifier(python))
    return " and ".join(f'python_version {operator} "{version.rstrip(".")}"' for operator, version in clauses)


# setup.cfg and setup.py


def _read_setup_cfg(text: str, manifest: Manifest, problems: ProblemLog) -> None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        row = getattr(error, "lineno", None) or next(iter(getattr(error, "errors", ())), (0,))[0]
        problems.add(manifest.path, row, "is not a valid configuration file")
        return
    options = dict(parser["options"]) if parser.has_section("options") else {}
    manifest.name = parser.get("metadata", "name", fallback=None)
    manifest.is_package = manifest.name is not None
    manifest.requires_python = options.get("python_requires")
    lines = text.split("\n")

    def declarations(value: str | None) -> Iterator[Declaration]:
        if value is not None and value.strip().startswith("file:"):
            manifest.requirement_files.extend(re.split(r"[,\s]+", value.strip().removeprefix("file:").strip()))
            return
        # On one line, setuptools takes semicolons for separators.
        separated = (value or "").replace(";", "\n") if "\n" not in (value or "").strip() else value or ""
        for _, line in logical_lines(separated):
            row = next((index for index, other in enumerate(lines, start=1) if line in other), 0)
            yield from _requirement(line, row, manifest, problems)

    manifest.needed += declarations(options.get("install_requires"))
    if parser.has_section("options.extras_require"):
        for value in dict(parser["options.extras_require"]).values():
            manifest.optional += declarations(value)
    if parser.has_section("options.entry_points"):
        for value in dict(parser["options.entry_points"]).values():
            manifest.scripts += _script_modules((value or "").split("\n"))


def _read_setup_py(text: str, manifest: Manifest, problems: ProblemLog) -> None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problems.add(manifest.path, getattr(error, "lineno", None) or 0, "is not Python that can be read")
        return
    literals = _SetupLiterals(tree)
    call = next(
        (
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) == "setup"
        ),
        None,
    )
    if call is None:
        return
    arguments = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    manifest.is_package = True

    def declarations(node: ast.expr | None) -> Iterator[Declaration]:
        for text, row in literals.strings(node):
            yield from _requirement(text, row, manifest, problems)

    manifest.name = next((text for text, _ in literals.strings(arguments.get("name"))), None)
    manifest.requires_python = next((text for text, _ in literals.strings(arguments.get("python_requires"))), None)
    manifest.needed += declarations(arguments.get("install_requires"))
    for group in literals.values(arguments.get("extras_require")):
        manifest.optional += declarations(group)
    for group in literals.values(arguments.get("entry_points")):
        manifest.scripts += _script_modules(text for text, _ in literals.strings(group))


class _SetupLiterals:
    """Reads the strings that stand in expressions of a ``setup.py``, following names of the module's own literals."""

    def __init__(self, tree: ast.Module) -> None:
        self.names: dict[str, ast.expr] = {}
        self.items: dict[str, list[ast.expr]] = {}
        for statement in tree.body:
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        self.names[target.id] = statement.value
                    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                        self.items.setdefault(target.value.id, []).append(statement.value)
        #: Requirements in any list of strings of the module, by their name, for `deps["numpy"]`.
        self.listed: dict[str, tuple[str, int]] = {}
        for value in self.names.values():
            if isinstance(value, ast.List | ast.Tuple):
                for text, row in self.strings(value):
                    name = re.match(r"[A-Za-z0-9._-]+", text)
                    if name is not None:
                        self.listed.setdefault(name[0].lower(), (text, row))

    def strings(self, node: ast.expr | None, depth: int = 0) -> list[tuple[str, int]]:
        """Return the strings that a value is or holds, with their rows; what is not literal is passed over."""
        if depth > 20:
            return []
        match node:
            case ast.Constant(value=str(text)):
                return [(text, node.lineno)]
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return [string for item in items for string in self.strings(item, depth + 1)]
            case ast.Name(id=name) if name in self.names:
                return self.strings(self.names[name], depth + 1)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self.strings(left, depth + 1) + self.strings(right, depth + 1)
            case ast.Starred(value=value):
                return self.strings(value, depth + 1)
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                return [self.listed[name.lower()]] if name.lower() in self.listed else []
            case ast.Call(func=ast.Name(id="list" | "set" | "sorted" | "tuple"), args=[value]):
                return self.strings(value, depth + 1)
            case ast.Call(args=items):  # a helper that picks from the module's list: deps_list("numpy", "scipy")
                names = [string.lower() for item in items for string, _ in self.strings(item, depth + 1)]
                return [self.listed[name] for name in names if name in self.listed]
        return []

    def values(self, node: ast.expr | None) -> list[ast.expr]:
        """Return the values of a literal dictionary, or of a named one that is also filled key by key."""
        values: list[ast.expr] = []
        if isinstance(node, ast.Name):
            values += self.items.get(node.id, [])
            node = self.names.get(node.id)
        return [*node.values, *values] if isinstance(node, ast.Dict) else values


# environment.yml


def _read_conda_environment(text: str, manifest: Manifest, problems: ProblemLog) -> None:
    import yaml  # type: ignore[import-untyped,unused-ignore]

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Nodes instead of values: they have rows, and versions such as 1.10 stay what was written.
        document = next(iter(yaml.compose_all(text, Loader=loader)), None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = min(mark.line, text.count("\n")) + 1 if mark is not None else 0  # libyaml may point below the last line
        problems.add(manifest.path, row, "is not valid YAML")
        return
    except (ValueError, RecursionError):
        problems.add(manifest.path, 0, "is not valid YAML")
        return
    for item in _sequence(_entry(document, "dependencies")):
        row = item.start_mark.line + 1
        if isinstance(item, yaml.ScalarNode):
            declaration = conda_requirement(item.value, row)
            if declaration is None or not item.value.strip():
                problems.add(manifest.path, row, f'"{item.value[:60]}" is not a package')
            elif declaration.name == "python":
                manifest.requires_python = declaration.specifier or None
            elif declaration.name != "pip":
                manifest.needed.append(declaration)
        for line in _sequence(_entry(item, "pip")):
            if isinstance(line, yaml.ScalarNode):
                included = re.match(r"(?:-r|--requirement)[ =]*(\S+)", line.value)
                if included is not None:
                    manifest.requirement_files.append(included[1])
                else:
                    manifest.needed += _requirement(line.value, line.start_mark.line + 1, manifest, problems)


def _entry(node: Any, key: str) -> Any:
    """Return the value of a key of a YAML mapping node, or None."""
    for name, value in node.value if getattr(node, "id", None) == "mapping" else ():
        if name.value == key:
            return value
    return None


def _sequence(node: Any) -> list[Any]:
    return list(node.value) if getattr(node, "id", None) == "sequence" else []


#: The manifests that have a name of their own, and how each is read.
MANIFESTS = {
    "pyproject.toml": _read_pyproject,
    "setup.cfg": _read_setup_cfg,
    "setup.py": _read_setup_py,
    "Pipfile": _read_pipfile,
    "pixi.toml": _read_pixi_file,
}


def _requirement(text: str, row: int, manifest: Manifest, problems: ProblemLog) -> Iterator[Declaration]:
    """Parse what may have the options of a requirements file; a text that is no requirement is a problem."""
    text = re.sub(r"^(?:-e|--editable)[ =]\s*", "", text.strip())
    if not text or text.startswith("-"):
        return
    try:
        declaration = parse_requirement(text, row)
    except ValueError as error:
        problems.add(manifest.path, row, str(error))
        return
    if declaration is not None:
        yield declaration


def _script_modules(entries: Iterable[Any]) -> list[str]:
    """Return the modules of entry points: ``pkg.cli`` of ``command = pkg.cli:main``."""
    modules = []
    for entry in entries:
        match = re.fullmatch(r"\s*(?:[^=]+=)?\s*([A-Za-z_][\w.]*)\s*:.*", entry) if isinstance(entry, str) else None
        if match is not None:
            modules.append(match[1])
    return modules
