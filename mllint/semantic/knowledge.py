"""Knowledge: what packs and users tell about the APIs of libraries, and how it is looked up.

The facts are data (TOML, one file per library); nothing here knows a library by name. A file looks like this::

    library = "Example"
    modules = ["example"]                 # import names; their presence wakes rules gated on the library
    distributions = ["example"]           # names on the package index
    import-names = { ex = "example" }     # usual aliases, believed with low confidence where the import is missing
    generator = "numpy"                   # the global generator that draws of the library come from

    [aliases]                             # other names of the same thing: old modules, re-exports (longest prefix wins)
    "example.old" = "example.new"

    [functions."example.load"]
    roles = ["loads-data"]
    parameters = "path, *, columns=None"  # as in a def; names in order, * or *name, **name, defaults optional
    data = []                             # parameters that carry the data
    returns = "example.Frame"             # class of the result, where it has one

    [classes."example.Scaler"]
    bases = ["example.Transformer"]
    parameters = "copy=True"              # of the constructor
    roles = []                            # of calling the class
    tags = ["learns-statistics"]
    [classes."example.Transformer".methods.fit]
    roles = ["fits"]
    parameters = "X, y=None"              # without self
    data = ["X"]
    returns = "self"                      # the class of the receiver

    [methods]                             # methods of values whose class is unknown, by convention
    predict = { roles = ["predicts"], parameters = "X", data = ["X"] }

    [distinctive]                         # last names that say enough by themselves where no import is found
    "fit_transform" = "example.Transformer.fit_transform"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

#: Data parameters of a function that only its roles are known of: whatever is passed by position.
EVERY_ARGUMENT = ("*",)


class Parameter(NamedTuple):
    """A parameter of a known signature; ``kind`` is ``positional``, ``keyword``, ``*`` or ``**``.

    ``default`` is its default as source text, None if it has none or none that is known.
    """

    name: str
    kind: str
    default: str | None = None


class Signature(NamedTuple):
    """The parameters that a call can bind, without ``self``."""

    parameters: tuple[Parameter, ...]

    @property
    def variadic(self) -> bool:
        """Whether any number of positional arguments is taken."""
        return any(parameter.kind == "*" for parameter in self.parameters)

    def position(self, name: str) -> int | None:
        """Return the index at which ``name`` may be passed by position, or None if only by keyword."""
        for index, parameter in enumerate(self.parameters):
            if parameter.kind == "*":
                return None
            if parameter.name == name:
                return index if parameter.kind == "positional" else None
        return None

    def default(self, name: str) -> str | None:
        """Return the default of a parameter as source text, or None."""
        return next((parameter.default for parameter in self.parameters if parameter.name == name), None)

    def __contains__(self, name: object) -> bool:
        return any(parameter.name == name for parameter in self.parameters)


@lru_cache(maxsize=4096)
def parse_signature(text: str) -> Signature:
    """Parse the parameter list of a knowledge file, for example ``"X, y=None, *, seed=None, **options"``."""
    parameters: list[Parameter] = []
    keyword_only = False
    for part in _split_parameters(text):
        name, _, default = part.partition("=")
        name = name.strip()
        if name == "*":
            keyword_only = True
        elif name == "/":
            continue
        elif name.startswith("**"):
            parameters.append(Parameter(name[2:], "**"))
        elif name.startswith("*"):
            parameters.append(Parameter(name[1:], "*"))
            keyword_only = True
        else:
            kind = "keyword" if keyword_only else "positional"
            parameters.append(Parameter(name, kind, default.strip() if default.strip() not in ("", "...") else None))
    return Signature(tuple(parameters))


def _split_parameters(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for index, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            if text[start:index].strip():
                yield text[start:index].strip()
            start = index + 1
    if text[start:].strip():
        yield text[start:].strip()


class FunctionFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is known of a function, a method, or the call of a class."""

    roles: tuple[str, ...] = ()
    parameters: str | None = None
    data: tuple[str, ...] = ()
    #: Parameters that take a file or directory path.
    paths: tuple[str, ...] = ()
    returns: str | None = None
    tags: tuple[str, ...] = ()
    #: The parameter that takes the seed, for calls that draw random numbers.
    seed: str | None = None
    #: When the seed matters: alternatives such as ``shuffle=True``, ``solver=sag|saga`` or ``jitter!=None``; empty: always.
    seed_when: tuple[str, ...] = ()
    #: Parameters that take rows which the fit is watched on while it runs. Here and in ``data``, ``parameter.method`` stands
    #: for the rows that a method of the argument gives.
    validation: tuple[str, ...] = ()
    #: When the score on those rows decides what the fit returns (conditions as above, ``always`` for by default).
    selects_when: tuple[str, ...] = ()
    #: The parameter with the number of rounds that a fit takes, or that a callback lets pass before it stops one, and
    #: when that is all the callback does.
    rounds: str | None = None
    rounds_when: tuple[str, ...] = ()
    #: When a row of the result uses later rows, earlier rows, or is known to be in the order of time.
    ahead_when: tuple[str, ...] = ()
    behind_when: tuple[str, ...] = ()
    ordered_when: tuple[str, ...] = ()
    #: Parameters that, where they are given, hold what would be learned from the rows otherwise.
    told_by: tuple[str, ...] = ()

    @property
    def signature(self) -> Signature | None:
        """The parsed parameter list, or None if it is not known."""
        return parse_signature(self.parameters) if self.parameters is not None else None


class ClassFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is known of a class: its constructor, its methods, and what indexing or arithmetic gives."""

    bases: tuple[str, ...] = ()
    parameters: str | None = None
    roles: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    seed: str | None = None
    seed_when: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    selects_when: tuple[str, ...] = ()
    rounds: str | None = None
    rounds_when: tuple[str, ...] = ()
    #: When instances learn nothing from rows (``strategy=constant``).
    stateless_when: tuple[str, ...] = ()
    #: When the list of categories that instances learn is cut by how often they occur (``max_features!=None``).
    cuts_when: tuple[str, ...] = ()
    methods: dict[str, FunctionFact] = {}
    #: Class of ``value["name"]`` and of any other subscript.
    item: str | None = None
    selection: str | None = None
    #: Attributes whose value has a known class.
    attributes: dict[str, str] = {}
    #: Whether arithmetic and comparison keep the class.
    arithmetic: bool = False


class LibraryFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One knowledge file."""

    library: str
    modules: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    import_names: dict[str, str] = {}
    #: The global generator that the library's unseeded draws come from, and that its seeding calls seed.
    generator: str | None = None
    aliases: dict[str, str] = {}
    functions: dict[str, FunctionFact] = {}
    classes: dict[str, ClassFact] = {}
    distinctive: dict[str, str] = {}
    #: What a method of this name does on a value whose class is unknown, by convention (``model.fit(X, y)``).
    methods: dict[str, FunctionFact] = {}


class KnowledgeError(Exception):
    """A knowledge file cannot be read; the message names the file."""


class Knowledge:
    """All facts of all packs and of the user, merged; later files add to earlier ones and win over them.

    Args:
        libraries: the knowledge files in order.
        user_roles: ``[tool.mllint.roles]``: qualified name to roles.
    """

    def __init__(
        self, libraries: Iterable[LibraryFacts] = (), user_roles: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.libraries: dict[str, LibraryFacts] = {}
        self.functions: dict[str, FunctionFact] = {}
        self.classes: dict[str, ClassFact] = {}
        self.aliases: dict[str, str] = {}
        self.distinctive: dict[str, str] = {}
        self.methods: dict[str, FunctionFact] = {}
        self.import_names: dict[str, str] = {}
        self.modules: dict[str, str] = {}
        self._mro: dict[str, tuple[str, ...]] = {}
        self._tags: dict[str, frozenset[str]] = {}
        self._canonical: dict[str, str] = {}
        self._names_with_role: dict[str, frozenset[str]] = {}
        for facts in libraries:
            self._add(facts)
        for name, roles in (user_roles or {}).items():
            known = self.functions.get(name)
            self.functions[name] = (
                msgspec.structs.replace(known, roles=(*known.roles, *roles))
                if known
                else FunctionFact(roles=roles, data=EVERY_ARGUMENT)
            )

    def _add(self, facts: LibraryFacts) -> None:
        self.libraries[facts.library] = facts
        self.functions.update(facts.functions)
        self.classes.update(facts.classes)
        self.aliases.update(facts.aliases)
        self.distinctive.update(facts.distinctive)
        self.methods.update(facts.methods)
        self.import_names.update(facts.import_names)
        for module in facts.modules:
            self.modules[module] = facts.library

    def canonical(self, name: str) -> str:
        """Return the name under which facts are kept: old modules and re-exports replaced, longest prefix first."""
        known = self._canonical.get(name)
        if known is not None:
            return known
        result = name
        prefix = name
        while prefix:
            target = self.aliases.get(prefix)
            if target is not None:
                result = self.canonical(target + name[len(prefix) :]) if target != prefix else name
                break
            prefix = prefix.rpartition(".")[0]
        self._canonical[name] = result
        return result

    def mro(self, class_name: str) -> tuple[str, ...]:
        """Return a class and its known bases, nearest first."""
        known = self._mro.get(class_name)
        if known is None:
            self._mro[class_name] = (class_name,)  # cuts a cycle in the data
            chain = [class_name]
            fact = self.classes.get(class_name)
            for base in fact.bases if fact else ():
                chain.extend(name for name in self.mro(base) if name not in chain)
            known = self._mro[class_name] = tuple(chain)
        return known

    def has_module(self, name: str) -> bool:
        """Tell whether functions or classes are known whose names begin with ``name.``."""
        return name in self._modules_with_names

    @cached_property
    def _modules_with_names(self) -> frozenset[str]:
        return frozenset(name.rpartition(".")[0] for name in (*self.functions, *self.classes))

    def is_class(self, name: str) -> bool:
        """Tell whether ``name`` is a known class."""
        return name in self.classes

    def is_a(self, class_name: str, base: str) -> bool:
        """Tell whether a class is ``base`` or has it among its known bases."""
        return base in self.mro(class_name)

    def tags(self, class_name: str) -> frozenset[str]:
        """Return the tags of a class and of its known bases."""
        known = self._tags.get(class_name)
        if known is None:
            facts = (self.classes.get(name) for name in self.mro(class_name))
            known = self._tags[class_name] = frozenset(tag for fact in facts if fact is not None for tag in fact.tags)
        return known

    def method(self, class_name: str, method: str) -> FunctionFact | None:
        """Return what is known of a method, looking through the known bases."""
        for name in self.mro(class_name):
            fact = self.classes.get(name)
            if fact is not None and method in fact.methods:
                return fact.methods[method]
        return None

    def data_method(self, method: str, *, grouped: bool = False) -> FunctionFact | None:
        """Return what a method of rows, or groups of rows, of unknown class does.

        It is that of the first data frame, series, array, tensor or dataset class that has one.
        """
        return (self._group_methods if grouped else self._data_methods).get(method)

    @cached_property
    def _data_methods(self) -> dict[str, FunctionFact]:
        return self._methods_of_tagged("dataframe", "series", "array", "tensor", "dataset")

    @cached_property
    def _group_methods(self) -> dict[str, FunctionFact]:
        return self._methods_of_tagged("groups")

    def _methods_of_tagged(self, *tags: str) -> dict[str, FunctionFact]:
        found: dict[str, FunctionFact] = {}
        for tag in tags:
            for fact in self.classes.values():
                if tag in fact.tags:
                    for name, method in fact.methods.items():
                        found.setdefault(name, method)
        return found

    def function(self, name: str) -> FunctionFact | None:
        """Return what is known of calling ``name``: a function, a class (its constructor) or ``Class.method``."""
        fact = self.functions.get(name)
        if fact is not None:
            return fact
        class_fact = self.classes.get(name)
        if class_fact is not None:
            return FunctionFact(
                roles=class_fact.roles,
                parameters=self._constructor(name),
                data=class_fact.data,
                paths=class_fact.paths,
                returns=name,
                tags=class_fact.tags,
                seed=class_fact.seed,
                seed_when=class_fact.seed_when,
                validation=class_fact.validation,
                selects_when=class_fact.selects_when,
                rounds=class_fact.rounds,
                rounds_when=class_fact.rounds_when,
            )
        owner, _, method = name.rpartition(".")
        return self.method(owner, method) if owner in self.classes else None

    def _constructor(self, class_name: str) -> str | None:
        for name in self.mro(class_name):
            fact = self.classes.get(name)
            if fact is not None and fact.parameters is not None:
                return fact.parameters
        return None

    def library_of(self, name: str) -> LibraryFacts | None:
        """Return the library that a qualified name belongs to."""
        module = name
        while module:
            library = self.modules.get(module)
            if library is not None:
                return self.libraries[library]
            module = module.rpartition(".")[0]
        return None

    def generators_seeded_by(self, name: str) -> frozenset[str]:
        """Return the global generators that a call of ``name`` seeds; ``*`` stands for all.

        Making an instance of a class that has a seeding class among its bases seeds too. A method that seeds the
        generator object it belongs to seeds no global one.
        """
        owner = name.rpartition(".")[0]
        if owner in self.classes and "generator" in self.tags(owner):
            return frozenset()
        for known in self.mro(name) if self.is_class(name) else (name,):
            fact = self.function(known)
            if fact is not None and "seeds" in fact.roles:
                if "seeds-everything" in fact.tags:
                    return frozenset("*")
                library = self.library_of(known)
                return frozenset({library.generator} if library is not None and library.generator else "*")
        return frozenset()

    def generator_behind(self, name: str) -> str | None:
        """Return the global generator that a call of ``name`` draws from where it is given no seed, or None."""
        fact = self.function(name)
        if fact is None or "global-state" not in fact.tags:
            return None
        library = self.library_of(name)
        return library.generator if library is not None else None

    @cached_property
    def roles(self) -> frozenset[str]:
        """All roles that any API has."""
        facts: list[FunctionFact | ClassFact] = [*self.functions.values(), *self.classes.values()]
        for fact in self.classes.values():
            facts += fact.methods.values()
        return frozenset(role for fact in facts for role in fact.roles)

    def names_with_role(self, role: str) -> frozenset[str]:
        """Return the qualified names of all functions, constructors and methods that have ``role``."""
        known = self._names_with_role.get(role)
        if known is None:
            known = self._names_with_role[role] = self._find_names_with_role(role)
        return known

    def _find_names_with_role(self, role: str) -> frozenset[str]:
        return frozenset(
            [name for name, fact in self.functions.items() if role in fact.roles]
            + [name for name, class_fact in self.classes.items() if role in class_fact.roles]
            + [
                f"{name}.{method}"
                for name, class_fact in self.classes.items()
                for method, fact in class_fact.methods.items()
                if role in fact.roles
            ]
        )


def load_knowledge_file(path: Path) -> LibraryFacts:
    """Read one knowledge file.

    Raises:
        KnowledgeError: it is not TOML or does not have the form of a knowledge file.
    """
    try:
        return msgspec.convert(_read_toml(path), LibraryFacts)
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"{path}: {error}") from error


def _read_toml(path: Path) -> dict[str, Any]:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(path.read_text(encoding="utf-8"))
