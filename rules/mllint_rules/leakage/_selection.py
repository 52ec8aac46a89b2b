"""What the rules about selection on the test set share: which scores decide between models, and on which rows."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from enum import Enum
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from mllint import CallSite, Confidence, Context, Event, Instance, Overlap, Part, SemanticModel, Value, part_named
from mllint_rules.leakage._evaluations import evaluations, place_of
from mllint_rules.leakage._loops import bound_names, clause_of, rows_vary, varies


class Trial(NamedTuple):
    """A score of models on rows that none of them was trained on.

    Attributes:
        event: the score.
        fits: what the models were fitted by.
        rows: the rows of the score.
    """

    event: Event
    fits: frozenset[Event]
    rows: Value

    @property
    def trained(self) -> Iterator[Value]:
        """The rows that the models were trained on."""
        return (parted(fit.rows) for fit in self.fits)


class Choice(Enum):
    """What the scores decide about."""

    MODELS = "which model is taken"
    SETTINGS = "which hyper-parameters are taken"
    ROUNDS = "how long it is trained"
    THRESHOLD = "which threshold is taken"
    SEEDS = "which seed is taken"
    NOTHING = "nothing that can be seen"


class Decision(NamedTuple):
    """Something that is decided by scores on one set of rows.

    Attributes:
        choice: what is decided.
        decided: the event that decides, None if none is seen.
        trials: the scores, in order.
        final: a later score on the same rows, if there is one.
    """

    choice: Choice
    decided: Event | None
    trials: tuple[Trial, ...]
    final: Event | None

    @property
    def sure(self) -> bool:
        """Whether splits, and not names alone, say that the rows were held out."""
        return all(trial.event.certain and (trial.rows.splits or _cut(trial)) for trial in self.trials)

    @property
    def confidence(self) -> Confidence | None:
        """The confidence of a finding."""
        return None if self.sure else Confidence.MEDIUM


_TRIALS: WeakKeyDictionary[SemanticModel, list[Trial]] = WeakKeyDictionary()
_DECISIONS: WeakKeyDictionary[SemanticModel, list[Decision]] = WeakKeyDictionary()
_SEEDS = re.compile(r"(?i)(?:^|_)(?:seeds?|random_?states?|rs|rng)(?:$|_|\d)")
_SEED_KEYWORDS = frozenset({"random_state", "seed", "random_seed", "rng"})


def trials(ctx: Context) -> list[Trial]:
    """Return the scores of models on rows that they were not trained on, in order."""
    known = _TRIALS.get(ctx.model)
    if known is None:
        found = (_trial(event) for event in ctx.model.events if event.kind == "score")
        known = _TRIALS[ctx.model] = [trial for trial in found if trial is not None]
    return known


def decisions(ctx: Context) -> list[Decision]:
    """Return what is decided by scores on rows that are no longer untouched when the result is reported."""
    known = _DECISIONS.get(ctx.model)
    if known is None:
        known = _DECISIONS[ctx.model] = list(_find(ctx))
    return known


def is_test(rows: Value, trained: Iterable[Value], number: int, ctx: Context) -> bool:
    """Tell whether rows serve as the test set: no rows that stay untouched until later are scored or predicted.

    Args:
        rows: the rows.
        trained: the rows that the models scored on them were trained on.
        number: when they have been used to decide.
        ctx: the context of the rule.
    """
    if rows.part not in (Part.TEST, Part.VALIDATION, Part.UNKNOWN, Part.WHOLE):
        return False
    if any(held.part is Part.VALIDATION for held in rows.rows):
        return False
    training = list(trained)
    return not any(
        event.number > number and _is_untouched(event, rows, training, ctx)
        for event in ctx.model.events
        if event.kind in ("score", "predict")
    )


def named_validation(event: Event, ctx: Context) -> bool:
    """Tell whether the rows of a score, or of the prediction it judges, are called validation rows where it is written."""
    predictions = [
        each
        for each in ctx.model.events
        if each.kind == "predict" and each.number < event.number and parted(each.rows).compare(event.rows).shares
    ]
    return any(
        part_named(name.value) is Part.VALIDATION
        for each in (event, *predictions[-1:])
        if each.call is not None
        for arg in each.call.node.args
        for name in ctx.model.descendants(arg.value)
        if isinstance(name, cst.Name)
    )


def place_of_score(trial: Trial, ctx: Context) -> cst.CSTNode | CallSite:
    """Return where a model is scored: not inside of a helper that knows nothing of the model."""
    for fit in sorted(trial.fits, key=lambda event: event.number):
        shared = 0
        for mine, theirs in zip(fit.calls, trial.event.calls, strict=False):
            if mine is not theirs:
                break
            shared += 1
        if shared == len(fit.calls) < len(trial.event.calls):
            return ctx.model.call(trial.event.calls[shared])
    return place_of(trial.event)


def trace_of(decision: Decision) -> list[tuple[cst.CSTNode | CallSite, str]]:
    """Return the way: split here, trained here, scored here, decided here, reported here."""
    steps: dict[cst.CSTNode, tuple[int, Event, str]] = {}

    def add(event: Event, text: str) -> None:
        steps.setdefault(event.node, (event.number, event, text))

    first = decision.trials[0]
    for split in sorted(first.rows.splits, key=lambda event: event.number)[:1]:
        add(split, "The test rows are split off here")
    for trial in decision.trials[:4]:
        for fit in sorted(trial.fits, key=lambda event: event.number)[:1]:
            add(fit, "The model is trained here")
        add(trial.event, "It is scored on the test rows here")
    if decision.decided is not None:
        add(decision.decided, "The scores decide here")
    if decision.final is not None:
        add(decision.final, "The same rows are scored again here")
    ordered = sorted(steps.values(), key=lambda step: step[0])
    return [(place_of(event), text) for _, event, text in ordered]


# How scores become trials


def _trial(event: Event) -> Trial | None:
    rows = parted(event.rows)
    fits = frozenset(fit for fit in event.fits if fit.kind == "fit" and fit.rows.rows and fit.trains_model)
    if not rows.rows or not fits or not _is_one_set(rows):
        return None
    return Trial(event, fits, rows) if all(_held_out(parted(fit.rows), rows) for fit in fits) else None


def parted(value: Value) -> Value:
    """Return rows without those of no known part, such as settings, where others are a part of the data."""
    split = frozenset(rows for rows in value.rows if any(step.part is not Part.UNKNOWN for step in rows.path))
    named = frozenset(rows for rows in value.rows if rows.part not in (Part.WHOLE, Part.UNKNOWN))
    known = split or named
    return value.of(known) if known and known != value.rows else value


def _is_one_set(rows: Value) -> bool:
    """Tell whether rows of several ways are the same part of the data."""
    ends = {
        (held.source, next((s for s in reversed(held.path) if s.part is not Part.UNKNOWN), None)) for held in rows.rows
    }
    return len(ends) == 1


def _held_out(trained: Value, rows: Value) -> bool:
    """Tell whether rows were held out from training: a selection parts them, or their names say so."""
    if trained.sources & rows.sources:
        return all(
            mine.compare(theirs).value == "none"
            for mine in trained.rows
            for theirs in rows.rows
            if mine.source == theirs.source
        )
    return trained.part is Part.TRAIN and rows.part in (Part.TEST, Part.VALIDATION)


def _cut(trial: Trial) -> bool:
    return any(fit.rows.sources & trial.rows.sources for fit in trial.fits)


def _is_untouched(event: Event, rows: Value, training: list[Value], ctx: Context) -> bool:
    """Tell whether a later score or prediction works on rows that neither trained nor decided anything."""
    later = parted(event.rows)
    if not later.rows or later.compare(rows).shares or not (event.fits or event.kind == "predict"):
        return False
    if any(later.compare(each).shares for each in training):
        return False
    related = [fit for fit in event.fits if any(fit.rows.sources & each.sources for each in (*training, rows))]
    if not event.fits:  # a model that was loaded
        return later.part is Part.TEST and not later.sources & rows.sources
    if not related:
        return False
    if later.sources & rows.sources:
        return later.compare(rows).value == "none"
    return later.part in (Part.TEST, Part.VALIDATION) or all(_is_loaded(source, ctx) for source in later.sources)


def _is_loaded(source: Hashable, ctx: Context) -> bool:
    """Tell whether rows come from a file of their own."""
    return isinstance(source, cst.Call) and "loads-data" in ctx.model.call(source).roles


# How trials decide


def _find(ctx: Context) -> Iterator[Decision]:
    by_event = {trial.event: trial for trial in trials(ctx)}
    used: set[cst.CSTNode] = set()
    for event in ctx.model.events:
        if event.kind != "choose":
            continue
        tried = [by_event[score] for score in event.scores if score in by_event]
        for group in _by_rows(tried, ctx):
            if all(trial.event.node in used for trial in group):
                continue
            decision = _decision(event, group, ctx)
            if decision is not None:
                used |= {trial.event.node for trial in group}
                yield decision
    undecided = [trial for trial in by_event.values() if trial.event.node not in used]
    for group in _by_rows(undecided, ctx):
        decision = _undecided(group, ctx)
        if decision is not None:
            yield decision


def _by_rows(tried: Iterable[Trial], ctx: Context) -> list[list[Trial]]:
    """Return trials in groups that share their rows and what is predicted."""
    groups: list[list[Trial]] = []
    for trial in sorted(tried, key=lambda each: each.event.number):
        for group in groups:
            if _compare(group[0], trial, ctx):
                group.append(trial)
                break
        else:
            groups.append([trial])
    return groups


def _compare(first: Trial, second: Trial, ctx: Context) -> bool:
    """Tell whether two scores say which of two models is better at the same task."""
    return (
        first.rows.compare(second.rows).shares
        and _target(first) == _target(second)
        and _root(first.event, ctx) is _root(second.event, ctx)
    )


def _root(event: Event, ctx: Context) -> cst.CSTNode | None:
    """Return the function, which nothing in the unit calls, that an event happens in."""
    return ctx.model.function(event.calls[0] if event.calls else event.node)


def _target(trial: Trial) -> frozenset[str]:
    return frozenset().union(*(fit.target.computed_from for fit in trial.fits))


def _decision(event: Event, group: list[Trial], ctx: Context) -> Decision | None:
    """Return what a choice among scores decides, if it decides anything by rows that serve as the test."""
    choice = _kind(event, group, ctx)
    if choice is None or _is_only_shown(event, ctx) or _is_by_any_column(event, group):
        return None
    last = max(event.number, *(trial.event.number for trial in group))
    trained = [rows for trial in group for rows in trial.trained]
    if not is_test(group[0].rows, trained, last, ctx):
        return None
    if any(named_validation(trial.event, ctx) for trial in group):
        return None
    return Decision(choice, event, tuple(group), _final(group, last, ctx))


#: What puts scores in order; only what is then taken from the top was chosen.
_ORDERS = frozenset({"sort_values", "sorted", "sort_index", "nlargest", "nsmallest", "argsort", "sort"})
_TAKES_ONE = frozenset({"iloc", "loc", "iat", "at", "head", "index", "first", "values", "to_dict", "iterrows", "items"})


def _is_by_any_column(event: Event, group: list[Trial]) -> bool:
    """Tell whether a table of records is put in order that holds scores on other rows, too: which ones decide is unknown."""
    if event.call is None or event.call.last_name not in _ORDERS or event.call.receiver is None:
        return False
    tested = {trial.event for trial in group}
    fits = {fit for trial in group for fit in trial.fits}
    return any(score not in tested and score.kind == "score" and score.fits & fits for score in event.scores)


def _is_only_shown(event: Event, ctx: Context) -> bool:
    """Tell whether scores are put in order, or the better one is named, for people to look at alone."""
    if isinstance(event.node, cst.Comparison):
        above = ctx.model.parent(event.node)
        return isinstance(above, cst.IfExp) and all(
            isinstance(each, (cst.SimpleString, cst.FormattedString)) for each in (above.body, above.orelse)
        )
    if event.call is None:
        return False
    if event.call.last_name not in _ORDERS:
        return event.call.last_name.startswith(("arg", "idx")) and _is_printed(event, ctx)
    node: cst.CSTNode = event.node
    above = ctx.model.parent(node)
    while isinstance(above, (cst.Attribute, cst.Call)) and not isinstance(above, cst.Arg):
        if isinstance(above, cst.Attribute) and above.attr.value in _TAKES_ONE:
            return False
        node, above = above, ctx.model.parent(above)
    if isinstance(above, cst.Subscript) and above.value is node:
        return False
    if isinstance(above, (cst.Assign, cst.AssignTarget)):
        targets = above.targets if isinstance(above, cst.Assign) else ()
        names = [target.target.value for target in targets if isinstance(target.target, cst.Name)]
        return not any(_is_taken_from(mention, ctx) for name in names for mention in ctx.model.mentions(name))
    return not isinstance(above, (cst.For, cst.CompFor))


_IN_A_TEXT = (
    *(cst.Arg, cst.FormattedString, cst.FormattedStringExpression, cst.BinaryOperation),
    *(cst.Subscript, cst.SubscriptElement, cst.Index),
)


def _is_printed(event: Event, ctx: Context) -> bool:
    """Tell whether which one is the best is only printed."""
    for above in ctx.model.ancestors(event.node):
        if isinstance(above, cst.Call):
            name = ctx.model.call(above).name
            if name == "builtins.print":
                return True
        elif not isinstance(above, _IN_A_TEXT):
            return False
    return False


def _is_taken_from(mention: cst.CSTNode, ctx: Context) -> bool:
    above = ctx.model.parent(mention)
    if isinstance(above, cst.Attribute):
        return above.attr.value in _TAKES_ONE
    if isinstance(above, cst.Subscript):
        index = above.slice[0].slice
        return isinstance(index, cst.Index) and isinstance(ctx.model.literal(index.value), int)
    return isinstance(above, (cst.For, cst.CompFor))


def _final(group: list[Trial], number: int, ctx: Context) -> Event | None:
    rows = group[0].rows
    return next((t.event for t in trials(ctx) if t.event.number > number and t.rows.compare(rows).shares), None)


def _kind(event: Event, group: list[Trial], ctx: Context) -> Choice | None:
    if event.call is not None and "searches" in event.call.roles:
        own = any(event.node in split.calls for trial in group for split in trial.rows.splits)
        return None if own or _vary(group, event, ctx) else Choice.SETTINGS
    if _is_range(event, ctx):
        return None
    if any("threshold-curve" in trial.event.tags for trial in group) and _is_one_model(group):
        return Choice.THRESHOLD
    for trial in group:
        for loop in trial.event.loops:
            kind = _kind_of_loop(trial, loop, ctx)
            if kind is not None and _decides_over(event, loop, ctx):
                return kind
    distinct = {trial.fits for trial in group}
    if len(distinct) > 1 and not _vary(group, event, ctx):
        return Choice.MODELS
    return None


def _is_one_model(group: list[Trial]) -> bool:
    """Tell whether scores are of one model, fitted once."""
    fits = {trial.fits for trial in group}
    return len(fits) == 1 and len({fit.node for each in fits for fit in each}) < 2


def _vary(group: list[Trial], event: Event, ctx: Context) -> bool:
    """Tell whether the rows of some trial are others in each round of a loop, so that scores do not compare."""
    return any(
        rows_vary(trial.rows, loop, ctx) for trial in group for loop in trial.event.loops if loop not in event.loops
    )


def _decides_over(event: Event, loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a choice is one among the rounds of a loop: it comes after it, or compares with the best so far."""
    return loop not in event.loops or isinstance(event.node, cst.Comparison) or _keeps_the_best(event, ctx)


def _keeps_the_best(event: Event, ctx: Context) -> bool:
    """Tell whether a choice is ``best = max(best, score)``."""
    parent = ctx.model.parent(event.node)
    if not isinstance(parent, cst.Assign) or event.call is None:
        return False
    kept = {ctx.model.text(target.target) for target in parent.targets}
    return any(ctx.model.text(arg.value) in kept for arg in event.call.node.args)


def _is_range(event: Event, ctx: Context) -> bool:
    """Tell whether the best is shown beside the worst, the mean or the deviation of the same scores."""
    call = event.call
    if call is None or call.last_name not in _EXTREMES or isinstance(ctx.model.parent(event.node), cst.Index):
        return False
    among = call.receiver if ctx.model.qualified_name(call.receiver or call.node) is None else None
    scores = among if among is not None else call.positional[0].value if call.positional else None
    if not isinstance(scores, cst.Name):
        return False
    others = _SPREADS | (_EXTREMES - {call.last_name, *_SAME.get(call.last_name, ())})
    for other in ctx.model.calls:
        if other.last_name in others and any(
            isinstance(node, cst.Name) and node.value == scores.value
            for node in (other.receiver, *(arg.value for arg in other.positional[:1]))
        ):
            return True
    return False


_EXTREMES = frozenset({"max", "min", "amax", "amin", "nanmax", "nanmin"})
_SPREADS = frozenset({"mean", "std", "var", "median", "stdev", "nanmean", "nanstd", "average"})
_SAME = {name: tuple(other for other in _EXTREMES if other[-3:] == name[-3:]) for name in _EXTREMES}


def _goes_over_one(loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a loop goes over a list or dict that is spelt out and holds a single thing."""
    if not isinstance(loop, (cst.For, cst.CompFor)):
        return False
    iterable: cst.CSTNode | None = loop.iter
    if isinstance(iterable, cst.Call) and isinstance(iterable.func, cst.Attribute) and not iterable.args:
        iterable = iterable.func.value  # ``models.items()``
    if isinstance(iterable, cst.Name):
        iterable = ctx.model.assigned_value(iterable)
    return isinstance(iterable, (cst.Dict, cst.List, cst.Tuple)) and len(iterable.elements) == 1


def _kind_of_loop(trial: Trial, loop: cst.CSTNode, ctx: Context) -> Choice | None:
    """Return what differs between the scores of the rounds of a loop, None if they do not compare."""
    if _goes_over_one(loop, ctx):
        return None
    fits = [fit for fit in trial.fits if loop in fit.loops]
    seeded = _goes_over_seeds(loop, ctx)
    if seeded and fits:
        return Choice.SEEDS
    if any(rows_vary(value, loop, ctx) for value in (trial.rows, *trial.event.data)):
        return None
    if not fits:
        applied = (each for each in ctx.model.events if each.kind == "predict" and loop in each.loops)
        if any(len(each.models) > 1 and each.fits & trial.fits for each in applied):
            return Choice.MODELS  # one after the other is applied, of those that were trained before
        return Choice.THRESHOLD if not seeded and _applied_anew(trial, loop, ctx) else None
    if any(_other_target(fit, loop, ctx) for fit in fits):
        return None
    if isinstance(loop, cst.While) or not any(_model_varies(fit, loop, ctx) for fit in fits):
        data = any(varies(_data(fit), fit, loop, ctx) for fit in fits)
        return Choice.SETTINGS if data else Choice.ROUNDS if not _is_made_in(fits, loop, ctx) else None
    kinds = {model.kind for fit in fits for model in fit.models}
    made = {model.made for fit in fits for model in fit.models}
    inside = all(loop in ctx.model.ancestors(node) for node in made)
    if len(made) == 1 and (inside or len(kinds) == 1) and not _is_bound(made, loop, ctx):
        return Choice.SETTINGS
    return Choice.MODELS


def _is_bound(made: set[cst.CSTNode], loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether models are made where the loop says what it goes over."""
    clause = clause_of(loop)
    return clause is not None and any(clause.iter in ctx.model.ancestors(node) for node in made)


def _goes_over_seeds(loop: cst.CSTNode, ctx: Context) -> bool:
    names = set(bound_names(loop, ctx.model))
    if any(_SEEDS.search(name) for name in names):
        return True
    keywords = {
        arg.keyword.value
        for arg in ctx.model.descendants(loop)
        if isinstance(arg, cst.Arg)
        and arg.keyword is not None
        and isinstance(arg.value, cst.Name)
        and arg.value.value in names
    }
    return bool(keywords) and keywords <= _SEED_KEYWORDS


def _data(fit: Event) -> list[cst.CSTNode]:
    call = fit.call
    return [arg.value for arg in call.node.args[:2]] if call is not None else []


def _model_varies(fit: Event, loop: cst.CSTNode, ctx: Context) -> bool:
    call = fit.call
    if call is None:
        return False
    if call.receiver is not None and ctx.model.qualified_name(call.receiver) is None:
        return varies([call.receiver], fit, loop, ctx)
    return varies([arg.value for arg in call.node.args], fit, loop, ctx)


def _other_target(fit: Event, loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether the model of each round learns to predict something else."""
    call = fit.call
    if call is None:
        return False
    target = call.argument("y", 1)
    return target.value is not None and varies([target.value], fit, loop, ctx, receivers=False)


def _is_made_in(fits: list[Event], loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether each round makes a new model that differs from the one before by chance alone."""
    return all(loop in ctx.model.ancestors(model.made) for fit in fits for model in fit.models)


def _applied_anew(trial: Trial, loop: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether the predictions of a model trained before are judged otherwise in each round: by a threshold."""
    call = trial.event.call
    if call is None:
        return False
    return varies([arg.value for arg in call.node.args], trial.event, loop, ctx)


def _undecided(group: list[Trial], ctx: Context) -> Decision | None:
    """Return what scores of several models on the same rows decide where no line says so."""
    last = max(trial.event.number for trial in group)
    trained = [rows for trial in group for rows in trial.trained]
    if any(named_validation(trial.event, ctx) for trial in group) or not is_test(group[0].rows, trained, last, ctx):
        return None
    for trial in group:
        for loop in trial.event.loops:
            kind = _kind_of_loop(trial, loop, ctx)
            if kind is Choice.SETTINGS:
                final = _same_kind_later(trial, loop, group, ctx)
                return Decision(Choice.SETTINGS if final is not None else Choice.NOTHING, None, (trial,), final)
            if kind is Choice.MODELS:
                return Decision(Choice.NOTHING, None, (trial,), None)
    compared = [trial for trial in group if not any(rows_vary(trial.rows, loop, ctx) for loop in trial.event.loops)]
    distinct: dict[frozenset[Instance], Trial] = {}
    for trial in compared:
        distinct.setdefault(trial.event.models, trial)
    if len(distinct) < 2:
        return None
    return Decision(Choice.NOTHING, None, tuple(distinct.values()), None)


def _same_kind_later(trial: Trial, loop: cst.CSTNode, group: list[Trial], ctx: Context) -> Event | None:
    """Return the score, after a loop over settings, of a model of the same kind with fixed settings."""
    kinds = {model.kind for fit in trial.fits for model in fit.models} - {None}
    for later in group:
        if later.event.number <= trial.event.number or later.event.loops:
            continue
        if any(fit.number > trial.event.number for fit in later.fits) and kinds & {
            model.kind for fit in later.fits for model in fit.models
        }:
            return later.event
    return None


# Rows that a fit is watched on


class Watched(NamedTuple):
    """A fit that is watched on rows which are scored afterwards as the test.

    Attributes:
        fit: the fit.
        rows: the rows that it is watched on.
        final: the score of the fitted model on them.
        place: where the rows are handed to the fit.
    """

    fit: Event
    rows: Value
    final: Event
    place: cst.CSTNode | CallSite

    @property
    def trace(self) -> list[tuple[cst.CSTNode | CallSite, str]]:
        """The way: split here, watched here, scored here."""
        splits = sorted(self.rows.splits, key=lambda event: event.number)[:1]
        return [
            *((place_of(split), "The test rows are split off here") for split in splits),
            (place_of(self.fit), "The training is watched on them here"),
            (place_of(self.final), "The model is scored on them here"),
        ]

    @property
    def confidence(self) -> Confidence | None:
        """The confidence of a finding."""
        return None if self.rows.splits and self.rows.certain and self.fit.certain else Confidence.MEDIUM


def watched_tests(ctx: Context) -> Iterator[Watched]:
    """Yield the fits that are watched on rows which are scored afterwards as the test."""
    for fit in ctx.model.events:
        if fit.kind != "fit" or not fit.validation:
            continue
        for value in fit.validation:
            rows = parted(value)
            trained = parted(fit.rows)
            if not rows.rows or not _is_one_set(rows) or rows.compare(trained).shares:
                continue
            if any("splitter" in split.tags and _is_fold(rows, fit, ctx) for split in rows.splits):
                continue
            final = _scored_later(fit, rows, ctx)
            if final is not None and is_test(rows, (trained,), fit.number, ctx) and not named_validation(final, ctx):
                yield Watched(fit, rows, final, _place_of_validation(fit))
                break


def _is_fold(rows: Value, fit: Event, ctx: Context) -> bool:
    return any(rows_vary(rows, loop, ctx) for loop in fit.loops)


def _scored_later(fit: Event, rows: Value, ctx: Context) -> Event | None:
    for event in ctx.model.events:
        other = bool(event.fits) and fit not in event.fits and "search" not in fit.tags
        if event.kind != "score" or event.number < fit.number or other:
            continue
        if parted(event.rows).compare(rows).shares:
            return event
    return None


def _place_of_validation(fit: Event) -> cst.CSTNode | CallSite:
    call = fit.call
    if call is None or call.fact is None:
        return place_of(fit)
    for name in call.fact.validation:
        node = call.argument(name).value
        if node is not None:
            return node
    return place_of(fit)


# Searches and fits that saw the test rows


class OnTest(NamedTuple):
    """An event that saw the test rows.

    Attributes:
        event: the search, the choice or the fit.
        final: the score on rows that it saw.
        rows: these rows.
    """

    event: Event
    final: Event | None
    rows: Value

    @property
    def sure(self) -> bool:
        """Whether a split, and not names alone, say that the rows were held out."""
        return bool(self.rows.splits) and self.rows.certain and self.event.certain

    @property
    def confidence(self) -> Confidence | None:
        """The confidence of a finding."""
        return None if self.sure else Confidence.MEDIUM

    @property
    def trace(self) -> list[tuple[cst.CSTNode | CallSite, str]]:
        """The way: split here, seen here, scored here."""
        steps = [(split, "The test rows are split off here") for split in self.rows.splits]
        what = {"choose": "Models are compared here", "fit": "They are learned from here"}[self.event.kind]
        steps.append((self.event, what))
        if self.final is not None:
            steps.append((self.final, "They are scored here"))
        return [(place_of(event), text) for event, text in sorted(steps, key=lambda step: step[0].number)]


def searches_on_test(ctx: Context) -> Iterator[OnTest]:
    """Yield searches, and choices by cross-validation, that saw rows on which their result is scored later."""
    events = ctx.model.events
    for event in events:
        if event.kind == "fit" and "search" in event.tags and event.rows.rows:
            for later in events:
                if later.kind == "score" and later.number > event.number and _comes_from(event, later):
                    rows = later.rows
                    if _is_held_out_part(rows) and _contains(event.rows, rows):
                        yield OnTest(event, later, rows)
                        break
        elif event.kind == "choose":
            compared = [score for score in event.scores if score.kind == "cross-validate" and score.rows.rows]
            kinds = {model.kind for score in compared for model in score.models} - {None}
            several = len({model for score in compared for model in score.models}) > 1
            if not compared or not (several or any(score.loops for score in compared)):
                continue
            for later in events:
                if later.kind != "score" or later.number <= event.number or not _is_held_out_part(later.rows):
                    continue
                same_kind = kinds & {model.kind for fit in later.fits for model in fit.models}
                if same_kind and any(_contains(score.rows, later.rows) for score in compared):
                    yield OnTest(event, later, later.rows)
                    break


def _comes_from(search: Event, score: Event) -> bool:
    """Tell whether the scored model is what a search found, or is built from what it found."""
    pending = list(score.fits)
    seen: set[Event] = set()
    while pending:
        fit = pending.pop()
        if fit in seen:
            continue
        seen.add(fit)
        if fit is search:
            return True
        pending += fit.earlier
        for model in (*fit.models, *(part for whole in fit.models for part in whole.parts)):
            pending += [event for value in model.given.values() for event in value.learned if event.kind == "fit"]
    return False


def _is_held_out_part(rows: Value) -> bool:
    return bool(rows.rows) and all(held.part in (Part.TEST, Part.VALIDATION) for held in rows.rows)


def _contains(larger: Value, smaller: Value) -> bool:
    return any(mine.compare(theirs).value in ("same", "contains") for mine in larger.rows for theirs in smaller.rows)


def fits_on_test(ctx: Context) -> Iterator[OnTest]:
    """Yield the fits of models on rows that are the test set: a split says so, and they are scored as such."""
    events = ctx.model.events
    for fit in events:
        if fit.kind != "fit" or fit.call is None or "search" in fit.tags or not _is_model(fit, ctx):
            continue
        labelled = [event for event in fit.target.predicted if event.kind == "predict"]
        if labelled:
            yield from _pseudo_labelled(fit, labelled, ctx)
            continue
        rows = fit.rows
        if not rows.rows or not (rows.part is Part.TEST or _was_held_out(fit, ctx)) or not _is_one_set(rows):
            continue
        if _is_tested_before(fit, rows, ctx):
            continue
        if (
            not rows.splits
            and not _was_held_out(fit, ctx)
            and not any(parted(each.rows).part is Part.TRAIN for each in fit.earlier)
        ):
            continue
        tested = [trial for trial in trials(ctx) if trial.rows.compare(rows).shares]
        scored = [e for e in events if e.kind == "score" and fit in e.fits and parted(e.rows).compare(rows).shares]
        if not tested and not scored and not fit.earlier:
            continue
        if rows.predicted and not scored:
            continue  # a stack or a calibration of models, tested on other rows
        others = [e for e in events if e.kind == "score" and fit in e.fits and not parted(e.rows).compare(rows).shares]
        if others and not scored:
            continue  # what was split off last is tested on: these rows are for something else
        yield OnTest(fit, scored[0] if scored else tested[0].event if tested else None, rows)


def _was_held_out(fit: Event, ctx: Context) -> bool:
    """Tell whether a model is trained on the rows that another one, trained on other rows, was tested on before."""
    return any(
        evaluation.event.number < fit.number
        and not evaluation.event.loops
        and evaluation.held_out.compare(fit.rows) is Overlap.SAME
        and evaluation.trained.compare(fit.rows) is Overlap.NONE
        and not evaluation.held_out.sources.isdisjoint(evaluation.trained.sources)
        for evaluation in evaluations(ctx)
    )


def _is_tested_before(fit: Event, rows: Value, ctx: Context) -> bool:
    """Tell whether each batch is predicted before it is learned from, in the same loop."""
    return any(
        rows_vary(rows, loop, ctx)
        and any(
            event.kind in ("predict", "score") and loop in event.loops and parted(event.rows).compare(rows).shares
            for event in ctx.model.events
        )
        for loop in fit.loops
    )


def _pseudo_labelled(fit: Event, labelled: list[Event], ctx: Context) -> Iterator[OnTest]:
    """Yield a fit on rows labelled by predictions where these rows are scored afterwards."""
    for label in sorted(labelled, key=lambda event: event.number):
        rows = label.rows
        if not _is_held_out_part(rows) or not fit.rows.compare(rows).shares:
            continue
        for later in ctx.model.events:
            if later.kind == "score" and fit in later.fits and later.rows.compare(rows).shares:
                yield OnTest(fit, later, rows)
                return


def _is_model(fit: Event, ctx: Context) -> bool:
    """Tell whether a fit trains a model, and not an unknown thing that was made from one, such as an explanation."""
    receiver = fit.call.receiver if fit.call is not None else None
    made = ctx.model.assigned_value(receiver) if receiver is not None else None
    for node in (receiver, made):
        if isinstance(node, cst.Call) and ctx.model.call(node).fact is None:
            return False
    if fit.call is not None and "fits-and-transforms" in fit.call.roles:
        return False  # it may classify too, but serves to transform
    return fit.trains_model and (bool(fit.tags) or len(fit.data) > 1)
