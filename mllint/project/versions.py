"""Version ranges: whether all versions that a project may run with are in a range."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=512)
def within(specifier: str, wanted: str) -> bool | None:
    """Tell whether every version that ``specifier`` allows is in the range ``wanted``.

    Args:
        specifier: what a project asks for, for example ``==2.1.0`` or ``>=1.20``; empty if that is unknown.
        wanted: a PEP 440 specifier set.

    Returns:
        True if all allowed versions are in the range, False if none is, None if some are or it cannot be told.
    """
    if not specifier.strip():
        return None
    try:
        allowed, asked = SpecifierSet(specifier), SpecifierSet(wanted)
    except InvalidSpecifier:
        return None
    answers = {
        asked.contains(version, prereleases=True)
        for version in _samples(allowed, asked)
        if allowed.contains(version, prereleases=True)
    }
    return answers.pop() if len(answers) == 1 else None


def _samples(*sets: SpecifierSet) -> Iterator[Version]:
    """Yield a version for every stretch between the versions that the sets mention, and those versions themselves.

    Membership can change only at a mentioned version or, for ``~=`` and ``==1.*``, at the next one of its series.
    """
    bounds: set[tuple[int, ...]] = {(0,)}
    for specifiers in sets:
        for specifier in specifiers:
            try:
                mentioned = Version(specifier.version.removesuffix(".*"))
            except InvalidVersion:
                continue
            yield mentioned  # with its local label, as in ``==2.1.0+cu118``
            release = mentioned.release
            bounds.add(release)
            bounds.update((*release[:length], release[length] + 1) for length in range(len(release)))
    for bound in bounds:
        text = ".".join(map(str, bound))
        yield Version(text)
        yield Version(f"{text}.0.0.0.1")
        yield from _just_below(bound)


def _just_below(bound: tuple[int, ...]) -> Iterator[Version]:
    for length in range(len(bound), 0, -1):
        if bound[length - 1] > 0:
            yield Version(".".join(map(str, (*bound[: length - 1], bound[length - 1] - 1, 999_999))))
            return
