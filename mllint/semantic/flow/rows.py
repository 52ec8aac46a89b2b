"""Rows: which rows of which source a value holds, and whether two values share any.

A source is a place where rows come from. Rows are a source and the path of selections that led from it to them, the
outermost first: a side of a split, a slice, a side of a mask, a random sample, a filter. Two sets of rows of one source
are compared by their paths alone; what cannot be told is said to be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import libcst as cst


class Part(Enum):
    """Which part of the data a value holds."""

    WHOLE = "whole"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    UNKNOWN = "unknown"


class Overlap(Enum):
    """Whether two sets of rows share rows."""

    SAME = "same"
    CONTAINS = "contains"
    INSIDE = "inside"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"

    @property
    def shares(self) -> bool:
        """Whether some rows surely are on both sides."""
        return self not in (Overlap.NONE, Overlap.UNKNOWN)

    @property
    def rank(self) -> int:
        """The place in the order of how much the answer says, from the same rows, 0, to none in common."""
        return _STRENGTH.index(self)


_STRENGTH = (Overlap.SAME, Overlap.CONTAINS, Overlap.INSIDE, Overlap.SOME, Overlap.UNKNOWN, Overlap.NONE)


@dataclass(frozen=True, slots=True)
class Share:
    """A place in rows by the share of them before it: ``int(0.8 * len(rows))``.

    Attributes:
        share: how much is before it, from 0 to 1.
        of: the text of what it is a share of.
    """

    share: float
    of: str


#: One end of a slice: a number (negative ones count from the end), a share, an open end (None), or what tells another
#: expression from others.
Bound = Hashable


@dataclass(frozen=True, slots=True)
class Interval:
    """The rows from ``low`` up to, and without, ``high``."""

    low: Bound
    high: Bound

    def compare(self, other: Interval) -> Overlap:
        """Tell whether two slices of the same rows share some."""
        if self == other:
            return Overlap.SAME
        if _before(self.high, other.low) or _before(other.high, self.low):
            return Overlap.NONE
        if (self.low is None and other.low is None) or (self.high is None and other.high is None):
            return Overlap.SOME
        if _inside(self, other) or _inside(other, self):
            return Overlap.SOME
        return Overlap.UNKNOWN


def _before(end: Bound, start: Bound) -> bool:
    """Tell whether a slice that stops at ``end`` stops before one that begins at ``start``."""
    if end is None or start is None:
        return False
    if isinstance(end, int) and isinstance(start, int) and (end < 0) == (start < 0):
        return end <= start
    if isinstance(end, Share) and isinstance(start, Share) and end.of == start.of:
        return end.share <= start.share + _ROUNDING
    return end == start


def _inside(first: Interval, second: Interval) -> bool:
    """Tell whether slices with plain bounds surely meet: the first begins within the second."""
    bounds = (first.low, second.low, second.high)
    share = next((bound for bound in bounds if isinstance(bound, Share)), None)
    if share is not None:
        return _inside_shares(*bounds, share.of)
    low = 0 if first.low is None else first.low
    start = 0 if second.low is None else second.low
    if not isinstance(low, int) or not isinstance(start, int) or (low < 0) != (start < 0) or low < start:
        return False
    high = second.high
    return high is None or (isinstance(high, int) and (high < 0) == (low < 0) and low < high)


def _inside_shares(low: Bound, start: Bound, high: Bound, of: str) -> bool:
    """Tell whether a place is surely within a slice, all given as shares of the same rows."""
    places = [Share(end, of) if bound is None else bound for bound, end in ((low, 0.0), (start, 0.0), (high, 1.0))]
    if not all(isinstance(place, Share) and place.of == of for place in places):
        return False
    first, begin, stop = (place.share for place in places if isinstance(place, Share))
    return begin - _ROUNDING <= first < stop - _ROUNDING


#: Shares that differ by less are the same place.
_ROUNDING = 1e-9


#: Numbers what is made while programs are interpreted. Sets have another order in every process: where the first of
#: several decides, it is the one with the lowest number.
NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Selection:
    """One step from rows to some of them.

    Attributes:
        key: what was asked: a split, a sampling call, a mask, the slicing of some rows.
        side: which answer was taken: a part, a position, True or False, an interval.
        part: the part that a split gives.
        random: whether chance decides which rows are taken.
        made: the code that takes them.
        number: its place in the order in which selections are made.
    """

    key: Hashable
    side: Hashable
    part: Part = Part.UNKNOWN
    random: bool = False
    made: cst.CSTNode | None = field(default=None, compare=False)
    number: int = field(default_factory=NUMBERS.__next__, compare=False)

    def change(self, **changes: Any) -> Selection:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    @property
    def is_slice(self) -> bool:
        """Whether it takes rows by their place in the order."""
        return self.key == SLICES

    @property
    def is_each(self) -> bool:
        """Whether the rows are taken one by one."""
        return isinstance(self.key, tuple) and self.key[0] == EACH

    @property
    def is_piece(self) -> bool:
        """Whether it is one of several pieces that a call gave which could not be looked into."""
        return isinstance(self.key, tuple) and self.key[0] == PIECE

    def compare(self, other: Selection) -> Overlap:
        """Compare two selections from the same rows."""
        if self.key != other.key:
            return Overlap.SOME if self.random and other.random else Overlap.UNKNOWN
        if self.side == other.side:
            return Overlap.SAME
        if isinstance(self.side, Interval) and isinstance(other.side, Interval):
            return self.side.compare(other.side)
        for side, opposite in ((self.side, other.side), (other.side, self.side)):
            if isinstance(side, tuple) and side[:1] == ("not",):
                return Overlap.NONE if side[1] == opposite else Overlap.UNKNOWN
        return Overlap.NONE


#: Slices of the same rows are answers to one question.
SLICES = "slices"
#: The key of selections that take the rows one by one.
EACH = "each"
#: The key of selections of one of the pieces that an unknown call gives.
PIECE = "piece"
_LONGEST_PATH = 12


class Rows(msgspec.Struct, frozen=True, cache_hash=True):
    """Rows of one source.

    Attributes:
        source: where they come from.
        path: the selections that led to them.
        named: the part that the names they were given claim, where no split says it.
        derived: whether they are groups of other rows, which take their place only where they stand alone.
    """

    source: Hashable
    path: tuple[Selection, ...] = ()
    named: Part = Part.UNKNOWN
    derived: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """What puts rows in order: when the selections were made that led to them."""
        return tuple([selection.number for selection in self.path])

    @property
    def is_piece(self) -> bool:
        """Whether they are one of several pieces that a call gave which could not be looked into."""
        return any(selection.is_piece for selection in self.path)

    @property
    def part(self) -> Part:
        """Which part of the source they are; of several splits the later ones divide the earlier parts."""
        part = Part.WHOLE
        split = False
        for selection in self.path:
            if selection.part is not Part.UNKNOWN:
                part, split = _part_of_part(part, selection.part), True
        return part if split or self.named is Part.UNKNOWN else self.named

    def select(self, selection: Selection) -> Rows:
        """Return some of the rows."""
        if len(self.path) >= _LONGEST_PATH:
            return self
        if self.path and self.path[-1] == selection and not _takes_share(selection):
            return self
        if selection.part is not Part.UNKNOWN:
            for index, earlier in enumerate(self.path):
                if earlier.key == selection.key:  # the split of a loop in its next round
                    return Rows(self.source, (*self.path[:index], selection), self.named, self.derived)
        return Rows(self.source, (*self.path, selection), self.named, self.derived)

    def together(self, places: tuple[Hashable, ...] = ()) -> Rows:
        """Return the rows that were taken one by one, at some places or anywhere, put together again."""
        if not any(selection.is_each for selection in self.path):
            return self
        path = tuple(
            selection
            for selection in self.path
            if not selection.is_each or (places and selection.key not in [(EACH, place) for place in places])
        )
        return msgspec.structs.replace(self, path=path)

    def compare(self, other: Rows) -> Overlap:
        """Tell which rows two sets share."""
        if self.source != other.source:
            return Overlap.NONE
        path, other_path = self.together().path, other.together().path
        shared = 0
        for mine, theirs in zip(path, other_path, strict=False):
            if mine != theirs:
                break
            shared += 1
        rest, others = path[shared:], other_path[shared:]
        if not rest or not others:
            if not rest and not others:
                return Overlap.SAME
            return Overlap.CONTAINS if not rest else Overlap.INSIDE
        for mine in rest:
            if mine.key != SLICES and any(
                mine.key == theirs.key and mine.compare(theirs) is Overlap.NONE for theirs in others
            ):
                return Overlap.NONE
        first = rest[0].compare(others[0])
        if first is Overlap.SOME and any(step.key == SLICES for step in (*rest[1:], *others[1:])):
            return Overlap.UNKNOWN  # a slice of a slice may leave out what both have
        return first if first in (Overlap.NONE, Overlap.SOME) else Overlap.UNKNOWN


def _takes_share(selection: Selection) -> bool:
    """Tell whether a selection takes a share of what there is, so that doing it again takes less."""
    side = selection.side
    return isinstance(side, Interval) and (isinstance(side.low, Share) or isinstance(side.high, Share))


def longest_path(several: frozenset[Rows]) -> tuple[Selection, ...]:
    """Return the selections that led to those of several rows that most were needed for."""
    if len(several) < 2:
        return next((rows.path for rows in several), ())
    return min(several, key=lambda rows: (-len(rows.path), rows.numbers)).path


def flipped(selection: Selection) -> Selection:
    """Return the selection of the rows that another leaves out."""
    opposite: dict[Any, Any] = {Part.TRAIN: Part.TEST, Part.TEST: Part.TRAIN, True: False, False: True}
    side = opposite.get(selection.side)
    if isinstance(selection.side, tuple) and selection.side[:1] == ("not",):
        side = selection.side[1]
    part = {Part.TRAIN: Part.TEST, Part.TEST: Part.TRAIN}.get(selection.part, Part.UNKNOWN)
    return Selection(selection.key, side if side is not None else ("not", selection.side), part)


def _part_of_part(whole: Part, part: Part) -> Part:
    """Return what a split of ``whole`` gives: the second part of a training part is for validation."""
    if whole is Part.TRAIN:
        return Part.TRAIN if part is Part.TRAIN else Part.VALIDATION
    if whole is Part.TEST:
        # Splitting what is left over into validation and test is common; the first part is not for training.
        return Part.VALIDATION if part is Part.TRAIN else Part.TEST
    return part if whole is Part.WHOLE else whole


_NAME_PARTS = (
    (Part.TEST, re.compile(r"(?:^|_)(?:test|tst|te|holdout|heldout)(?:\d*)(?:_|$)|(?:^|[a-z])Test(?:[A-Z\d_]|$)")),
    (
        Part.VALIDATION,
        re.compile(r"(?:^|_)(?:val|valid|validation|dev)(?:\d*)(?:_|$)|(?:^|[a-z])Val(?:id)?(?:[A-Z\d_]|$)"),
    ),
    (Part.TRAIN, re.compile(r"(?:^|_)(?:train|training|trn|tr)(?:\d*)(?:_|$)|(?:^|[a-z])Train(?:[A-Z\d_]|$)")),
    (Part.TEST, re.compile(r"^[xy]test\d*(?:_|$)", re.IGNORECASE)),
    (Part.VALIDATION, re.compile(r"^[xy](?:val|valid|validation)\d*(?:_|$)", re.IGNORECASE)),
    (Part.TRAIN, re.compile(r"^[xy]train\d*(?:_|$)", re.IGNORECASE)),
)


_SETTINGS = re.compile(
    r"(?i)^(?:self|cls|cfg|conf|config|configs|configuration|args?|argv|kwargs|opts?|options?|hparams?|hp|params?|settings?|flags?"
    r"|ctx|context|log|logger|writer|device|path|root|folder|directory|file|filename|url|seed|random_state|rng|key|mode|verbose"
    r"|name|names|title|epochs?|lr|learning_rate|batch_size|k|n|trial|study|run|optimizer|criterion|loss_fn|callbacks?"
    r"|(?:n|num|max|min)_\w+|\w+_(?:path|dir|file|name|cfg|config|args|size|params|rate|fn))$"
)


@lru_cache(maxsize=4096)
def is_setting(name: str) -> bool:
    """Tell whether a name by convention holds a setting and no rows: ``config``, ``args``, ``batch_size``."""
    return _SETTINGS.match(name) is not None


@lru_cache(maxsize=4096)
def part_named(name: str) -> Part:
    """Return the part of the data that a name claims to hold by convention; names can lie, so believe them last."""
    for part, pattern in _NAME_PARTS:
        if pattern.search(name):
            return part
    return Part.UNKNOWN
