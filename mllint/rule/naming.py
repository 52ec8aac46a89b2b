"""Names of rules: kebab-case, and read after the word "allow"."""

from __future__ import annotations

import re

_KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: First words that make a name an order; "allow avoid-global-seed" says the opposite of what is meant.
BANNED_PREFIXES = (
    *("always", "avoid", "ban", "check", "disallow", "do", "dont", "enforce", "forbid"),
    *("must", "never", "no", "prefer", "require", "should", "use"),
)


def is_kebab_case(name: str) -> bool:
    """Tell whether a name is written in kebab-case."""
    return _KEBAB_CASE.fullmatch(name) is not None


def name_problem(name: str) -> str | None:
    """Say what is wrong with the name of a rule, or return None."""
    if not is_kebab_case(name):
        return f'"{name}" is not kebab-case: lower-case words with dashes between them, such as "unseeded-split"'
    first, dash, rest = name.partition("-")
    if dash and first in BANNED_PREFIXES:
        return f'a rule is named after what it finds and reads after "allow": "{rest}" rather than "{name}"'
    return None


def class_name(name: str) -> str:
    """Return the name of the class of a rule: ``unseeded-split`` is ``UnseededSplit``."""
    return "".join(part.capitalize() for part in name.split("-"))


def module_name(name: str) -> str:
    """Return the name of the module of a rule."""
    return name.replace("-", "_")
