"""The modules of a project: what they import, which of their functions seed, and where programs start.

This module knows no library: the caller says which qualified names are seeding calls.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mllint.project.facts import ModuleSummary
from mllint.project.scan import MAIN_GUARD, TOP_LEVEL, FileCalls, FileScan, SeederWords, read_calls, scan_file
from mllint.project.scan_cache import ScanCache


class _Module(NamedTuple):
    """A module with its scan; imports are absolute names of the project where they lead into it."""

    name: str
    filename: str
    is_package: bool
    scan: FileScan


def summarize_modules(
    root: Path,
    filenames: Iterable[str],
    seeders: frozenset[str],
    scripts: frozenset[str] = frozenset(),
    cache: ScanCache | None = None,
) -> dict[str, ModuleSummary]:
    """Summarize the Python modules of a project.

    Args:
        root: the root of the project.
        filenames: its Python files, relative to the root with forward slashes; files that cannot be read are skipped.
        seeders: qualified names of the calls that seed a generator.
        scripts: modules that installed commands start.
        cache: what is known of the files from an earlier run.

    Returns:
        The summaries by module name.
    """
    cache = cache or ScanCache()
    modules = _scan(root, sorted(filenames), seeders, cache)
    resolver = _Resolver(modules, seeders)
    seeds = _Seeds(root, modules, resolver, seeders, cache).find()
    imported = {name for module in modules.values() for name in resolver.modules_run_by(module)}
    return {
        name: ModuleSummary(
            name=name,
            filename=module.filename,
            imports=tuple(sorted(resolver.imports[name])),
            seeds={function: tuple(sorted(names)) for function, names in sorted(seeds.get(name, {}).items())},
            is_entry_point=_is_entry_point(module, name in imported, scripts, resolver),
        )
        for name, module in modules.items()
    }


def module_name(filename: str) -> str:
    """Return the dotted name under which a file is imported from the root, or from ``src``."""
    parts = filename.removesuffix(".py").split("/")
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    if parts[0] == "src" and len(parts) > 1:
        parts = parts[1:]
    return ".".join(parts)


def _scan(root: Path, filenames: list[str], seeders: frozenset[str], cache: ScanCache) -> dict[str, _Module]:
    words = SeederWords(seeders)
    # `src.pkg` stays the name where `src` is itself a package, or where `pkg` lies beside it too.
    src_is_package = "src/__init__.py" in filenames
    modules: dict[str, _Module] = {}
    for filename in filenames:
        is_package = filename.endswith("/__init__.py")
        name = module_name(filename)
        if (src_is_package and filename.startswith("src/")) or name in modules:
            name = filename.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        package = name if is_package else name.rpartition(".")[0]
        scan = cache.scan(root, filename, package)
        if scan is None:
            content = cache.content(root, filename)
            if content is None:
                continue
            scan = scan_file(content.decode("utf-8", errors="replace"), package, words)
            cache.keep_scan(filename, package, scan)
        modules[name] = _Module(name, filename, is_package, scan)
    return modules


class _Resolver:
    """Finds what names of a module mean in the project, as Python would from the usual places on its path."""

    def __init__(self, modules: Mapping[str, _Module], seeders: frozenset[str]) -> None:
        self.modules = modules
        #: Names of modules, and of directories that hold some.
        self.known: set[str] = set()
        for name in modules:
            self.known.update(_prefixes(name))
        self.packages = {name for name, module in modules.items() if module.is_package}
        self.library_names = {name.partition(".")[0] for name in seeders} | sys.stdlib_module_names
        self.tops: dict[tuple[str, str], str] = {}
        self.imports = {
            name: {self.absolute(module, imported) for imported in module.scan.imports}
            for name, module in modules.items()
        }

    def absolute(self, module: _Module, name: str) -> str:
        """Return an imported name with the directory in front that a script finds it in.

        A script imports its neighbours by their bare names, and what its program keeps above it.
        """
        top, _, rest = name.partition(".")
        if top == "src" and rest and top not in self.known:  # run from above `src`, which is on our path itself
            return self.absolute(module, rest)
        directory = module.name if module.is_package else module.name.rpartition(".")[0]
        found = self.tops.get((directory, top))
        if found is None:
            found = self.tops[directory, top] = self._top(directory, top)
        return f"{found}.{rest}" if rest else found

    def _top(self, directory: str, top: str) -> str:
        if top in self.known:
            return top
        while directory:
            candidate = f"{directory}.{top}"
            # Inside a package the name of a library means the library, in a directory of scripts the neighbour.
            if candidate in self.known and not (directory in self.packages and top in self.library_names):
                return candidate
            directory = directory.rpartition(".")[0]
        return top

    def origin(self, name: str) -> str:
        """Follow a dotted name through re-exports to where its thing is defined."""
        followed: set[tuple[str, str]] = set()
        while (split := self.split(name)) is not None:
            module, attribute = split
            first, _, rest = attribute.partition(".")
            target = module.scan.aliases.get(first)
            # An alias may lead back to itself, and longer each time where `from .x import x` names no Python file.
            if target is None or (module.name, first) in followed:
                break
            followed.add((module.name, first))
            absolute = self.absolute(module, target)
            name = f"{absolute}.{rest}" if rest else absolute
        return name

    def split(self, name: str) -> tuple[_Module, str] | None:
        """Split a dotted name into the project's module that it leads into, and what it names there."""
        prefix = name
        while prefix:
            module = self.modules.get(prefix)
            if module is not None:
                return module, name[len(prefix) + 1 :]
            prefix = prefix.rpartition(".")[0]
        return None

    def modules_run_by(self, module: _Module) -> Iterator[str]:
        """Yield the project's modules that importing ``module`` imports, packages on the way included."""
        for name in self.imports[module.name]:
            for prefix in _prefixes(name):
                if prefix in self.modules and prefix != module.name:
                    yield prefix


class _Seeds:
    """Finds the functions that seed, or that call a function of the project that does."""

    def __init__(
        self,
        root: Path,
        modules: Mapping[str, _Module],
        resolver: _Resolver,
        seeders: frozenset[str],
        cache: ScanCache,
    ) -> None:
        self.root = root
        self.modules = modules
        self.resolver = resolver
        self.seeders = seeders
        self.cache = cache
        #: What each function calls, by module and function, once its module is read; names as they resolve.
        self.calls: dict[str, dict[str, set[str]]] = {}
        #: The seeding calls that a function of the project runs, by its absolute name.
        self.found: dict[str, set[str]] = {}
        self.by_module: dict[str, dict[str, set[str]]] = {}

    def find(self) -> dict[str, dict[str, set[str]]]:
        unread = dict(self.modules)
        for name, module in self.modules.items():
            if module.scan.mentions_seeder:
                self.read(unread.pop(name))
        while True:
            self.spread()
            holders = {prefix for name in self.found for prefix in _prefixes(name)}
            callers = [name for name, module in unread.items() if self.may_call_one_of(holders, module)]
            if not callers:
                break
            for name in callers:
                self.read(unread.pop(name))
        self.spread_over_imports()
        return self.by_module

    def read(self, module: _Module) -> None:
        """Read the calls of a module, and resolve them."""
        calls = self.cache.calls(module.filename)
        if calls is None:
            content = self.cache.content(self.root, module.filename)
            calls = (read_calls(content) if content is not None else None) or FileCalls()
            self.cache.keep_calls(module.filename, calls)
        defined = set(calls.defined)
        self.calls[module.name] = {
            function: {
                target
                for called in names
                for name in self.meanings(module, called, defined)
                for target in (name, f"{name}.__init__")
            }
            for function, names in calls.calls.items()
        }

    def meanings(self, module: _Module, called: str, defined: set[str]) -> Iterator[str]:
        """Yield the absolute names that a call may mean."""
        first, _, rest = called.partition(".")
        if first in defined:
            yield f"{module.name}.{called}"
        elif (target := module.scan.aliases.get(first)) is not None:
            name = f"{target}.{rest}" if rest else target
            yield self.resolver.origin(self.resolver.absolute(module, name))
        else:
            for star in module.scan.stars:
                yield self.resolver.origin(f"{self.resolver.absolute(module, star)}.{called}")

    def spread(self) -> None:
        """Mark functions that seed until no more are found."""
        changed = True
        while changed:
            changed = False
            for module, functions in self.calls.items():
                for function, called in functions.items():
                    names = self.by_module.get(module, {}).get(function, set())
                    new = (called & self.seeders).union(*(self.found[name] for name in called & self.found.keys()))
                    if not new <= names:
                        changed = True
                        names = names | new
                        self.by_module.setdefault(module, {})[function] = names
                        if function not in (TOP_LEVEL, MAIN_GUARD):
                            self.found[f"{module}.{function}"] = names

    def may_call_one_of(self, holders: set[str], module: _Module) -> bool:
        """Tell whether a module imports one of ``holders``: functions, or modules and classes that hold them."""
        imported = (*module.scan.aliases.values(), *module.scan.stars)
        return any(self.resolver.origin(self.resolver.absolute(module, name)) in holders for name in imported)

    def spread_over_imports(self) -> None:
        """Let the top level of a module seed where that of a module it imports does."""
        importers: dict[str, set[str]] = {}
        for name, module in self.modules.items():
            for imported in self.resolver.modules_run_by(module):
                importers.setdefault(imported, set()).add(name)
        waiting = [name for name, functions in self.by_module.items() if functions.get(TOP_LEVEL)]
        while waiting:
            imported = waiting.pop()
            names = self.by_module[imported][TOP_LEVEL]
            for importer in importers.get(imported, ()):
                functions = self.by_module.setdefault(importer, {})
                known = functions.get(TOP_LEVEL, set())
                if not names <= known:
                    functions[TOP_LEVEL] = known | names
                    waiting.append(importer)


def _is_entry_point(module: _Module, is_imported: bool, scripts: frozenset[str], resolver: _Resolver) -> bool:
    if module.scan.has_main_guard or module.name in scripts:
        return True
    directory = module.name.rpartition(".")[0]
    is_script = not module.is_package and directory not in resolver.packages and not is_imported
    is_special = re.fullmatch(r"(?:setup|conftest|test_.*|.*_test)", module.name.rpartition(".")[2]) is not None
    return is_script and not is_special and module.scan.runs_code


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
