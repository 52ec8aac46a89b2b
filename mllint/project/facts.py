"""Project facts: what rules may know about the repository around a unit."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Dependency(msgspec.Struct, frozen=True):
    """A distribution the project asks for.

    ``name`` is normalised (lower case, dashes). ``specifier`` is a PEP 440 specifier set as written, empty if the
    project takes any version. ``pinned`` is the exact version where one is fixed (``==`` or a lock file). ``source``
    is the file that says so, relative to the root, and ``row`` its line there, from 1, or 0 if unknown.
    """

    name: str
    specifier: str = ""
    pinned: str | None = None
    source: str = ""
    row: int = 0


class ModuleSummary(msgspec.Struct, frozen=True):
    """What other units may know about a Python module of the project without reading it.

    ``name`` is the dotted import name from the root (or from ``src``), ``imports`` the absolute names it imports,
    ``seeds`` the seeding calls (qualified names) that importing it or calling one of its functions may run, as
    ``function -> names`` with ``""`` for the module's top level.
    """

    name: str
    filename: str
    imports: tuple[str, ...] = ()
    seeds: dict[str, tuple[str, ...]] = {}
    is_entry_point: bool = False


class ProjectFacts(msgspec.Struct, frozen=True):
    """Facts of one project root, the same for every way mllint is run on it.

    ``dependencies`` maps normalised distribution names to what is known of them; a lock file's version wins over a
    range. ``files`` tells which well-known files exist (names relative to the root, for example ``README.md``).
    """

    root: Path
    dependencies: dict[str, Dependency] = {}
    modules: dict[str, ModuleSummary] = {}
    files: frozenset[str] = frozenset()
    requires_python: str | None = None
    is_library: bool = False

    def version_range(self, distribution: str) -> str:
        """Return the specifier set for ``distribution``: ``==`` its pin, its range, or empty if unknown."""
        dependency = self.dependencies.get(distribution)
        if dependency is None:
            return ""
        return f"=={dependency.pinned}" if dependency.pinned else dependency.specifier

    def depends_on(self, *distributions: str) -> bool:
        """Tell whether the project asks for any of ``distributions`` (normalised names)."""
        return any(name in self.dependencies for name in distributions)
