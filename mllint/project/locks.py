"""Lock files: the exact versions that a tool chose.

They are written by machines and are often long, so they are scanned for the few lines that matter instead of parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.project.files import ProblemLog, read_text
from mllint.project.requirements import Declaration


def read_lock_file(path: Path, problems: ProblemLog) -> list[Declaration]:
    """Return what a lock file fixes, each distribution once with its newest version."""
    text = read_text(path, problems)
    if text is None:
        return []
    conflict = re.search(r"^(?:<{7}|>{7}) ", text, re.MULTILINE)
    if conflict is not None:
        problems.add(path, _row(text, conflict.start()), "holds an unresolved merge conflict")
    newest: dict[str, tuple[Version, Declaration]] = {}
    for offset, name, version in LOCK_FILES[path.name](text):
        parsed = _parsed(version)
        if parsed is None:
            continue
        declaration = Declaration(str(canonicalize_name(name)), f"=={version}", row=offset)
        known = newest.get(declaration.name)
        if known is None or known[0] < parsed:
            newest[declaration.name] = (parsed, declaration)
    if not newest and text.strip():
        _check(path, text, problems)
    return [declaration._replace(row=_row(text, declaration.row)) for _, declaration in newest.values()]


_TOML_PACKAGE = re.compile(r"^\[\[packages?\]\][ \t]*\r?\n((?:(?!\[\[packages?\]\]).*\n?)*?)(?=^\[|\Z)", re.MULTILINE)
_TOML_NAME = re.compile(r'^name\s*=\s*"([^"\n]+)"', re.MULTILINE)
_TOML_VERSION = re.compile(r'^version\s*=\s*"([^"\n]+)"', re.MULTILINE)
_TOML_OWN = re.compile(r"^source\s*=\s*\{[^}\n]*\b(?:virtual|editable)\s*=", re.MULTILINE)
_PIPFILE_ENTRY = re.compile(r'^ {8}"([^"\n]+)": \{((?:(?!^ {8}\}).*\n)*)', re.MULTILINE)
_PIPFILE_VERSION = re.compile(r'^\s*"version":\s*"==([^"\n]+)"', re.MULTILINE)
_YAML_ENTRY = re.compile(r"^( *)- name: *['\"]?([^'\"\s]+)['\"]? *\r?\n((?:\1  .*\n?)*)", re.MULTILINE)
_YAML_VERSION = re.compile(r"^ *version: *['\"]?([^'\"\s]+)", re.MULTILINE)


def _toml_packages(text: str) -> Iterator[tuple[int, str, str]]:
    for package in _TOML_PACKAGE.finditer(text):
        name, version = _TOML_NAME.search(package[1]), _TOML_VERSION.search(package[1])
        if name is not None and version is not None and _TOML_OWN.search(package[1]) is None:
            yield package.start(1) + name.start(), name[1], version[1]


def _pipfile_packages(text: str) -> Iterator[tuple[int, str, str]]:
    for entry in _PIPFILE_ENTRY.finditer(text):
        version = _PIPFILE_VERSION.search(entry[2])
        if version is not None:
            yield entry.start(), entry[1], version[1]


def _conda_packages(text: str) -> Iterator[tuple[int, str, str]]:
    for entry in _YAML_ENTRY.finditer(text):
        version = _YAML_VERSION.search(entry[3])
        if version is not None:
            yield entry.start(), entry[2], version[1]


#: How each lock file is scanned: offset, name and version of every package.
LOCK_FILES: dict[str, Callable[[str], Iterator[tuple[int, str, str]]]] = {
    "uv.lock": _toml_packages,
    "poetry.lock": _toml_packages,
    "pdm.lock": _toml_packages,
    "pylock.toml": _toml_packages,
    "Pipfile.lock": _pipfile_packages,
    "conda-lock.yml": _conda_packages,
}


def _check(path: Path, text: str, problems: ProblemLog) -> None:
    """Say why nothing was found in a lock file, if that is because it is broken."""
    if path.suffix == ".yml":
        return
    if path.name == "Pipfile.lock":
        import msgspec

        try:
            msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            problems.add(path, 0, "is not valid JSON")
        return
    from mllint.text.toml import TomlError, parse_toml

    try:
        parse_toml(text)
    except TomlError as error:
        problems.add(path, error.row, f"is not valid TOML: {error.message}")


def _row(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _parsed(version: str) -> Version | None:
    try:
        return Version(version)
    except InvalidVersion:
        return None
