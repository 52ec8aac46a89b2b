"""What one interpretation of a unit keeps: the events so far, where execution is, and how much work is left."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.semantic.flow.events import Event, EventKind
from mllint.semantic.flow.values import Instance, Value, either, replace

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel

#: Statements nested deeper than this are not entered.
DEEPEST_NESTING = 40
#: Calls of own functions are entered this deep, counted from the first that is given something.
DEEPEST_CALL = 3
#: A function that no call has been seen to give anything is entered this deep, once.
_DEEPEST_FIRST_CALL = 8
#: Calls of own functions are entered this deep where all around are given nothing, as ``main()`` is.
_DEEPEST_BARE_CALL = 12
#: A unit may interpret so many statements for each that it has, and some more where it is short.
_STEPS_PER_STATEMENT, _STEPS_AT_LEAST = 12, 2_000


class State:
    """The state of one interpretation.

    Attributes:
        model: the semantic model of the unit.
        events: the events so far, in the order in which they happen.
        loops: the loops that execution is in, the outermost first.
        calls: the calls of own functions that execution is in, the outermost first.
        loop_names: the names that the loops around bind.
        counters: those of them that count.
        entered: the functions that are being interpreted, the outermost first.
        called: the functions that were interpreted at a call.
        loaded_in: for sources of rows that calls load, the loops in which they do.
    """

    def __init__(self, model: SemanticModel, statements: int) -> None:
        self.model = model
        self.events: list[Event] = []
        self.loops: list[cst.CSTNode] = []
        self.calls: list[cst.Call] = []
        self.loop_names: list[str] = []
        self.counters: list[str] = []
        self._cut: set[cst.CSTNode | None] = set()
        self.entered: list[cst.CSTNode] = []
        self.called: set[cst.CSTNode] = set()
        self.loaded_in: dict[Hashable, tuple[cst.CSTNode, ...]] = {}
        self._too_deep: set[cst.CSTNode] = set()
        self._rounds: list[int] = []
        self._fitted: list[dict[Instance, frozenset[Event]]] = []
        self._known: dict[tuple[object, ...], Event] = {}
        #: How many blocks are open in the function that is interpreted.
        self.nesting = 0
        self._depth = 0
        self._steps = _STEPS_PER_STATEMENT * statements + _STEPS_AT_LEAST

    def event(self, kind: EventKind, node: cst.CSTNode, data: tuple[Value, ...], **details: Any) -> Event:
        """Record an event; one that happens again, in another run of a loop, is joined with itself."""
        key = (kind, node, *self.calls, *self._rounds)
        known = self._known.get(key)
        certain = details.pop("certain", True) and all(value.certain for value in data)
        if known is None:
            known = self._known[key] = Event(
                kind, node, len(self.events), data=data, loops=tuple(self.loops), calls=tuple(self.calls), **details
            )
            known.certain = certain
            self.events.append(known)
            return known
        if len(data) == len(known.data):
            known.data = tuple(either(old, new) for old, new in zip(known.data, data, strict=True))
        for name in ("models", "earlier", "fits", "scores", "tags"):
            if name in details:
                setattr(known, name, getattr(known, name) | details[name])
        known.certain = known.certain and certain
        return known

    def applied(self, rows: Value, statistic: Value, node: cst.CSTNode) -> Value:
        """Return rows into which something learned was put, which holds no rows itself."""
        new = frozenset(
            event for event in statistic.learned - rows.reached_by if event.kind in ("statistic", "fit", "score")
        )
        if not new:
            return replace(rows, learned=rows.learned | statistic.learned) if statistic.learned else rows
        event = self.event("apply", node, (rows,), earlier=new)
        return replace(rows, learned=(rows.learned | statistic.learned | {event}) - new)

    def fitted(self, instance: Instance, fits: frozenset[Event]) -> None:
        """Note what an estimator is fitted by from now on."""
        if self._fitted:
            self._fitted[-1].setdefault(instance, instance.fits)
        instance.fits = fits

    def alternatives(self, *blocks: Callable[[], bool]) -> list[bool]:
        """Run blocks of which exactly one comes true: none meets what another has fitted, and what follows meets all."""
        before: dict[Instance, frozenset[Event]] = {}
        after: list[dict[Instance, frozenset[Event]]] = []
        ends: list[bool] = []
        for block in blocks:
            self._fitted.append({})
            ends.append(block())
            changed = self._fitted.pop()
            after.append({instance: instance.fits for instance in changed})
            for instance, fits in changed.items():
                before[instance] = instance.fits = fits
        for instance, fits in before.items():
            self.fitted(instance, frozenset().union(*(fitted.get(instance, fits) for fitted in after)))
        return ends

    def step(self) -> bool:
        """Count one statement; False once no work is left."""
        self._steps -= 1
        if self._steps > 0 and self.nesting < DEEPEST_NESTING:
            return True
        self.cut()
        return False

    def cut(self) -> None:
        """Note that the interpretation of the innermost function, or of the module, ends at a bound."""
        self._cut.add(self.entered[-1] if self.entered else None)

    @property
    def stopped(self) -> frozenset[cst.CSTNode | None]:
        """The functions, or None for the module, that were cut off at a bound, or all of whose calls are too deep."""
        return frozenset(self._cut | (self._too_deep - self.called))

    @property
    def exhausted(self) -> bool:
        """Whether no work is left."""
        return self._steps <= 0

    @contextmanager
    def loop(self, node: cst.CSTNode, names: list[str], counters: Sequence[str] = ()) -> Iterator[None]:
        """Be in a loop that binds names."""
        self.loops.append(node)
        before, counted = len(self.loop_names), len(self.counters)
        self.loop_names += names
        self.counters += counters
        try:
            yield
        finally:
            self.loops.pop()
            del self.loop_names[before:]
            del self.counters[counted:]

    @contextmanager
    def round(self, number: int) -> Iterator[None]:
        """Be in one round of an unrolled loop, whose events are events of their own."""
        self._rounds.append(number)
        try:
            yield
        finally:
            self._rounds.pop()

    def may_enter(self, function: cst.CSTNode) -> bool:
        """Tell whether the body of an own function may be interpreted here, and note where it is too deep for that."""
        if function in self.entered or self.exhausted:
            return False
        if self._depth < DEEPEST_CALL and len(self.calls) < _DEEPEST_BARE_CALL:
            return True
        if function not in self.called and self._depth < _DEEPEST_FIRST_CALL:
            return True
        self._too_deep.add(function)
        return False

    @contextmanager
    def call(self, node: cst.Call, function: cst.CSTNode, *, bare: bool) -> Iterator[None]:
        """Be in a call of an own function; of one that is ``bare`` of anything of interest, it is not a level deeper."""
        depth = self._depth
        self._depth = depth + 1 if depth or not bare else 0
        self.calls.append(node)
        self.called.add(function)
        self.entered.append(function)
        nesting, self.nesting = self.nesting, 0
        try:
            yield
        finally:
            self._depth = depth
            self.calls.pop()
            self.entered.pop()
            self.nesting = nesting
