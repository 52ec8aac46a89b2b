"""The flow of origins: which rows a value holds, and which fits have touched it.

Statements are interpreted in order (cells in order), every function once with unknown parameters. The environment maps
names to abstract values; re-binding cuts the flow, branches join, loop bodies are entered once. What an API does is
known only by its roles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal

import libcst as cst

from mllint.semantic.calls import CallSite

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel

EventKind = Literal["fit", "transform", "resample", "split"]


class Part(Enum):
    """Which part of the data a value holds."""

    WHOLE = "whole"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """Something that happens to data: a transformer learns from it or is applied to it, it is resampled or split.

    Attributes:
        kind: ``fit``, ``transform``, ``resample`` or ``split``.
        call: the call that does it.
        data: the values that it works on.
        estimator: the value of the transformer, with what it was fitted on before.
        certain: False where an origin went through code that could not be looked into.
    """

    kind: EventKind
    call: CallSite
    data: tuple[Value, ...]
    estimator: Value | None = None
    certain: bool = True

    @property
    def node(self) -> cst.Call:
        """The call's node."""
        return self.call.node


@dataclass(frozen=True, slots=True)
class Value:
    """An abstract value: which rows it holds and what it has learned from.

    Attributes:
        sources: the places where its rows come from: a loading call, a parameter, the first use of an unknown name.
        part: which part of the sources it holds.
        events: the fits and resamplings whose result flowed into it.
        splits: the splits that it came out of.
        tags: for estimators, the tags of their class and of the steps in them.
        elements: for tuples and split results, the value of each element.
        certain: False once it has passed through an unknown call.
    """

    sources: frozenset[cst.CSTNode] = frozenset()
    part: Part = Part.UNKNOWN
    events: frozenset[Event] = frozenset()
    splits: frozenset[Event] = frozenset()
    tags: frozenset[str] = frozenset()
    elements: tuple[Value, ...] = field(default=(), compare=False)
    certain: bool = True


NOTHING = Value()
Environment = dict[str, Value]

_NAME_PARTS = (
    (Part.TEST, re.compile(r"(?:^|_)(?:test|tst|te|holdout|heldout)(?:\d*)(?:_|$)|(?:^|[a-z])Test(?:[A-Z\d_]|$)")),
    (
        Part.VALIDATION,
        re.compile(r"(?:^|_)(?:val|valid|validation|dev)(?:\d*)(?:_|$)|(?:^|[a-z])Val(?:id)?(?:[A-Z\d_]|$)"),
    ),
    (Part.TRAIN, re.compile(r"(?:^|_)(?:train|training|trn|tr)(?:\d*)(?:_|$)|(?:^|[a-z])Train(?:[A-Z\d_]|$)")),
)
_SHORT_NAME_PARTS = (
    (Part.TEST, re.compile(r"^(?:x|y)test\d*$", re.IGNORECASE)),
    (Part.TRAIN, re.compile(r"^(?:x|y)train\d*$", re.IGNORECASE)),
)


def part_named(name: str) -> Part:
    """Return the part of the data that a name claims to hold by convention; names can lie, so believe them last."""
    for part, pattern in (*_NAME_PARTS, *_SHORT_NAME_PARTS):
        if pattern.search(name):
            return part
    return Part.UNKNOWN


class Flow:
    """The interpreted unit.

    Attributes:
        events: all events in the order in which they happen; those of functions follow those of the module level.
    """

    def __init__(self, model: SemanticModel) -> None:
        self.events: list[Event] = []
        if not model.calls_with_role("splits", "fits", "fits-and-transforms", "resamples"):
            return
        environment: Environment = {}
        functions: list[cst.FunctionDef] = []
        for cell in model.unit.cells:
            if cell.module is not None:
                _Interpreter(model, self.events, functions).block(cell.module.body, environment)
        while functions:
            function = functions.pop(0)
            inner: Environment = {}
            for param in (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params):
                inner[param.name.value] = Value(frozenset([param]), _whole_unless_named(param.name.value))
            _Interpreter(model, self.events, functions).block([function.body], inner)


def _as_named(value: Value, name: str) -> Value:
    """Believe the name that freshly loaded rows are given: ``train = read_csv(...)`` holds a part split elsewhere."""
    part = part_named(name)
    fresh = value.part is Part.WHOLE and not value.splits and not value.elements
    if part is Part.UNKNOWN or not fresh or not all(isinstance(source, cst.Call) for source in value.sources):
        return value
    return replace(value, part=part)


def _whole_unless_named(name: str) -> Part:
    part = part_named(name)
    return Part.WHOLE if part is Part.UNKNOWN else part


class _Interpreter:
    """Interprets blocks of statements, changing the environment and adding events."""

    def __init__(self, model: SemanticModel, events: list[Event], functions: list[cst.FunctionDef]) -> None:
        self._model = model
        self._events = events
        self._functions = functions

    # Statements

    def block(self, statements: Iterable[cst.CSTNode], environment: Environment) -> None:
        """Interpret statements in order."""
        for statement in statements:
            self.statement(statement, environment)

    def statement(self, node: cst.CSTNode, environment: Environment) -> None:
        """Interpret one statement."""
        if isinstance(node, (cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock)):
            self.block(node.body, environment)
        elif isinstance(node, cst.Assign):
            value = self.value(node.value, environment)
            for target in node.targets:
                self.assign(target.target, value, environment)
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                self.assign(node.target, self.value(node.value, environment), environment)
        elif isinstance(node, cst.AugAssign):
            old = self.value(node.target, environment)
            self.assign(node.target, _join([old, self.value(node.value, environment)]), environment)
        elif isinstance(node, (cst.Expr, cst.Return)):
            if node.value is not None:
                self.value(node.value, environment)
        elif isinstance(node, cst.If):
            self._if(node, environment)
        elif isinstance(node, cst.For):
            self.assign(node.target, self._elements_of(node.iter, environment), environment)
            self._branch(node.body, node.orelse, environment)
        elif isinstance(node, cst.While):
            self.value(node.test, environment)
            self._branch(node.body, node.orelse, environment)
        elif isinstance(node, cst.With):
            for item in node.items:
                value = self.value(item.item, environment)
                if item.asname is not None:
                    self.assign(item.asname.name, value, environment)
            self.statement(node.body, environment)
        elif isinstance(node, (cst.Try, cst.TryStar)):
            self.statement(node.body, environment)
            for handler in node.handlers:
                self._branch(handler.body, None, environment)
            for last in (node.orelse, node.finalbody):
                if last is not None:
                    self.statement(last.body, environment)
        elif isinstance(node, cst.FunctionDef):
            environment.pop(node.name.value, None)
            self._functions.append(node)
        elif isinstance(node, cst.ClassDef):
            self._functions.extend(s for s in node.body.body if isinstance(s, cst.FunctionDef))
        elif isinstance(node, cst.Del):
            for name in self._model.descendants(node.target):
                if isinstance(name, cst.Name):
                    environment.pop(name.value, None)
        elif isinstance(node, cst.Match):
            for case in node.cases:
                self._branch(case.body, None, environment)

    def _if(self, node: cst.If, environment: Environment) -> None:
        self.value(node.test, environment)
        first, second = dict(environment), dict(environment)
        self.statement(node.body, first)
        if isinstance(node.orelse, cst.If):
            self._if(node.orelse, second)
        elif node.orelse is not None:
            self.statement(node.orelse.body, second)
        environment.clear()
        environment.update(_merge(first, second))

    def _branch(self, body: cst.BaseSuite, orelse: cst.Else | None, environment: Environment) -> None:
        """Interpret a block that may or may not run."""
        inner = dict(environment)
        self.statement(body, inner)
        merged = _merge(environment, inner)
        environment.clear()
        environment.update(merged)
        if orelse is not None:
            self.statement(orelse.body, environment)

    def assign(self, target: cst.CSTNode, value: Value, environment: Environment) -> None:
        """Give a value to a target; what the target held before is forgotten."""
        if isinstance(target, (cst.Tuple, cst.List)):
            for index, element in enumerate(target.elements):
                part = value.elements[index] if index < len(value.elements) else replace(value, elements=())
                self.assign(element.value, part, environment)
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, value, environment)
        elif isinstance(target, cst.Name):
            environment[target.value] = _as_named(value, target.value)
        elif isinstance(target, cst.Attribute):
            environment[_key(target)] = value
        elif isinstance(target, cst.Subscript):
            # A column or some rows are replaced: the rest of the value stays.
            key = _key(target.value)
            known = environment.get(key)
            if known is not None:
                environment[key] = replace(
                    known,
                    events=known.events | value.events,
                    certain=known.certain and value.certain,
                    elements=(),
                )
            elif key:
                environment[key] = value

    # Expressions

    def value(self, node: cst.CSTNode, environment: Environment) -> Value:
        """Return the abstract value of an expression."""
        if isinstance(node, cst.Name):
            return self._name(node, environment)
        if isinstance(node, cst.Attribute):
            known = environment.get(_key(node))
            return known if known is not None else replace(self.value(node.value, environment), elements=())
        if isinstance(node, cst.Subscript):
            return self._subscript(node, environment)
        if isinstance(node, cst.Call):
            return self._call(self._model.call(node), environment)
        if isinstance(node, (cst.Tuple, cst.List)):
            elements = tuple(self.value(element.value, environment) for element in node.elements)
            return replace(_join(elements), elements=elements)
        if isinstance(node, cst.NamedExpr):
            value = self.value(node.value, environment)
            self.assign(node.target, value, environment)
            return value
        if isinstance(node, cst.Lambda):
            return NOTHING
        if isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)):
            return self._comprehension(node, environment)
        return _join([self.value(child, environment) for child in self._model.children(node)])

    def _name(self, node: cst.Name, environment: Environment) -> Value:
        known = environment.get(node.value)
        if known is not None:
            return known
        resolved = self._model.qualified_name(node)
        if resolved is not None or node.value in ("True", "False", "None"):
            return NOTHING
        part = part_named(node.value)
        value = Value(frozenset([node]), Part.WHOLE if part is Part.UNKNOWN else part, certain=False)
        environment[node.value] = value
        return value

    def _subscript(self, node: cst.Subscript, environment: Environment) -> Value:
        value = self.value(node.value, environment)
        indices = [self.value(element.slice, environment) for element in node.slice]
        for index in indices:
            if index.splits and index.part in (Part.TRAIN, Part.TEST, Part.VALIDATION):
                return replace(value, part=index.part, splits=value.splits | index.splits, elements=())
        literal = self._model.literal(node.slice[0].slice.value) if isinstance(node.slice[0].slice, cst.Index) else None
        if isinstance(literal, int) and not isinstance(literal, bool) and 0 <= literal < len(value.elements):
            return value.elements[literal]
        if isinstance(literal, str) and value.splits and len(value.elements) == 2:
            named = part_named(literal)  # datasets split into a dict of parts
            return next((element for element in value.elements if element.part is named), replace(value, elements=()))
        return replace(value, elements=())

    def _elements_of(self, node: cst.CSTNode, environment: Environment) -> Value:
        """Return what a loop over an expression binds: for ``kf.split(X)`` and ``enumerate(...)`` of it, fold indices."""
        if isinstance(node, cst.Call):
            call = self._model.call(node)
            if call.name == "builtins.enumerate" and call.positional:
                inner = self._elements_of(call.positional[0].value, environment)
                return replace(inner, elements=(NOTHING, inner))
        return self.value(node, environment)

    def _comprehension(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp, environment: Environment
    ) -> Value:
        inner = dict(environment)
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            self.assign(clause.target, self._elements_of(clause.iter, inner), inner)
            for condition in clause.ifs:
                self.value(condition.test, inner)
            clause = clause.inner_for_in
        if isinstance(node, cst.DictComp):
            return _join([self.value(node.key, inner), self.value(node.value, inner)])
        return replace(self.value(node.elt, inner), elements=())

    def _call(self, call: CallSite, environment: Environment) -> Value:
        receiver = self.value(call.receiver, environment) if call.receiver is not None else NOTHING
        by_node = {arg.value: self.value(arg.value, environment) for arg in call.node.args}
        arguments = list(by_node.values())
        roles = call.roles
        carriers = call.arguments_for(call.fact.data) if call.fact is not None else []
        data = tuple(by_node.get(node, NOTHING) for node in carriers)
        if "splits" in roles and (data or receiver != NOTHING):
            return self._split(call, data or (receiver,), receiver)
        if "resamples" in roles and data and _draws_with_replacement(call):
            return self._learn("resample", call, data, receiver)
        if "fits-and-transforms" in roles and data:
            result = self._learn("fit", call, data[:1], receiver)
            self._refit(call, result, receiver, environment)
            return result
        if "fits" in roles and data and call.receiver is not None:
            result = self._learn("fit", call, data[:1], receiver)
            return self._refit(call, result, receiver, environment)
        if "transforms" in roles and data:
            self._events.append(Event("transform", call, data, receiver, certain=data[0].certain))
            return replace(data[0], events=data[0].events | receiver.events, elements=())
        if call.name is not None and self._model.knowledge.is_class(call.name):
            tags = self._model.knowledge.tags(call.name)
            joined = _join(arguments)
            if "estimator" in tags or "learns-statistics" in tags or "pipeline" in tags or "resampler" in tags:
                return Value(tags=tags | joined.tags, events=joined.events)
            return replace(joined, elements=())
        if "reduces-rows" in roles:
            return NOTHING
        if "loads-data" in roles:
            return Value(frozenset([call.node]), Part.WHOLE)
        known = call.fact is not None or (call.name is not None and call.name.startswith("builtins."))
        joined = _join([receiver, *arguments])
        if "pipeline" in joined.tags or (call.fact is not None and "pipeline" in call.fact.tags):
            return Value(tags=joined.tags | frozenset(call.fact.tags if call.fact else ()), events=joined.events)
        if joined == NOTHING and not known:
            # A function of one's own that is given no rows and returns something may well load them.
            return Value(frozenset([call.node]), Part.WHOLE, certain=False)
        return replace(joined, certain=joined.certain and known, elements=())

    def _split(self, call: CallSite, data: tuple[Value, ...], receiver: Value) -> Value:
        certain = all(value.certain for value in data)
        event = Event("split", call, data, certain=certain)
        self._events.append(event)
        on_value = call.receiver is not None and self._model.qualified_name(call.receiver) is None
        if on_value and data[0] is not receiver:
            # A splitter yields the indices of the training and of the test rows.
            sources = _join(data).sources
            elements = [Value(sources, part, splits=frozenset([event])) for part in (Part.TRAIN, Part.TEST)]
        else:
            elements = [
                replace(value, part=_sub_part(value.part, part), splits=value.splits | {event}, elements=())
                for value in data
                for part in (Part.TRAIN, Part.TEST)
            ]
        return replace(_join(elements), part=Part.WHOLE, elements=tuple(elements))

    def _learn(self, kind: EventKind, call: CallSite, data: tuple[Value, ...], receiver: Value) -> Value:
        tags = receiver.tags or self._tags_of_receiver(call)
        estimator = replace(receiver, tags=tags)
        event = Event(kind, call, data, estimator, certain=all(value.certain for value in data))
        self._events.append(event)
        elements = tuple(replace(value, events=value.events | {event}, elements=()) for value in data)
        return replace(_join(elements), elements=elements if len(elements) > 1 else ())

    def _refit(self, call: CallSite, result: Value, receiver: Value, environment: Environment) -> Value:
        """Remember in the transformer what it has just learned from; an earlier fit is overwritten."""
        newest = frozenset(event for event in result.events if event.node is call.node)
        fitted = Value(tags=receiver.tags or self._tags_of_receiver(call), events=newest)
        if call.receiver is not None:
            key = _key(call.receiver)
            if key:
                environment[key] = fitted
        return fitted

    def _tags_of_receiver(self, call: CallSite) -> frozenset[str]:
        kind = call.receiver_kind
        return self._model.knowledge.tags(kind) if kind is not None else frozenset()


def _draws_with_replacement(call: CallSite) -> bool:
    return (call.receiver is not None and "fit" in call.last_name) or call.literal("replace", default=True) is True


def _sub_part(whole: Part, part: Part) -> Part:
    """Return what a split of ``whole`` gives: the second part of a training part is for validation."""
    if whole in (Part.WHOLE, Part.UNKNOWN):
        return part
    if whole is Part.TRAIN:
        return Part.TRAIN if part is Part.TRAIN else Part.VALIDATION
    if whole is Part.TEST:
        # Splitting what is left over into validation and test is common; the first part is not for training.
        return Part.VALIDATION if part is Part.TRAIN else Part.TEST
    return whole


def _join(values: Iterable[Value]) -> Value:
    """Return a value that may be, or is made of, any of ``values``."""
    known = [value for value in values if value != NOTHING]
    if not known:
        return NOTHING
    if len(known) == 1:
        return known[0]
    parts = {value.part for value in known if value.part is not Part.UNKNOWN}
    return Value(
        frozenset().union(*(value.sources for value in known)),
        parts.pop() if len(parts) == 1 else (Part.WHOLE if parts else Part.UNKNOWN),
        frozenset().union(*(value.events for value in known)),
        frozenset().union(*(value.splits for value in known)),
        frozenset().union(*(value.tags for value in known)),
        certain=all(value.certain for value in known),
    )


def _merge(first: Environment, second: Environment) -> Environment:
    """Join two environments: a name bound in only one branch keeps what it had there."""
    merged = dict(first)
    for name, value in second.items():
        known = first.get(name)
        if known is None or known is value:
            merged[name] = value
        elif known.elements and len(known.elements) == len(value.elements):
            pairs = zip(known.elements, value.elements, strict=True)
            merged[name] = replace(_join([known, value]), elements=tuple(_join(pair) for pair in pairs))
        else:
            merged[name] = _join([known, value])
    return merged


def _key(node: cst.CSTNode) -> str:
    """Return the name under which an assignable expression is kept: a name or a dotted chain of names."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = _key(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""
