"""Selectors: from names, categories, tiers and ALL to the set of rules that are on."""

from __future__ import annotations

from collections.abc import Iterable

from mllint.config.settings import Settings
from mllint.rule.manifest import RuleInfo
from mllint.rule.registry import Registry
from mllint.rule.rule import CATEGORIES, Tier

ALL = "ALL"
_TIERS = tuple(tier.value for tier in Tier)


class SelectorError(Exception):
    """A selector names nothing that exists.

    Attributes:
        selector: the selector as written.
        option: the setting it stands in, for example ``ignore``.
    """

    def __init__(self, selector: str, option: str, suggestion: str | None) -> None:
        hint = f'; did you mean "{suggestion}"?' if suggestion else ""
        super().__init__(f'unknown rule, category or tier "{selector}" in {option}{hint}')
        self.selector = selector
        self.option = option


def check_selectors(registry: Registry, selectors: Iterable[str], option: str) -> list[SelectorError]:
    """Return an error for each selector that names no rule, category or tier."""
    return [
        SelectorError(selector, option, registry.suggest(selector, (*CATEGORIES, *_TIERS, ALL)))
        for selector in selectors
        if _specificity_of(registry, selector) is None
    ]


def validate(registry: Registry, settings: Settings) -> list[SelectorError]:
    """Return an error for every selector in the settings that names nothing."""
    errors: list[SelectorError] = []
    for option in (
        "select",
        "extend_select",
        "ignore",
        "fixable",
        "unfixable",
        "extend_safe_fixes",
        "extend_unsafe_fixes",
    ):
        errors += check_selectors(registry, getattr(settings, option), option.replace("_", "-"))
    for pattern, selectors in settings.per_file_ignores:
        errors += check_selectors(registry, selectors, f"per-file-ignores.{pattern!r}")
    for option, names in (("rules", settings.rule_options), ("severity", settings.severity)):
        errors += [SelectorError(name, option, registry.suggest(name)) for name in names if registry.find(name) is None]
    return errors


def _specificity_of(registry: Registry, selector: str) -> int | None:
    if selector == ALL:
        return 0
    if selector in _TIERS:
        return 1
    if selector in CATEGORIES:
        return 2
    return 3 if registry.find(selector) is not None else None


def matches(info: RuleInfo, selector: str) -> bool:
    """Tell whether a selector covers a rule."""
    return selector in (ALL, info.tier, info.category, info.name) or selector in info.aliases


def select(registry: Registry, settings: Settings) -> frozenset[str]:
    """Return the names of the rules that are on.

    As in ruff, the more specific selector wins whichever list it is in: ``select = ["leakage"]`` with
    ``ignore = ["fit-on-test"]`` leaves one rule out, ``ignore = ["leakage"]`` with ``select = ["fit-on-test"]`` keeps
    one. Between equals ``ignore`` wins.
    """
    chosen = (*settings.select, *settings.extend_select)
    return frozenset(
        info.name
        for info in registry.rules.values()
        if _strength(registry, info, chosen) > _strength(registry, info, settings.ignore)
    )


def covered(registry: Registry, selectors: Iterable[str]) -> frozenset[str]:
    """Return the names of all rules that any of ``selectors`` covers."""
    wanted = tuple(selectors)
    return frozenset(
        info.name for info in registry.rules.values() if any(matches(info, selector) for selector in wanted)
    )


def _strength(registry: Registry, info: RuleInfo, selectors: Iterable[str]) -> int:
    found = [_specificity_of(registry, selector) for selector in selectors if matches(info, selector)]
    return max((strength for strength in found if strength is not None), default=-1)
