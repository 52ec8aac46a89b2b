"""Call sites: what is called, and which argument goes to which parameter."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

import libcst as cst

from mllint.semantic.knowledge import FunctionFact, Parameter, Signature
from mllint.semantic.literals import UNKNOWN, literal
from mllint.semantic.names import Resolver, assigned_value

#: Usual names of parameters that take a seed or a generator.
_SEED_PARAMETERS = frozenset(
    {"seed", "seeds", "random_seed", "random_state", "rng", "generator", "generators", "np_random", "key"}
)


class Presence(Enum):
    """Whether a call passes an argument. Unknown, because of ``*args`` or ``**kwargs``, is a reason for silence."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Argument(NamedTuple):
    """The answer to the question which argument a parameter gets."""

    presence: Presence
    value: cst.BaseExpression | None = None
    #: The argument as written; None where it comes out of an unpacked dict.
    node: cst.Arg | None = None

    @property
    def present(self) -> bool:
        """Whether the call surely passes the argument."""
        return self.presence is Presence.PRESENT

    @property
    def absent(self) -> bool:
        """Whether the call surely does not pass the argument."""
        return self.presence is Presence.ABSENT

    @property
    def unknown(self) -> bool:
        """Whether ``*args`` or ``**kwargs`` may pass the argument."""
        return self.presence is Presence.UNKNOWN


_ABSENT = Argument(Presence.ABSENT)
#: Stands for a literal that was not asked for yet.
_NOT_READ = object()


class CallSite:
    """One call in a unit.

    Attributes:
        node: the call.
        name: canonical qualified name of what is called, or None if unknown. Methods are named after the class of
            the receiver (``pandas.DataFrame.sample``).
        certain: False where the name rests on a usual alias or a distinctive last name.
    """

    def __init__(self, node: cst.Call, resolver: Resolver) -> None:
        self.node = node
        self._resolver = resolver
        resolved = resolver.resolve(node.func)
        self.name: str | None = resolved.name if resolved is not None else None
        self.certain: bool = resolved.certain if resolved is not None else False

    def __repr__(self) -> str:
        return f"CallSite({self.name})"

    def believing(self, fact: FunctionFact) -> CallSite:
        """Return the same call with a fact that its unknown callee is believed to have by convention."""
        known = self._believed.get(id(fact))
        if known is not None:
            return known
        other = self._believed[id(fact)] = CallSite.__new__(CallSite)
        other.node, other._resolver, other.name, other.certain = self.node, self._resolver, self.name, False
        other.__dict__["fact"] = fact
        return other

    @cached_property
    def _believed(self) -> dict[int, CallSite]:
        return {}

    @cached_property
    def _keywords(self) -> dict[str, cst.Arg] | None:
        """The arguments passed by name, or None where an unpacking may hide some."""
        if any(arg.star for arg in self.node.args):
            return None
        return {arg.keyword.value: arg for arg in self.node.args if arg.keyword is not None}

    @cached_property
    def _literals(self) -> dict[tuple[str, int | None], Any]:
        return {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name and, for methods, the names under the known bases of the receiver's class."""
        if self.name is None:
            return ()
        owner, _, method = self.name.rpartition(".")
        if owner in self._resolver.knowledge.classes or owner in self._resolver.local_classes():
            return tuple(f"{base}.{method}" for base in self._resolver.mro(owner))
        return (self.name,)

    @cached_property
    def constructs(self) -> tuple[str, ...]:
        """The class that the call makes an instance of and its known bases, nearest first; empty for other calls."""
        name = self.name
        if name is None or not (self._resolver.knowledge.is_class(name) or name in self._resolver.local_classes()):
            return ()
        return self._resolver.mro(name)

    @property
    def last_name(self) -> str:
        """The last part of what is called as written: ``fit`` of ``model.fit(X)``; empty for other expressions."""
        func = self.node.func
        if type(func) is cst.Attribute:
            return func.attr.value
        return func.value if type(func) is cst.Name else ""

    @property
    def receiver(self) -> cst.BaseExpression | None:
        """The expression that a method is called on, or None."""
        func = self.node.func
        return func.value if type(func) is cst.Attribute else None

    @property
    def receiver_kind(self) -> str | None:
        """The class of the receiver, if known."""
        receiver = self.receiver
        return self._resolver.kind(receiver) if receiver is not None else None

    @cached_property
    def fact(self) -> FunctionFact | None:
        """What knowledge says of the callee."""
        return self._resolver.fact(self.name) if self.name is not None else None

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of the callee."""
        return self.fact.roles if self.fact is not None else ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the callee."""
        return self.fact.tags if self.fact is not None else ()

    @cached_property
    def signature(self) -> Signature | None:
        """The parameters of the callee without ``self``, from knowledge or from its definition in the unit."""
        if self.fact is not None and self.fact.signature is not None:
            return self.fact.signature
        if self.name is None:
            return None
        function = self._resolver.local_function(self.name)
        if function is None and self.name in self._resolver.local_classes():
            function = self._resolver.local_function(f"{self.name}.__init__")
        return _signature_of(function, self._resolver) if function is not None else None

    @cached_property
    def positional(self) -> tuple[cst.Arg, ...]:
        """The arguments passed by position, up to the first ``*args``."""
        found: list[cst.Arg] = []
        for arg in self.node.args:
            if arg.star == "*":
                break
            if arg.keyword is None and not arg.star:
                found.append(arg)
        return tuple(found)

    def argument(self, name: str, position: int | None = None) -> Argument:
        """Return the argument for the parameter ``name``.

        Args:
            name: name of the parameter, as a keyword.
            position: its index among positional arguments; by default the callee's known signature decides, and a
                parameter of an unknown signature is taken to be keyword-only.
        """
        if position is None and self.signature is not None:
            position = self.signature.position(name)
        if self._keywords is not None:
            arg = self._keywords.get(name)
            if arg is None and position is not None and position < len(self.positional):
                arg = self.positional[position]
            return Argument(Presence.PRESENT, arg.value, arg) if arg is not None else _ABSENT
        may_be_hidden = False
        seen = 0
        for arg in self.node.args:
            if arg.star == "**":
                inner = self._unpacked(arg.value, name)
                if inner is None:
                    may_be_hidden = True
                elif inner.present:
                    return inner
            elif arg.star == "*":
                may_be_hidden = may_be_hidden or position is None or seen <= position
                seen = -1_000_000
            elif arg.keyword is not None:
                if arg.keyword.value == name:
                    return Argument(Presence.PRESENT, arg.value, arg)
            else:
                if position is not None and seen == position:
                    return Argument(Presence.PRESENT, arg.value, arg)
                seen += 1
        return Argument(Presence.UNKNOWN if may_be_hidden else Presence.ABSENT)

    def first(self, *names: str) -> Argument:
        """Return the first of several parameters that is present, or the least certain absence."""
        answers = [self.argument(name) for name in names]
        for answer in answers:
            if answer.present:
                return answer
        return next((answer for answer in answers if answer.unknown), Argument(Presence.ABSENT))

    def literal(self, name: str, position: int | None = None, default: Any = UNKNOWN) -> Any:
        """Return the literal value of an argument, ``default`` if it is surely absent, else UNKNOWN."""
        known = self._literals.get((name, position), _NOT_READ)
        if known is _NOT_READ:
            argument = self.argument(name, position)
            if argument.absent:
                known = _ABSENT
            else:
                known = literal(argument.value, self._resolver) if argument.value is not None else UNKNOWN
            self._literals[name, position] = known
        return default if known is _ABSENT else known

    def holds(self, condition: str) -> bool | None:
        """Tell whether ``shuffle=True``, ``solver=sag|saga``, ``jitter!=None`` or ``periods<0`` holds; None if unknown.

        An argument that is surely absent has the default of the known signature. ``always`` always holds.
        """
        if condition == "always":
            return True
        for sign in "<>":
            if sign in condition:
                return self._compares(*condition.partition(sign))
        negated = "!=" in condition
        name, _, wanted = condition.partition("!=" if negated else "=")
        argument = self.argument(name)
        if argument.absent:
            default = self.signature.default(name) if self.signature is not None else None
            if default is None:
                return None
            return (default.strip("'\"") in wanted.split("|")) is not negated
        value = literal(argument.value, self._resolver) if argument.value is not None else UNKNOWN
        return None if value is UNKNOWN else (str(value) in wanted.split("|")) is not negated

    def _compares(self, name: str, sign: str, bound: str) -> bool | None:
        value = self.literal(name, default=None)
        if value is None and self.signature is not None:
            default = self.signature.default(name)
            value = float(default) if default is not None and default.lstrip("-").replace(".", "").isdigit() else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return value < float(bound) if sign == "<" else value > float(bound)

    def draws_with(self) -> Argument | None:
        """Return the argument that seeds the draw this call makes, or None if it surely or possibly draws nothing.

        Where the parameter that fixes set is absent, another one that is named after a seed or generator counts.
        """
        fact = self.fact
        if fact is None or fact.seed is None:
            return None
        if fact.seed_when and not any(self.holds(condition) for condition in fact.seed_when):
            return None
        seed = self.argument(fact.seed)
        if not seed.absent:
            return seed
        for arg in self.node.args:
            if arg.keyword is not None and arg.keyword.value in _SEED_PARAMETERS:
                return Argument(Presence.PRESENT, arg.value, arg)
        return seed

    def arguments_for(self, names: Iterable[str]) -> list[cst.BaseExpression]:
        """Return the values passed for several parameters; ``*name`` means all positional arguments from there."""
        found: list[cst.BaseExpression] = []
        for name in names:
            if name.startswith("*"):
                start = 0
                if self.signature is not None and self.signature.variadic:
                    kinds = [parameter.kind for parameter in self.signature.parameters]
                    start = kinds[: kinds.index("*")].count("positional")
                found.extend(arg.value for arg in self.positional[start:])
            else:
                value = self.argument(name).value
                if value is not None:
                    found.append(value)
        return found

    def _unpacked(self, value: cst.BaseExpression, name: str) -> Argument | None:
        """Look for ``name`` in an unpacked dict that is spelt out; None if the dict cannot be read."""
        if isinstance(value, cst.Name):
            bindings = self._resolver.reaching(value)
            bound = assigned_value(bindings[0]) if len(bindings) == 1 else None
            if bound is None:
                return None
            value = bound
        if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value == "dict":
            if any(arg.star or arg.keyword is None for arg in value.args):
                return None
            for arg in value.args:
                if arg.keyword is not None and arg.keyword.value == name:
                    return Argument(Presence.PRESENT, arg.value)
            # The dict may be changed between its making and the call, so an absence proves nothing.
            return None
        if isinstance(value, cst.Dict):
            for element in value.elements:
                if isinstance(element, cst.DictElement) and literal(element.key, self._resolver) == name:
                    return Argument(Presence.PRESENT, element.value)
        return None


def _signature_of(function: cst.FunctionDef, resolver: Resolver) -> Signature:
    params = function.params
    found = [
        Parameter(param.name.value, "positional", _source(param.default))
        for param in (*params.posonly_params, *params.params)
    ]
    in_class = isinstance(
        resolver.walk.parents.get(id(resolver.walk.parents.get(id(function), function))), cst.ClassDef
    )
    static = any(isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in function.decorators)
    if in_class and not static:
        found = found[1:]
    if isinstance(params.star_arg, cst.Param):
        found.append(Parameter(params.star_arg.name.value, "*"))
    found += [Parameter(p.name.value, "keyword", _source(p.default)) for p in params.kwonly_params]
    if params.star_kwarg is not None:
        found.append(Parameter(params.star_kwarg.name.value, "**"))
    return Signature(tuple(found))


def _source(node: cst.BaseExpression | None) -> str | None:
    return cst.Module([]).code_for_node(node) if node is not None else None
