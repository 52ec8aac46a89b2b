"""Project facts: what rules may know about the repository around a unit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec


class Dependency(msgspec.Struct, frozen=True):
    """A distribution the project asks for.

    ``name`` is normalised (lower case, dashes). ``specifier`` is a PEP 440 specifier set as written, empty if the
    project takes any version. ``pinned`` is the exact version where one is fixed (``==`` or a lock file). ``source``
    is the file that says so, relative to the root, and ``row`` its line there, from 1, or 0 if unknown. ``url`` is the
    repository, archive or path that it is taken from instead of an index. ``is_direct`` is false for what only a lock
    file names, because something else draws it in.
    """

    name: str
    specifier: str = ""
    pinned: str | None = None
    source: str = ""
    row: int = 0
    url: str | None = None
    is_direct: bool = True


class ProjectProblem(msgspec.Struct, frozen=True):
    """Something about the files that describe the project which could not be read; row 0 means the whole file."""

    filename: str
    row: int
    message: str

    def __str__(self) -> str:
        place = f"{self.filename}:{self.row}" if self.row else self.filename
        return f"{place}: {self.message}"


class ModuleSummary(msgspec.Struct, frozen=True):
    """What other units may know about a Python module of the project without reading it.

    ``name`` is the dotted import name from the root (or from ``src``), ``imports`` the absolute names it imports;
    names of the project's own modules are the keys of ``ProjectFacts.modules``. ``seeds`` are the seeding calls
    (qualified names) that importing it or calling one of its functions may run, as ``function -> names``: ``""`` for
    the module's top level, ``"Class.method"`` for methods, and ``"__main__"`` for what runs only when it is the script.
    """

    name: str
    filename: str
    imports: tuple[str, ...] = ()
    seeds: dict[str, tuple[str, ...]] = {}
    is_entry_point: bool = False


class ProjectFacts(msgspec.Struct, frozen=True, dict=True):
    """Facts of one project root, the same for every way mllint is run on it.

    ``dependencies`` maps normalised distribution names to what is known of them; a lock file's version wins over a
    range. ``files`` tells which well-known files exist (names relative to the root, for example ``README.md``), ``topics``
    what the documents among them are about: their headings in lower case, and keys of front matter as ``key:``.
    ``data_files`` are the files that hold data, ``introduced`` the notebooks that a document beside or above them speaks
    of, both relative to the root.
    """

    root: Path
    dependencies: dict[str, Dependency] = {}
    modules: dict[str, ModuleSummary] = {}
    files: frozenset[str] = frozenset()
    topics: dict[str, tuple[str, ...]] = {}
    data_files: frozenset[str] = frozenset()
    introduced: frozenset[str] = frozenset()
    requires_python: str | None = None
    is_library: bool = False
    problems: tuple[ProjectProblem, ...] = ()

    def version_range(self, distribution: str) -> str:
        """Return the specifier set for ``distribution``: ``==`` its pin, its range, or empty if unknown."""
        dependency = self.dependencies.get(distribution)
        if dependency is None:
            return ""
        return f"=={dependency.pinned}" if dependency.pinned else dependency.specifier

    def runs_with(self, distribution: str, versions: str) -> bool | None:
        """Tell whether the project asks for versions of ``distribution`` in the range ``versions`` only.

        Returns:
            True or False if all of them are, or none is; None if some are, or nothing is known.
        """
        from mllint.project.versions import within  # it loads `packaging`, which most runs do without

        return within(self.version_range(distribution), versions)

    def depends_on(self, *distributions: str) -> bool:
        """Tell whether the project asks for any of ``distributions`` (normalised names)."""
        return any(name in self.dependencies and self.dependencies[name].is_direct for name in distributions)

    def module_at(self, filename: str) -> ModuleSummary | None:
        """Return the summary of the module in ``filename``, relative to the root with forward slashes."""
        return self._modules_by_filename.get(filename)

    def reachable(self, names: Iterable[str]) -> list[ModuleSummary]:
        """Return the project's modules that importing ``names`` runs, directly or through each other, sorted by name.

        Args:
            names: absolute dotted names of modules or of things in them; packages on the way are run too.
        """
        found: set[str] = set()
        waiting = self._modules_on_the_way_to(names)
        while waiting:
            new = waiting - found
            found |= new
            waiting = set().union(*(self._imported[name] for name in new))
        return [self.modules[name] for name in sorted(found)]

    def importing(self, name: str) -> list[ModuleSummary]:
        """Return the project's modules that run module ``name`` by importing it, directly or not, sorted by name."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for importer in self._importers.get(waiting.pop(), ()):
                if importer not in found:
                    found.add(importer)
                    waiting.append(importer)
        return [self.modules[importer] for importer in sorted(found - {name})]

    @cached_property
    def _imported(self) -> dict[str, set[str]]:
        return {name: self._modules_on_the_way_to(module.imports) for name, module in self.modules.items()}

    @cached_property
    def _importers(self) -> dict[str, list[str]]:
        importers: dict[str, list[str]] = {}
        for name, imported in self._imported.items():
            for other in imported:
                importers.setdefault(other, []).append(name)
        return importers

    def _modules_on_the_way_to(self, names: Iterable[str]) -> set[str]:
        """Return the names of the modules that importing ``names`` runs itself, packages included."""
        parts = (name.split(".") for name in names)
        return {".".join(part[:length]) for part in parts for length in range(1, len(part) + 1)} & self.modules.keys()

    def fingerprint(self, imports: Iterable[str] = ()) -> str:
        """Return a hash of the facts that the diagnostics of a unit may rest on, for the key of a cached result.

        Args:
            imports: the absolute names that the unit imports. Of the project's modules only those that they reach
                count, so that a change to one module leaves the results of others alone.
        """
        return _hash((self._general, self.reachable(imports)))

    @property
    def content_key(self) -> str:
        """A hash of all the facts, the same wherever the project lies."""
        return _hash((self._general, [self.modules[name] for name in sorted(self.modules)]))

    @property
    def _general(self) -> tuple[object, ...]:
        """All facts but the modules, in an order that depends on nothing else."""
        dependencies = [self.dependencies[name] for name in sorted(self.dependencies)]
        return (
            dependencies,
            sorted(self.files),
            sorted(self.topics.items()),
            sorted(self.data_files),
            sorted(self.introduced),
            self.requires_python,
            self.is_library,
            self.problems,
        )

    @cached_property
    def _modules_by_filename(self) -> dict[str, ModuleSummary]:
        return {module.filename: module for module in self.modules.values()}


def _hash(facts: object) -> str:
    return sha256(msgspec.json.encode(facts, order="sorted")).hexdigest()
