"""What the rules about the target share: which column a model learns to predict, and where its features were chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst

from mllint import CallSite, Confidence, Context, Event, Instance, Value
from mllint_rules.leakage._evaluations import Evaluation, evaluations, place_of
from mllint_rules.leakage._time import TIME_NAME, trains_to_predict


class Task(NamedTuple):
    """A model that is evaluated and learns to predict one column of the rows that it gets.

    Attributes:
        evaluation: its first evaluation.
        target: the column.
        features: the rows that it learns from.
        answers: the column's values.
        passed: tells which of the columns the model lets through.
    """

    evaluation: Evaluation
    target: str
    features: Value
    answers: Value
    passed: Passed

    def holds(self, name: str) -> bool:
        """Tell whether a column surely is among the features."""
        columns, others = self.features.columns, self.answers.columns
        if columns.known:
            held = columns.holds(name)
        else:
            # Unread choices do not matter that the target came through as well.
            through = bool(columns.unread) and columns.unread <= others.unread and name == self.target
            held = through and name not in columns.without and (columns.only is None or name in columns.only)
        return bool(held) and self.passed(name)

    @property
    def fit(self) -> Event:
        """The fit, or the cross-validation."""
        return self.evaluation.fit

    @property
    def source(self) -> str | None:
        """The one column that the target was computed from in each row, if there is one."""
        names = self.answers.computed_from - {self.target}
        if len(names) != 1 or any(event.kind not in ("fit", "time-order") for event in self.answers.reached_by):
            return None
        (name,) = names
        # Several things can be read out of a time.
        return None if TIME_NAME.search(name) or name in self.features.columns.made else name

    @property
    def confidence(self) -> Confidence | None:
        """The confidence in a finding."""
        return None if self.fit.certain else Confidence.MEDIUM

    @property
    def trace(self) -> list[tuple[cst.CSTNode | CallSite, str]]:
        """The rest of the way: trained here, evaluated here."""
        fit, scored = self.fit, self.evaluation.event
        if fit is scored:
            return [(place_of(fit), "The model is trained and evaluated on folds here")]
        return [(place_of(fit), "The model is trained here"), (place_of(scored), "It is evaluated here")]


def tasks(ctx: Context) -> Iterator[Task]:
    """Yield every fit of an evaluated model whose target is one column and whose columns are known."""
    met: set[Event] = set()
    for evaluation in evaluations(ctx):
        fit = evaluation.fit
        if fit in met or not trains_to_predict(fit) or "forecaster" in fit.tags:
            continue
        met.add(fit)
        held, answers = fit.rows, fit.target
        only = answers.columns.only
        if only is None or len(only) != 1 or not answers.columns.known or held.sources.isdisjoint(answers.sources):
            continue
        if _predicted(held) or (held.columns.only is not None and len(held.columns.only) < 2):
            continue  # predictions that are stacked, or a series that is predicted from its own past
        if not _moved(held.learned) and not _moved(answers.learned):
            (target,) = only
            yield Task(evaluation, target, held, answers, Passed(fit.models, ctx))


def _predicted(held: Value) -> bool:
    """Tell whether values are, or are made of, what other models have predicted."""
    return bool(held.predicted) or any(event.kind == "fit" and event.trains_model for event in held.learned)


def _moved(events: frozenset[Event]) -> bool:
    """Tell whether values come from other rows than the ones they are in."""
    return any(event.kind in ("look-ahead", "look-back", "window") for event in events)


class Passed:
    """Tells whether a column that a model is given surely passes through its first steps."""

    def __init__(self, models: Iterable[Instance], ctx: Context) -> None:
        self._models = models
        self._ctx = ctx

    def __call__(self, name: str) -> bool:
        """Tell whether a column surely gets to the model behind the steps that may take columns away."""
        return all(self._passes(model, name, 4) for model in self._models)

    def _passes(self, instance: Instance, name: str, depth: int) -> bool:
        if instance.definition is not None and not self._keeps(instance.definition, name):
            return False
        tags = self._ctx.knowledge.tags(instance.kind) if instance.kind is not None else frozenset()
        if "picks-columns" in tags and not self._is_picked(instance, name):
            return False
        return depth == 0 or all(self._passes(part, name, depth - 1) for part in instance.parts)

    def _keeps(self, definition: cst.ClassDef, name: str) -> bool:
        """Tell whether a transformer of the unit takes at most single columns away, and not this one."""
        for node in self._ctx.model.descendants(definition):
            if isinstance(node, cst.SimpleString) and self._ctx.model.literal(node) == name:
                return False
            if isinstance(node, cst.Attribute) and node.attr.value in _TAKES_COLUMNS:
                return False
            if isinstance(node, cst.Return) and isinstance(node.value, cst.Subscript):
                return False
        return True

    def _is_picked(self, instance: Instance, name: str) -> bool:
        """Tell whether one of the lists of columns of a ``ColumnTransformer`` has a column."""
        if not isinstance(instance.made, cst.Call):
            return False
        call = self._ctx.model.call(instance.made)
        if call.literal("remainder", default="drop") == "passthrough":
            return True
        return instance.picks is not None and instance.picks.holds(name) is True


#: What a transformer does that takes several columns away.
_TAKES_COLUMNS = frozenset({"drop", "filter", "select_dtypes", "loc", "iloc", "reindex", "select"})


def features_chosen(task: Task, ctx: Context) -> cst.CSTNode:
    """Return the code that says which columns are the features, as far back as it can be followed."""
    node: cst.CSTNode | None = features_argument(task.fit)
    for _ in range(4):
        if not isinstance(node, cst.Name):
            break
        value = ctx.model.assigned_value(node)
        if isinstance(value, cst.Call) and "loads-data" in ctx.model.call(value).roles:
            break
        if value is not None:
            node = value
            continue
        given = _given_to_split(task, ctx)
        if given is None or given is node:
            break
        node = given
    return node if node is not None else task.fit.node


def features_argument(fit: Event) -> cst.BaseExpression | None:
    """Return the argument by which a fit is given the rows that it learns from."""
    call = fit.call
    if call is None:
        return None
    for name in ("X", "x", "data", "train_set", "dtrain"):
        found = call.argument(name)
        if found.value is not None:
            return found.value
    return call.positional[0].value if call.positional else None


def _given_to_split(task: Task, ctx: Context) -> cst.CSTNode | None:
    """Return what the features were split from, as the split was given it."""
    for split in sorted(task.features.splits, key=lambda each: -each.number):
        if split.call is None:
            continue
        for argument, value in zip(split.call.positional, split.data, strict=False):
            if value.rows and (value.columns.only is None or len(value.columns.only) > 1):
                return argument.value
    return None


def column_made(name: str, ctx: Context, before: cst.CSTNode, *, of: str | None = None) -> cst.CSTNode | None:
    """Return the last code before another that makes a column: ``frame["name"] = …``, ``assign(name=…)``.

    Args:
        name: the column.
        ctx: the unit.
        before: the other code.
        of: a column that the code should mention, where some does.
    """
    found: cst.CSTNode | None = None
    told: cst.CSTNode | None = None
    limit = ctx.model.order(before)
    for statement in ctx.model.nodes(cst.Assign):
        for target in statement.targets:
            place = target.target
            if not isinstance(place, cst.Subscript) or not isinstance(place.slice[-1].slice, cst.Index):
                continue
            if ctx.model.literal(place.slice[-1].slice.value) == name and ctx.model.order(statement) < limit:
                found = place
                if of is not None and _mentions(statement.value, of, ctx):
                    told = place
    for call in ctx.model.calls:
        if call.last_name == "assign" and ctx.model.order(call.node) < limit:
            argument = call.argument(name)
            found = argument.node or found
            if of is not None and argument.value is not None and _mentions(argument.value, of, ctx):
                told = argument.node
    return told or found


def _mentions(value: cst.CSTNode, name: str, ctx: Context) -> bool:
    """Tell whether code reads a column by its name."""
    return any(
        (isinstance(node, cst.SimpleString) and ctx.model.literal(node) == name)
        or (isinstance(node, cst.Attribute) and node.attr.value == name)
        for node in ctx.model.descendants(value)
    )
