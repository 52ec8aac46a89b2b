"""Checks what a configuration file says, and tells everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from mllint.config.errors import did_you_mean
from mllint.config.schema import Options, describe, option_types
from mllint.text.toml import KeyPath

#: Keys by which another program of the same name is configured in ``[tool.mllint]``.
_FOREIGN_KEYS = ("code-quality", "git")
_FOREIGN_RULE_KEYS = ("enabled", "disabled", "custom")


class Finding(NamedTuple):
    """Something to say about the value at ``path``."""

    path: KeyPath
    message: str


class Validated(NamedTuple):
    """The options of a table as far as they are right, what is wrong, and what deserves a warning."""

    options: Options
    errors: list[Finding]
    warnings: list[Finding]


def validate(table: Mapping[str, Any], *, may_run_python: bool) -> Validated:
    """Check a configuration table.

    Args:
        table: the parsed ``[tool.mllint]``, or the whole of ``mllint.toml``.
        may_run_python: whether the table comes from outside the analysed tree, so that it may name Python rules.
    """
    right: dict[str, Any] = {}
    errors: list[Finding] = []
    own, foreign = _without_foreign_keys(table)
    for name, value in own.items():
        option = option_types().get(name)
        if option is None:
            errors.append(Finding((name,), f'unknown key "{name}"' + did_you_mean(name, option_types())))
            continue
        wrong = list(_mismatches(value, option.type, (name,)))
        if name == "python-rules" and not may_run_python:
            wrong = [Finding((name,), f'"{name}" is taken from the user-level configuration and the command line only')]
        errors += wrong
        if not wrong:
            right[name] = value
    warnings = []
    if foreign:
        keys = ", ".join(f'"{finding.message}"' for finding in foreign)
        plural = "keys" if len(foreign) > 1 else "key"
        message = f"[tool.mllint] holds settings of another tool of the same name ({plural} {keys}); they are ignored"
        warnings.append(Finding(foreign[0].path, message))
    return Validated(msgspec.convert(right, Options), errors, warnings)


def _without_foreign_keys(table: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Take the settings of the other mllint out of a table; a finding's message is the key."""
    own = dict(table)
    foreign = [Finding((key,), key) for key in own if key in _FOREIGN_KEYS]
    rules = own.get("rules")
    if isinstance(rules, dict):
        keys = [key for key, value in rules.items() if key in _FOREIGN_RULE_KEYS and isinstance(value, list)]
        foreign += [Finding(("rules", key), f"rules.{key}") for key in keys]
        own["rules"] = {key: value for key, value in rules.items() if key not in keys}
    return {key: value for key, value in own.items() if key not in _FOREIGN_KEYS}, foreign


def _mismatches(value: Any, type_: Any, path: KeyPath) -> Iterator[Finding]:
    """Yield what in ``value`` is not of ``type_``, each element of lists and tables by itself."""
    origin, arguments = get_origin(type_), get_args(type_)
    if type_ is Any:
        return
    if origin is list and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _mismatches(item, arguments[0], (*path, index))
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _mismatches(item, arguments[1], (*path, key))
    elif isinstance(value, list) and any(get_origin(member) is list for member in arguments):
        yield from _mismatches(value, next(member for member in arguments if get_origin(member) is list), path)
    else:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError as error:
            closest = did_you_mean(value, arguments) if origin is Literal and isinstance(value, str) else ""
            message = f"{_name(path)} must be {_expected(type_, str(error))}, not {_found(value)}"
            yield Finding(path, message + closest)


def _name(path: KeyPath) -> str:
    """Name an option or a part of one: ``"select"``, ``"severity.my-rule"``, an element of ``"select"``."""
    name = ".".join(part for part in path if isinstance(part, str))
    return f'an element of "{name}"' if isinstance(path[-1], int) else f'"{name}"'


def _expected(type_: Any, reason: str) -> str:
    bound = re.search(r" (>=|<=) (-?\d+)", reason) if get_origin(type_) is Annotated else None
    return f"{describe(type_)} {bound[1]} {bound[2]}" if bound is not None else describe(type_)


def _found(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            shown = value if len(value) <= 40 else value[:37] + "..."
            return f'"{shown}"'
        case int() | float():
            return str(value)[:40]
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date or time"
