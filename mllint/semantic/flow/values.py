"""The lattice: abstract values, how they join, and the environments that map names to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import libcst as cst
import msgspec

from mllint.semantic.flow.rows import EACH, NUMBERS, Overlap, Part, Rows, Selection, longest_path
from mllint.semantic.literals import UNKNOWN

if TYPE_CHECKING:
    from mllint.semantic.flow.events import Event

#: No set in a value grows beyond this, so that a program that does one thing a thousand times stays linear.
_LARGEST_SET = 48
#: What containers hold is told apart so deep; containers in containers may share what they hold many times over.
DEEPEST_CONTAINER = 5


_number = attrgetter("number")


class _HasNumber(Protocol):
    number: int


_Numbered = TypeVar("_Numbered", bound=_HasNumber)


@dataclass(eq=False, slots=True)
class Instance:
    """An object that changes: an estimator that learns, an instance of one of the unit's own classes.

    Attributes:
        made: the expression that made it.
        kind: qualified name of its class, where known.
        tags: the tags of its class and of the estimators it is made of.
        parts: the estimators it is made of: steps of a pipeline, what a search tries.
        fits: what it was fitted by last; a fit overwrites the one before.
        given: the arguments it was made with, by name.
        attributes: what its attributes hold.
        picks: for what takes only some columns, which ones.
        definition: the class definition, for classes of the unit.
        number: its place in the order in which objects are made.
    """

    made: cst.CSTNode
    kind: str | None = None
    tags: frozenset[str] = frozenset()
    parts: frozenset[Instance] = frozenset()
    fits: frozenset[Event] = frozenset()
    given: Mapping[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    picks: Columns | None = None
    definition: cst.ClassDef | None = None
    number: int = field(default_factory=NUMBERS.__next__)


@dataclass(eq=False, slots=True)
class Function:
    """A function, lambda or class of the unit as a value, with the names it sees and what it is bound to, if it is."""

    node: cst.FunctionDef | cst.Lambda | cst.ClassDef
    environment: Environment
    owner: Instance | Function | None = None
    number: int = field(default_factory=NUMBERS.__next__)


class Columns(msgspec.Struct, frozen=True):
    """Which columns of their source rows hold.

    Attributes:
        only: the columns, None for all that are there.
        without: columns that were taken away.
        made: what reached single columns only, by the name of the column.
        sources: the columns that single columns were computed from.
        known: False once columns were chosen in a way that cannot be read off the code.
        unread: the places where they were so chosen, as far as these are kept.
        of: for a list of columns, where the rows of the table come from that it was taken from.
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    made: Mapping[str, frozenset[Event]] = {}
    sources: Mapping[str, frozenset[str]] = {}
    known: bool = True
    unread: frozenset[Hashable] = frozenset()
    of: frozenset[Hashable] = frozenset()

    def unknown(self, place: Hashable) -> Columns:
        """Return the columns after a choice, at a place, that cannot be read off the code."""
        return replace(self, known=False, unread=self.unread | {place} if self.known or self.unread else frozenset())

    def holds(self, name: str) -> bool | None:
        """Tell whether a column is among them, given that the source has it; None if unknown."""
        if not self.known:
            return None
        if self.only is not None:
            return name in self.only
        return name not in self.without


ALL_COLUMNS = Columns()


class Value(msgspec.Struct, frozen=True, eq=False):
    """An abstract value: which rows it holds, what reached it, and what it is.

    Attributes:
        rows: the rows it holds; empty for what holds none, such as a statistic or a model.
        learned: the events whose result reached it as a whole: fits, statistics, resamplings, shifts.
        columns: which columns it holds and what reached only some of them.
        computed_from: the columns that a single column, or a number, was computed from.
        objects: the estimators, instances and functions that it may be.
        elements: what containers hold, by position or literal key.
        predicted: the predictions in it.
        scores: the evaluations that it was computed from.
        mask: the question and answer of a selection that indexing with it makes.
        indexes: whether its rows stand for the positions or labels of rows, not for their content.
        grouped: whether its rows are divided into groups, so that what is computed is computed for each group.
        windowed: whether it stands for a window that moves over its rows.
        labels: the columns that it lists; None for what is no list of columns.
        constant: for what holds nothing else, the plain value that a call has given for it: True, None, ``"test"``.
        certain: False once it has passed through code that could not be looked into.
    """

    rows: frozenset[Rows] = frozenset()
    learned: frozenset[Event] = frozenset()
    columns: Columns = ALL_COLUMNS
    computed_from: frozenset[str] = frozenset()
    objects: frozenset[Instance | Function] = frozenset()
    elements: Mapping[Any, Value] = {}
    predicted: frozenset[Event] = frozenset()
    scores: frozenset[Event] = frozenset()
    mask: Selection | None = None
    indexes: bool = False
    grouped: bool = False
    windowed: bool = False
    labels: Columns | None = None
    constant: object = UNKNOWN
    certain: bool = True

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is known to have reached the value."""
        return not (
            self.rows
            or self.learned
            or self.objects
            or self.elements
            or self.predicted
            or self.scores
            or self.mask
            or self.labels is not None
        )

    @property
    def part(self) -> Part:
        """Which part of the data the rows are; rows of several parts are the whole."""
        parts = {rows.part for rows in self.rows}
        if not parts:
            return Part.UNKNOWN
        return parts.pop() if len(parts) == 1 else Part.WHOLE

    @property
    def sources(self) -> frozenset[Hashable]:
        """Where the rows come from."""
        return frozenset(rows.source for rows in self.rows)

    @property
    def splits(self) -> frozenset[Event]:
        """The splits that the rows came out of."""
        from mllint.semantic.flow.events import Event

        return frozenset(s.key for rows in self.rows for s in rows.path if isinstance(s.key, Event))

    @property
    def instances(self) -> list[Instance]:
        """The estimators and instances of own classes that the value may be, in order."""
        return [each for each in in_order(self.objects) if type(each) is Instance] if self.objects else []

    @property
    def functions(self) -> list[Function]:
        """The functions and classes of the unit that the value may be, in order."""
        return [each for each in in_order(self.objects) if type(each) is Function] if self.objects else []

    @property
    def ordered_rows(self) -> list[Rows]:
        """The rows in order, for where the first of them decides."""
        return sorted(self.rows, key=lambda rows: rows.numbers) if len(self.rows) > 1 else list(self.rows)

    @property
    def tags(self) -> frozenset[str]:
        """The tags of the estimators that the value may be."""
        if not self.objects:
            return frozenset()
        return frozenset().union(*(each.tags for each in self.objects if type(each) is Instance))

    @property
    def fits(self) -> frozenset[Event]:
        """What the estimators that the value may be have been fitted by."""
        if not self.objects:
            return frozenset()
        return frozenset().union(*(fits_of(each) for each in self.objects if type(each) is Instance))

    @property
    def is_table(self) -> bool:
        """Whether it is what was learned: a statistic, or a table of them with a row for each group."""
        return bool(self.learned) and all(rows.derived for rows in self.rows)

    def influences(self) -> Iterator[tuple[Event, bool]]:
        """Yield every event that reached the rows, with whether the column it reached surely is among them."""
        for event in in_order(self.learned):
            yield event, True
        for name, events in sorted(self.columns.made.items()):
            held = self.columns.holds(name)
            if held is not False:
                for event in in_order(events - self.learned):
                    yield event, held is True

    @property
    def reached_by(self) -> frozenset[Event]:
        """Every event that reached it, or one of its columns."""
        if not self.columns.made:
            return self.learned
        return self.learned.union(*self.columns.made.values())

    def compare(self, other: Value) -> Overlap:
        """Tell whether two values share rows: the strongest answer of any two of their row sets."""
        best = Overlap.NONE
        for mine in self.rows:
            for theirs in other.rows:
                answer = mine.compare(theirs)
                if answer is Overlap.SAME:
                    return answer
                if answer is not best and answer.rank < best.rank:
                    best = answer
        return best

    def select(self, selection: Selection) -> Value:
        """Return some of the rows."""
        return replace(self, rows=mapped(self.rows, lambda rows: rows.select(selection)), elements={}, mask=None)

    def each(self, node: cst.CSTNode) -> Value:
        """Return the rows taken one by one at a place."""
        return self.select(Selection((EACH, node), True))

    def together(self, *places: cst.CSTNode) -> Value:
        """Return rows that were taken one by one, at some places or anywhere, put together again."""
        rows = mapped(self.rows, lambda each: each.together(places))
        return self if rows == self.rows else replace(self, rows=rows)

    @property
    def are_folds(self) -> bool:
        """Whether it gives, for each fold, the indices of the training and of the test rows."""
        return len(self.elements) == 2 and bool(self.splits) and all(each.indexes for each in self.elements.values())

    @property
    def is_each(self) -> bool:
        """Whether its rows are taken one by one."""
        return any(selection.is_each for rows in self.rows for selection in rows.path)

    def of(self, rows: frozenset[Rows]) -> Value:
        """Return the value with other rows, such as only some of them."""
        return replace(self, rows=rows)

    def plain(self) -> Value:
        """Return the value without what only the container or the mask itself is."""
        if not (self.elements or self.mask or self.indexes or self.grouped or self.windowed):
            return self
        return replace(self, elements={}, mask=None, indexes=False, grouped=False, windowed=False)


NOTHING = Value()
#: Returns a copy of a value, or of columns, with some fields changed.
replace = msgspec.structs.replace


def in_order(several: Collection[_Numbered]) -> Collection[_Numbered]:
    """Return events or objects in order, for where the first of them decides: sets have another in every process."""
    return sorted(several, key=_number) if len(several) > 1 else several


def mapped(several: frozenset[Rows], change: Callable[[Rows], Rows]) -> frozenset[Rows]:
    """Return rows that were changed; of those that are the same afterwards, the first in order stay."""
    rows = frozenset([change(each) for each in several])
    if len(rows) == len(several):
        return rows
    return frozenset([change(each) for each in sorted(several, key=lambda each: each.numbers)])


def with_learned(value: Value, *events: Event) -> Value:
    """Return a value that events have reached."""
    if not events:
        return value
    return replace(value, learned=value.learned.union(events))


def fits_of(instance: Instance, depth: int = 3) -> frozenset[Event]:
    """Return what an estimator was fitted by, or else what the estimators it is made of were fitted by."""
    if instance.fits or depth == 0:
        return instance.fits
    return frozenset().union(*(fits_of(part, depth - 1) for part in instance.parts))


def capped(events: frozenset[Event]) -> frozenset[Event]:
    """Return at most so many events as a value may hold, the earliest ones."""
    if len(events) <= _LARGEST_SET:
        return events
    return frozenset(sorted(events, key=_number)[:_LARGEST_SET])


def join(values: Iterable[Value]) -> Value:
    """Return a value that may be, or is made of, any of ``values``; containers among them lose their elements."""
    known: list[Value] = []
    for value in values:
        if value is not NOTHING and not value.is_nothing and not (known and value is known[-1]):
            known.append(value)
    if len(known) < 2:
        return known[0] if known else NOTHING
    first = known[0]
    rows, learned, computed_from = first.rows, first.learned, first.computed_from
    objects, predicted, scores = first.objects, first.predicted, first.scores
    mask: Selection | None = first.mask
    indexes, grouped, windowed, certain = True, False, False, True
    for value in known:  # one pass: most sets are empty or the same, and this is where values meet all the time
        if value.rows:
            rows = rows if rows is value.rows else rows | value.rows
            indexes = indexes and value.indexes
        if value.learned is not learned and value.learned:
            learned = learned | value.learned
        if value.computed_from is not computed_from and value.computed_from:
            computed_from = computed_from | value.computed_from
        if value.objects:
            objects = objects | value.objects
        if value.predicted:
            predicted = predicted | value.predicted
        if value.scores:
            scores = scores | value.scores
        if value.mask != mask:
            mask = None
        grouped = grouped or value.grouped
        windowed = windowed or value.windowed
        certain = certain and value.certain
    for held in rows:
        if held.derived:
            rows = frozenset([each for each in rows if not each.derived]) or rows
            break
    return Value(
        rows=rows if len(rows) <= _LARGEST_SET else first.rows,
        learned=capped(learned),
        columns=join_columns([value.columns for value in known if value.rows]),
        computed_from=computed_from,
        objects=objects,
        predicted=capped(predicted),
        scores=capped(scores),
        mask=mask,
        indexes=indexes and bool(rows),
        grouped=grouped,
        windowed=windowed,
        certain=certain,
    )


def either(first: Value, second: Value, depth: int = DEEPEST_CONTAINER) -> Value:
    """Return what a name holds that got one value on one way and another on the other: elements join one by one."""
    if first is second:
        return first
    joined = join([first, second])
    if depth and first.elements and second.elements and first.elements.keys() == second.elements.keys():
        elements = {key: either(value, second.elements[key], depth - 1) for key, value in first.elements.items()}
        return replace(joined, elements=elements)
    return joined if not joined.elements or first.is_nothing or second.is_nothing else replace(joined, elements={})


def along(base: Value, index: Value) -> Value:
    """Return the rows of ``base`` at the positions or labels that ``index`` stands for."""
    path, sources = longest_path(index.rows), index.sources
    rows = mapped(
        base.rows, lambda held: _selected(held, path if held.source not in sources else _after(path, held.path))
    )
    return replace(base, rows=rows, certain=base.certain and index.certain, elements={}, mask=None)


def _selected(rows: Rows, path: tuple[Selection, ...]) -> Rows:
    for selection in path:
        rows = rows.select(selection)
    return rows


def _after(path: tuple[Selection, ...], beginning: tuple[Selection, ...]) -> tuple[Selection, ...]:
    """Return what comes after the steps that two paths share."""
    shared = 0
    for mine, theirs in zip(path, beginning, strict=False):
        if mine != theirs:
            break
        shared += 1
    return path[shared:]


def join_columns(several: list[Columns]) -> Columns:
    """Return the columns of rows that were put together."""
    if not several:
        return ALL_COLUMNS
    first = several[0]
    if all(columns is first or columns == first for columns in several[1:]):
        return first
    everything = any(columns.only is None for columns in several)
    made: dict[str, frozenset[Event]] = {}
    sources: dict[str, frozenset[str]] = {}
    for columns in several:
        for name, events in columns.made.items():
            made[name] = made.get(name, frozenset()) | events
        for name, names in columns.sources.items():
            sources[name] = sources.get(name, frozenset()) | names
    lacking = {name for columns in several for name in columns.without}
    nowhere = frozenset(name for name in lacking if all(_lacks(columns, name) for columns in several))
    # One lacks the column, and whether another has it is not known.
    open_ones = {name for name in lacking - nowhere if not any(name in (c.only or c.made) for c in several)}
    joined = _joined_columns(several, everything, nowhere, made, sources)
    return joined.unknown(("joined", frozenset(open_ones))) if open_ones else joined


def _lacks(columns: Columns, name: str) -> bool:
    return name in columns.without or (columns.only is not None and name not in columns.only)


def _joined_columns(
    several: list[Columns],
    everything: bool,
    without: frozenset[str],
    made: Mapping[str, frozenset[Event]],
    sources: Mapping[str, frozenset[str]],
) -> Columns:
    return Columns(
        None if everything else frozenset().union(*(c.only for c in several if c.only is not None)),
        without,
        made,
        sources,
        all(columns.known for columns in several),
        frozenset().union(*(columns.unread for columns in several))
        if all(columns.known or columns.unread for columns in several)
        else frozenset(),
    )


class Environment:
    """Maps names to values. A branch is an overlay on the environment around it, so that it costs what it changes."""

    __slots__ = ("_parent", "_read", "_values")

    def __init__(self, parent: Environment | None = None, *, watched: bool = False) -> None:
        self._parent = parent
        self._values: dict[str, Value | None] = {}
        #: For a watched overlay, the names that were read through it before it bound them.
        self._read: set[str] | None = set() if watched else None

    def get(self, name: str) -> Value | None:
        """Return what a name holds, or None if it is not bound here."""
        scope: Environment | None = self
        while scope is not None:
            if name in scope._values:
                return scope._values[name]
            if scope._read is not None:
                scope._read.add(name)
            scope = scope._parent
        return None

    def set(self, name: str, value: Value) -> None:
        """Bind a name; what it held before is forgotten."""
        self._values[name] = value

    def forget(self, name: str) -> None:
        """Unbind a name."""
        self._values[name] = None

    def branch(self, *, watched: bool = False) -> Environment:
        """Return an overlay for code that may or may not run; a watched one notes what is read through it."""
        return Environment(self, watched=watched)

    def meets_itself(self) -> bool:
        """Tell whether a watched overlay binds a name anew that was read through it before: what another round finds."""
        return self._read is not None and any(name in self._read for name in self._values)

    def since(self, around: Environment) -> dict[str, Value]:
        """Return what overlays of an environment have bound anew."""
        changed: dict[str, Value] = {}
        scope: Environment | None = self
        while scope is not None and scope is not around:
            changed = {**{name: value for name, value in scope._values.items() if value is not None}, **changed}
            scope = scope._parent
        return changed

    def join(self, changed: Mapping[str, Value]) -> None:
        """Take in what names hold where this place is reached on another way."""
        for name, value in changed.items():
            held = self.get(name)
            self._values[name] = either(held, value) if held is not None else value

    def merge(self, *branches: Environment) -> None:
        """Take in overlays of this environment of which exactly one has come true."""
        for name in {name: None for branch in branches for name in branch._values}:
            values = [branch.get(name) for branch in branches]
            bound = [value for value in values if value is not None]
            if not bound:
                self._values[name] = None
                continue
            merged = bound[0]
            for value in bound[1:]:
                merged = either(merged, value)
            self._values[name] = merged
