"""Configuration files as they are written: the table, where its keys stand, and the file it builds on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mllint.config.errors import ConfigError
from mllint.text.toml import KeyPath, TomlError, nearest_row, parse_toml, toml_rows

#: Where the configuration stands in a ``pyproject.toml``.
SECTION = ("tool", "mllint")


class Source(NamedTuple):
    """A configuration table as it was written."""

    file: Path | str
    #: From where its paths count.
    directory: Path
    table: dict[str, Any]
    rows: dict[KeyPath, int]
    #: The path of the table in the file.
    section: tuple[str, ...]

    def row_of(self, path: KeyPath) -> int:
        """Return the row of a key of the table, or of what stands around it."""
        return nearest_row(self.rows, (*self.section, *path))


def read_source(file: Path) -> Source:
    """Read the configuration table of a file, which is empty if the file has none.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has something else in the table's place.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
        document = parse_toml(text)
    except OSError as error:
        raise ConfigError.at(file, 0, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise ConfigError.at(file, row, "is not UTF-8") from None
    except TomlError as error:
        raise ConfigError.at(file, error.row, f"is not valid TOML: {as_clause(error.message)}") from None
    section = SECTION if file.name == "pyproject.toml" else ()
    rows = toml_rows(text)
    table: Any = document
    for depth, key in enumerate(section, start=1):
        table = table.get(key, {})
        if not isinstance(table, dict):
            name = ".".join(section[:depth])
            raise ConfigError.at(file, nearest_row(rows, section[:depth]), f'"{name}" must be a table')
    return Source(file, file.parent, table, rows, section)


def row_of(file: Path, path: Sequence[str | int]) -> int:
    """Return the row of a key in a configuration file, or 0 if that cannot be told.

    Args:
        file: a configuration file.
        path: keys, and indices of list elements, from ``[tool.mllint]`` on: ``("rules", "my-rule", "level")``.
    """
    source = _source_or_none(file)
    return source.row_of(tuple(path)) if source is not None else 0


def place_of(file: Path, path: Sequence[str], value: object = None) -> tuple[Path, int]:
    """Tell where a setting was written: in a configuration file or one of those it extends.

    Args:
        file: the configuration file of the settings.
        path: keys from ``[tool.mllint]`` on.
        value: an element to look for, where the keys lead to a list.

    Returns:
        The file and the row; ``file`` and 0 if the setting is not found, as when it came from the command line.
    """
    current, seen = file, set[Path]()
    while current not in seen and (source := _source_or_none(current)) is not None:
        seen.add(current)
        found: Any = source.table
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list) and value in found:
            return current, source.row_of((*path, found.index(value)))
        if found is not None and (value is None or found == value):
            return current, source.row_of(tuple(path))
        base = source.table.get("extend")
        if not isinstance(base, str):
            break
        current = absolute_path(base, current.parent)
    return file, 0


def _source_or_none(file: Path) -> Source | None:
    try:
        return read_source(file)
    except ConfigError:
        return None


def absolute_path(path: str, directory: Path) -> Path:
    """Return ``path`` as it is meant in ``directory``, with ``~`` and environment variables expanded."""
    return Path(os.path.normpath(directory / Path(os.path.expandvars(path)).expanduser()))


def as_clause(message: str) -> str:
    """Return a parser's message as it reads after a colon."""
    return message[:1].lower() + message[1:]
