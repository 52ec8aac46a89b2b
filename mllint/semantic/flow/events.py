"""Events: what happens to data in a unit. Rules read them and never the interpreter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.values import NOTHING, Instance, Value

EventKind = Literal[
    "split",
    "fit",
    "transform",
    "statistic",
    "resample",
    "apply",
    "select-rows",
    "select-columns",
    "predict",
    "score",
    "cross-validate",
    "choose",
    "look-ahead",
    "look-back",
    "time-order",
    "window",
]


@dataclass(slots=True, eq=False)
class Event:
    """Something that happens to data.

    ``split``: rows are divided. ``fit``: an estimator learns from them. ``transform``: it is applied to them.
    ``statistic``: a number or a table is computed over them. ``resample``: rows are drawn again or made up.
    ``apply``: a statistic is put into rows. ``select-rows`` and ``select-columns``: some are chosen by one.
    ``predict`` and ``score``: a model is applied to them, or evaluated on them. ``cross-validate``: fitted on and
    evaluated on folds of them. ``choose``: the best of several scores, or the better of two, is taken. ``look-ahead``
    and ``look-back``: rows get values of later or earlier rows. ``time-order``: rows are in the order of time.
    ``window``: overlapping runs of rows become rows.

    Attributes:
        kind: what happens.
        node: the code that does it.
        number: its place in the order in which events happen.
        call: the call that does it, where it is one.
        data: the values that it works on, in the order of the data parameters of the callee.
        models: the estimators that learn, are applied or evaluated.
        tags: the tags of the estimators, or of the callee where there is none.
        earlier: what the estimators had been fitted by before; for an application or a selection, what is put in or what it is made by.
        fits: what the evaluated or applied models were fitted by.
        scores: for a choice, the evaluations it is made by.
        validation: for a fit, the rows that it is watched on.
        selects: for a fit, whether the score on the validation rows decides what it returns.
        loops: the loops that it happens in, the outermost first, through calls.
        calls: the calls of own functions that lead to it, the outermost first.
        certain: False where an origin went through code that could not be looked into.
    """

    kind: EventKind
    node: cst.CSTNode
    number: int
    call: CallSite | None = None
    data: tuple[Value, ...] = ()
    models: frozenset[Instance] = frozenset()
    tags: frozenset[str] = frozenset()
    earlier: frozenset[Event] = frozenset()
    fits: frozenset[Event] = frozenset()
    scores: frozenset[Event] = frozenset()
    validation: tuple[Value, ...] = ()
    selects: bool = False
    loops: tuple[cst.CSTNode, ...] = ()
    calls: tuple[cst.Call, ...] = field(default=())
    certain: bool = True

    @property
    def rows(self) -> Value:
        """The rows that it mainly works on: the first value that holds any."""
        return next((value for value in self.data if value.rows), NOTHING)

    @property
    def target(self) -> Value:
        """For a fit, what it learns to predict."""
        return self.data[1] if len(self.data) > 1 else NOTHING

    @property
    def trains_model(self) -> bool:
        """Whether a fit makes a model that predicts, and not only a transformer."""
        return self.kind == "fit" and bool(self.tags & _MODEL_TAGS or not self.tags)


_MODEL_TAGS = frozenset({"classifier", "regressor", "search", "module", "model", "forecaster"})
