"""Estimators as objects: making them, what they are given when they are made, loading and saving them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import libcst as cst

from mllint.semantic.flow.labels import both, names_of, of_kinds
from mllint.semantic.flow.places import Places
from mllint.semantic.flow.values import NOTHING, Columns, Instance, Value, join, replace

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite
    from mllint.semantic.flow.known_call import KnownCall
    from mllint.semantic.model import SemanticModel

#: Tags of classes whose instances learn from rows, or are given some to learn from later.
ESTIMATOR_TAGS = frozenset(
    {
        "estimator",
        "module",
        "pipeline",
        "resampler",
        "search",
        "learns-statistics",
        "learns-vocabulary",
        "stateless",
        "selects-epoch",
        "splitter",
        "forecaster",
    }
)
_MODEL_KINDS = frozenset({"classifier", "regressor", "clusterer", "model", "outlier-detector"})
_LEARNING_KINDS = frozenset(
    {
        "learns-statistics",
        "learns-vocabulary",
        "learns-edges",
        "selects-features",
        "reduces-dimensions",
        "supervised",
        "oversampler",
        "undersampler",
        "group-aware",
        "time-aware",
        "cross-fits",
        "affine",
        "scale-invariant",
        "counts-features",
        "imputer",
    }
)
#: The tags of a class that its instances have.
INSTANCE_TAGS = ESTIMATOR_TAGS | _MODEL_KINDS | _LEARNING_KINDS


class Estimators:
    """Makes, sets up, loads and saves estimators.

    Args:
        model: the semantic model of the unit.
        places: gives values to the targets of assignments.
    """

    def __init__(self, model: SemanticModel, places: Places) -> None:
        self._model = model
        self._places = places

    def make(self, call: KnownCall) -> Value | None:
        """Return a new instance of a known class whose instances learn or are given rows to learn from later."""
        assert call.site.name is not None
        return self._make(call, call.site.name)

    def make_of_parts(self, call: KnownCall) -> Value | None:
        """Return what a function makes that is given the estimators of which the result consists: ``make_pipeline``."""
        fact = call.fact
        return self._make(call, fact.returns) if "pipeline" in fact.tags and fact.returns is not None else None

    def _make(self, call: KnownCall, kind: str) -> Value | None:
        site, arguments, data = call.site, call.arguments, call.data
        tags = self._model.knowledge.tags(kind)
        if ESTIMATOR_TAGS.isdisjoint(tags):
            return None
        told = is_told(site, self._model)
        if not told and "picks-columns" not in tags and all(value is NOTHING for value in arguments.values()):
            # Most are layers, which are given numbers.
            return Value(objects=frozenset([Instance(site.node, kind, tags & INSTANCE_TAGS)]))
        given = join(list(arguments.values()))
        parts = frozenset(given.instances)
        inherited = frozenset().union(*(part.tags for part in parts)) if parts else frozenset()
        if not all("stateless" in part.tags for part in parts):
            inherited -= {"stateless"}
        if "pipeline" in tags and parts and all(part.tags & (_LEARNING_KINDS | {"stateless"}) for part in parts):
            tags -= _LEARNING_KINDS  # it learns what its steps learn
        if told:
            tags = frozenset({"estimator", "stateless"})
        instance = Instance(site.node, kind, (tags | inherited) & INSTANCE_TAGS, parts)
        instance.given = {
            arg.keyword.value: arguments[arg.value]
            for arg in site.node.args
            if arg.keyword is not None and not arguments[arg.value].is_nothing
        }
        for arg in site.node.args:
            if arg.star == "**" and not arguments[arg.value].is_nothing:
                instance.given["**"] = arguments[arg.value]
        if "picks-columns" in tags:
            instance.picks = self._picks(arguments)
        made = Value(objects=frozenset([instance]), learned=given.learned if not data else frozenset())
        held = join(data)
        return replace(made, rows=held.rows, learned=held.learned, columns=held.columns) if held.rows else made

    def _picks(self, arguments: Mapping[cst.BaseExpression, Value]) -> Columns | None:
        """Return the columns in the arguments of what takes some of them: in lists, and by kind."""
        found: Columns | None = None
        for node, value in arguments.items():
            inner: Columns | None = None
            if value.labels is not None:
                inner = value.labels
            elif isinstance(node, (cst.Tuple, cst.List)) and value.elements:
                # In ``("scale", StandardScaler(), columns)`` the columns come last, and the first is a name.
                last = node.elements[-1:] if type(node) is cst.Tuple else node.elements
                start = len(node.elements) - len(last)
                inner = self._picks({e.value: value.elements.get(start + i, NOTHING) for i, e in enumerate(last)})
            elif type(node) is cst.Call:
                kinds = self._model.call(node).literal("dtype_include", default=None)
                inner = of_kinds(Columns(), kinds, node) if kinds else None
            elif (names := names_of(self._model.literal(node))) is not None:
                inner = Columns(frozenset(names))
            if inner is not None:
                found = both(found, inner) if found is not None else inner
        return found

    def set_up(self, call: KnownCall) -> Value:
        """A method that returns the estimator itself sets it up: what it is given counts as given when it was made."""
        for arg in call.node.args:
            name = arg.keyword.value if arg.keyword is not None else arg.star
            if name and not call.arguments[arg.value].is_nothing:
                for instance in call.receiver.instances:
                    instance.given = {**instance.given, name: call.arguments[arg.value]}
        return call.receiver

    def load(self, call: KnownCall) -> Value | None:
        """An estimator is read from where it was saved."""
        fact = call.fact
        if fact.returns is None or call.is_construction:
            return None
        kind = fact.returns if fact.returns != "self" else (call.site.name or "").rpartition(".")[0]
        tags = self._model.knowledge.tags(kind) & INSTANCE_TAGS
        if not tags:
            return None
        saved = join(list(call.arguments.values())).instances
        return Value(objects=frozenset([Instance(call.node, kind, tags, frozenset(saved))]))

    def save(self, call: KnownCall) -> Value | None:
        """An estimator is saved; the path stands for what is kept there."""
        if not call.receiver.fits or call.is_construction:
            return None
        for path in call.site.arguments_for(call.fact.paths):
            if type(path) is cst.Name:
                self._places.assign(path, call.receiver, call.environment)
        return NOTHING


def trained_by(call: KnownCall) -> Value:
    """Return what an object trains or applies that is made for this, and knows what it was given for it."""
    trained = join([value for value in call.arguments.values() if value.instances and not value.rows])
    for instance in trained.instances:  # what the trainer was made with goes for what it trains
        instance.given = {**_given_to(call.receiver), **instance.given}
    return trained if trained.instances else call.receiver


def _given_to(value: Value) -> dict[str, Value]:
    """Return the arguments that the estimators which a value may be were made with."""
    return {name: given for instance in value.instances for name, given in instance.given.items()}


def given_rows(receiver: Value, name: str) -> tuple[Value, ...]:
    """Return the rows that an object was given when it was made."""
    held = [each.given[name] for each in receiver.instances if name in each.given]
    return (join(held),) if any(value.rows for value in held) else ()


def is_told(site: CallSite, model: SemanticModel) -> bool:
    """Tell whether a call leaves nothing to learn from rows: ``strategy="constant"``, ``boxcox(x, lmbda=0)``."""
    given = [site.argument(name).value for name in (site.fact.told_by if site.fact is not None else ())]
    if any(node is not None and model.literal(node) is not None for node in given):
        return True
    fact = model.knowledge.classes.get(site.name) if site.name is not None else None
    if fact is None:
        return False
    for condition in fact.stateless_when:
        name, negated, _ = condition.partition("!=")
        known = site.holds(condition)
        if known or (known is None and negated and site.argument(name).present):
            return True
    return False
