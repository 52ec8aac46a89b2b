"""What the leakage rules share: which rows a model was trained on and evaluated on, and what else saw them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from mllint import CallSite, Context, Event, Instance, Overlap, Part, Rows, Selection, SemanticModel, Value

#: Tags of estimators whose fit takes statistics, a selection or a projection from the rows it sees. Encoders that
#: only list categories (``learns-vocabulary`` alone) are not among them: fitting them on all rows is common practice.
LEARNING = frozenset({"learns-statistics", "selects-features", "reduces-dimensions", "supervised"})
#: Steps at which what was learned is put into rows, or something is chosen by it; it is in their ``earlier``.
SELECTING = ("apply", "select-rows", "select-columns")


class Evaluation(NamedTuple):
    """A model trained on some rows and evaluated on others.

    Attributes:
        event: the scoring, the prediction or the cross-validation.
        fit: the fit that made the model; for a cross-validation the event itself, which fits on every fold.
        trained: the rows that the model was trained on.
        held_out: the rows that it is evaluated on; for a cross-validation the same.
    """

    event: Event
    fit: Event
    trained: Value
    held_out: Value

    @property
    def on_folds(self) -> bool:
        """Whether the rows are divided into folds inside the call."""
        return self.fit is self.event or ("search" in self.fit.tags and self.event is self.fit)


class Saw(Enum):
    """What an event that a model's data passed through has seen of the rows that the model is evaluated on."""

    NOTHING = "nothing"
    EVERYTHING = "everything"
    TEST = "test"


class Leak(NamedTuple):
    """Something learned from held-out rows that reached a model or its evaluation.

    Attributes:
        cause: the fit or statistic.
        saw: whether it saw all rows or those of the test part alone.
        evaluation: the evaluation that it spoils.
        through: where it was put into rows, or rows or columns were chosen by it, if it was.
        sure: whether the columns that it reached surely are among those that are used.
    """

    cause: Event
    saw: Saw
    evaluation: Evaluation
    through: Event | None
    sure: bool


_EVALUATIONS: WeakKeyDictionary[SemanticModel, list[Evaluation]] = WeakKeyDictionary()
_LEAKS: WeakKeyDictionary[SemanticModel, list[Leak]] = WeakKeyDictionary()
_SCORED: WeakKeyDictionary[SemanticModel, set[Event]] = WeakKeyDictionary()


def evaluations(ctx: Context) -> list[Evaluation]:
    """Return every evaluation of a model in the unit, in the order in which they happen."""
    known = _EVALUATIONS.get(ctx.model)
    if known is None:
        known = _EVALUATIONS[ctx.model] = list(_find_evaluations(ctx))
    return known


def leaks(ctx: Context) -> list[Leak]:
    """Return the first leak of every fit and statistic that reached an evaluation it should not have."""
    known = _LEAKS.get(ctx.model)
    if known is None:
        found: dict[tuple[cst.CSTNode, Saw, cst.CSTNode | None], Leak] = {}
        for evaluation in evaluations(ctx):
            for leak in _leaks_of(evaluation, ctx):
                key = (leak.cause.node, leak.saw, leak.through.node if leak.through is not None else None)
                known_leak = found.get(key)
                if known_leak is None or _tells_more(leak, known_leak):
                    found[key] = leak
        known = _LEAKS[ctx.model] = list(found.values())
    return known


def _tells_more(leak: Leak, other: Leak) -> bool:
    """Tell whether a leak into a test part, or a sure one, is better to tell of than another of the same cause."""
    ranks = [
        (
            not minds_no_scale(each),
            any("counts-features" in model.tags for model in predictors(each)),
            not each.evaluation.on_folds,
            each.sure,
        )
        for each in (leak, other)
    ]
    return ranks[0] > ranks[1]


def minds_no_scale(leak: Leak) -> bool:
    """Tell whether rows are only shifted and scaled, and the model, a forest for example, does not depend on that."""
    by_hand = leak.through is not None and isinstance(leak.through.node, cst.BinaryOperation)
    if not _only_scales(leak.cause) and not (leak.cause.kind == "statistic" and by_hand):
        return False
    for event, _ in leak.evaluation.fit.rows.influences():
        if (
            event.kind == "fit"
            and event is not leak.cause
            and event.tags & _MINDS_SCALE
            and _reached(leak.cause, event)
        ):
            return False
    models = predictors(leak)
    return bool(models) and all("scale-invariant" in each.tags for each in models)


def predictors(leak: Leak) -> list[Instance]:
    """Return the estimators whose predictions a leak reaches, those inside of pipelines and searches."""
    return [each for model in leak.evaluation.fit.models for each in _predictors(model)]


#: What learns by distances or variances, so that it depends on the scale whatever comes after it.
_MINDS_SCALE = frozenset({"clusterer", "reduces-dimensions"})


def _reached(cause: Event, fit: Event) -> bool:
    """Tell whether what was learned earlier had been put into the rows that an estimator learned from."""
    return any(cause is event or cause in roots(event) for event, _ in fit.rows.influences())


def _only_scales(fit: Event) -> bool:
    """Tell whether all that a fit learns is how to shift and scale columns, in every part of a pipeline."""
    learners = [each for model in fit.models for each in _learners(model)]
    return "affine" in fit.tags and all("affine" in each.tags for each in learners)


def _learners(model: Instance, depth: int = 4) -> list[Instance]:
    """Return the estimators that learn more than a list of categories: the model, or those that a pipeline is made of."""
    inside = [each for part in model.parts if depth for each in _learners(part, depth - 1)]
    return inside or ([model] if model.tags & LEARNING else [])


def _predictors(model: Instance, depth: int = 4) -> list[Instance]:
    """Return the estimators that predict: the model itself, or those that a pipeline or a search is made of."""
    inside = [each for part in model.parts if depth for each in _predictors(part, depth - 1)]
    if inside:
        return inside
    return [model] if model.tags & {"classifier", "regressor", "model", "module"} or not model.tags else []


def _find_evaluations(ctx: Context) -> Iterator[Evaluation]:
    events = ctx.model.events
    # Predictions that another model learns from make its features: those are what a stack is made of, and no test.
    stacked = {each for event in events if event.kind == "fit" for value in event.data[:1] for each in value.learned}
    for event in events:
        if "loss" in event.tags or (event.kind == "predict" and event.fits & stacked) or _is_thrown_away(event, ctx):
            continue
        if event.kind in ("score", "predict"):
            held_out = event.rows
            for fit in sorted(event.fits, key=lambda each: each.number):
                if held_out.rows and fit.kind == "fit" and fit.rows.rows:
                    yield Evaluation(event, fit, fit.rows, held_out)
        elif event.kind == "cross-validate" or (event.kind == "fit" and _searches(event, ctx)):
            rows = event.rows
            if rows.rows:
                yield Evaluation(event, event, rows, rows)


def _is_thrown_away(event: Event, ctx: Context) -> bool:
    """Tell whether nobody ever sees a score: a bare call in a function."""
    if event.kind != "score" or ctx.model.function(event.node) is None:
        return False
    return (
        isinstance(ctx.model.parent(event.node), cst.Expr)
        and event.call is not None
        and event.call.last_name == "score"
    )


def _searches(fit: Event, ctx: Context) -> bool:
    """Tell whether a fit tries settings of another estimator on folds; a model that tunes itself is only a model."""
    return "search" in fit.tags and any(
        _tries_others(instance, ctx) and not _tries_one(instance, ctx) and not _clusters(instance)
        for instance in fit.models
    )


def _clusters(search: Instance) -> bool:
    """Tell whether all that a search tries finds clusters, which no fold can score."""
    tried = [part for part in search.parts if part.tags]
    return bool(tried) and all("clusterer" in part.tags and not part.parts for part in tried)


def _tries_one(search: Instance, ctx: Context) -> bool:
    """Tell whether the settings that a search is given are written out and leave it no choice."""
    if not isinstance(search.made, cst.Call):
        return False
    grid = ctx.model.call(search.made).first("param_grid", "param_distributions").value
    made = ctx.model.assigned_value(grid) if isinstance(grid, cst.Name) else grid
    if not isinstance(made, cst.Dict):
        return False
    return all(
        isinstance(each, cst.DictElement)
        and isinstance(each.value, (cst.List, cst.Tuple))
        and len(each.value.elements) == 1
        for each in made.elements
    )


def _tries_others(instance: Instance, ctx: Context, depth: int = 4) -> bool:
    """Tell whether an estimator, or one that it is made of, is a search over others: no ``RidgeCV`` in a pipeline."""
    if "search" not in instance.tags or not instance.parts or not depth:
        return False
    own = ctx.knowledge.tags(instance.kind) if instance.kind is not None else instance.tags
    return "search" in own or any(_tries_others(part, ctx, depth - 1) for part in instance.parts)


def _leaks_of(evaluation: Evaluation, ctx: Context) -> Iterator[Leak]:
    if _only_completes(evaluation, ctx):
        return
    for cause, through, sure in _influences(evaluation):
        if cause in evaluation.event.fits or cause is evaluation.event:
            continue
        if "affine" in cause.tags and {"pipeline", "affine"} <= evaluation.fit.tags:
            continue  # the model scales once more, which undoes the scaling before it
        saw = seen(cause, evaluation, ctx)
        late = cause.number > evaluation.fit.number  # the model was trained without it
        if saw is Saw.TEST or (saw is Saw.EVERYTHING and not late):
            yield Leak(cause, saw, evaluation, through, sure)


def is_scored(fit: Event, ctx: Context) -> bool:
    """Tell whether a model is scored on rows that it was not trained on, as far as can be seen."""
    known = _SCORED.get(ctx.model)
    if known is None:
        known = _SCORED[ctx.model] = {
            each.fit
            for each in evaluations(ctx)
            if each.event.kind == "score" and not each.trained.compare(each.held_out).shares
        }
    return fit in known


def _only_completes(evaluation: Evaluation, ctx: Context) -> bool:
    """Tell whether a model is applied, without a score, to the rows for which a condition on a column does not hold.

    That is how gaps are filled by a model, and how one group is compared with what a model of another says.
    """
    if evaluation.event.kind != "predict" or is_scored(evaluation.fit, ctx):
        return False
    return all(
        any(
            mine.key == theirs.key and mine.side != theirs.side and _is_condition(mine)
            for mine in trained.path
            for theirs in held.path
        )
        for trained in evaluation.trained.rows
        for held in evaluation.held_out.rows
        if trained.source == held.source
    ) and not evaluation.trained.sources.isdisjoint(evaluation.held_out.sources)


def _is_condition(selection: Selection) -> bool:
    key = selection.key
    return key == "missing" or (isinstance(key, tuple) and key[0] == "mask" and not selection.random)


def _influences(evaluation: Evaluation) -> Iterator[tuple[Event, Event | None, bool]]:
    """Yield what reached the data of a model or of its evaluation, what it reached it through, and whether surely."""
    values = [*evaluation.fit.data[:2], *evaluation.event.data[:1]]
    met: set[Event] = set()
    for value in values:
        for event, sure in value.influences():
            if event in met:
                continue
            met.add(event)
            if event.kind in SELECTING:
                for root in roots(event):
                    yield root, event, sure
            elif event.kind in ("fit", "statistic"):
                yield event, None, sure


def reaches_features(leak: Leak) -> bool:
    """Tell whether what was learned is in the features of a model, and not only in what it learns to predict."""
    values = (*leak.evaluation.fit.data[:1], *leak.evaluation.event.data[:1])
    return any(event is leak.cause or leak.cause in roots(event) for value in values for event, _ in value.influences())


def roots(event: Event) -> list[Event]:
    """Return the fits and statistics that were put into rows, or that a selection was made by, at last."""
    if event.kind not in SELECTING:
        return []
    found: dict[Event, None] = {}
    pending = sorted(event.earlier, key=lambda each: each.number)
    met = set(pending)
    while pending:
        each = pending.pop(0)
        if each.kind in SELECTING:
            new = [other for other in each.earlier if other not in met]
            met.update(new)
            pending += sorted(new, key=lambda other: other.number)
        elif each.kind in ("fit", "statistic"):
            found[each] = None
    return list(found)


def seen(cause: Event, evaluation: Evaluation, ctx: Context) -> Saw:
    """Tell what an event has seen of the rows that a model is evaluated on, beyond those that it was trained on."""
    seen_rows = [rows for rows in cause.rows.rows if not _is_one_of_many(rows, cause, evaluation, ctx)]
    if evaluation.fit is evaluation.event:
        shares = any(
            mine.compare(theirs) not in (Overlap.NONE, Overlap.INSIDE) or len(mine.path) <= len(theirs.path)
            for mine in seen_rows
            for theirs in evaluation.held_out.rows
            if mine.source == theirs.source and mine.compare(theirs) is not Overlap.NONE
        )
        return Saw.EVERYTHING if shares else Saw.NOTHING
    if evaluation.trained.compare(evaluation.held_out).shares or (cause.rows.part is Part.TRAIN and cause.rows.splits):
        # Sharing rows is another mistake, with rules of its own. What was learned from the training part and is split
        # again for validation leaves the test alone.
        return Saw.NOTHING
    test = train = False
    for mine in seen_rows:
        for theirs in evaluation.held_out.rows:
            if mine.source != theirs.source:
                continue
            answer = mine.compare(theirs)
            test = test or answer.shares
            test = test or (
                answer is Overlap.UNKNOWN
                and not _divided(mine, theirs, evaluation.trained)
                and not (mine.is_piece or theirs.is_piece)
            )
        answers = [mine.compare(theirs) for theirs in evaluation.trained.rows]
        held_out = any(mine.compare(theirs) is Overlap.SAME for theirs in evaluation.held_out.rows)
        train = train or any(each.shares or (each is Overlap.UNKNOWN and not held_out) for each in answers)
    if test:
        return Saw.EVERYTHING if train else Saw.TEST
    return Saw.NOTHING


def _is_one_of_many(rows: Rows, cause: Event, evaluation: Evaluation, ctx: Context) -> bool:
    """Tell whether rows are one of many files or images: a loop loads each and learns from it, and no model in it."""
    around = set(evaluation.event.loops).intersection(evaluation.fit.loops)
    loops = ctx.model.flow.loaded_in.get(rows.source, ())
    return any(loop in cause.loops and loop not in around for loop in loops)


def _divided(mine: Rows, held_out: Rows, trained: Value) -> bool:
    """Tell whether rows had been through the selection that parts the training rows from the held-out ones."""
    parting = {
        selection.key
        for rows in trained.rows
        if rows.source == held_out.source
        for selection in rows.path
        for other in held_out.path
        if selection.key == other.key and selection.side != other.side
    }
    return not parting or any(selection.key in parting for selection in mine.path)


def learns(event: Event) -> bool:
    """Tell whether a fit takes more from its rows than a list of categories."""
    return not LEARNING.isdisjoint(event.tags)


def parting_split(evaluation: Evaluation) -> Event | None:
    """Return the split that parted the training rows from the held-out ones, where one did."""
    both = evaluation.trained.splits & evaluation.held_out.splits
    return max(both, key=lambda event: event.number, default=None)


def trace_of(leak: Leak, ctx: Context) -> list[tuple[cst.CSTNode | CallSite, str]]:
    """Return the way the data went: learned here, split here, trained here, evaluated here."""
    steps: list[tuple[int, Event, str]] = []
    what = "Computed over" if leak.cause.kind == "statistic" else "Fitted on"
    within = "the whole training part" if _is_train_part(leak) else "all rows"
    rows = "the test part" if leak.saw is Saw.TEST else within
    steps.append((leak.cause.number, leak.cause, f"{what} {rows} here"))
    if leak.through is not None and not _is_part_of(leak.cause.node, leak.through.node, ctx):
        steps.append((leak.through.number, leak.through, _THROUGH[leak.through.kind]))
    evaluation = leak.evaluation
    split = parting_split(evaluation)
    if split is not None:
        steps.append((split.number, split, "The rows are split here"))
    if evaluation.fit is evaluation.event:
        steps.append((evaluation.event.number, evaluation.event, "The rows are divided into folds here"))
    else:
        steps.append((evaluation.fit.number, evaluation.fit, "The model is trained here"))
        verb = "scored" if evaluation.event.kind == "score" else "applied to the held-out rows"
        steps.append((evaluation.event.number, evaluation.event, f"It is {verb} here"))
    ordered = sorted(steps, key=lambda step: step[0])
    return [(place_of(event), text) for _, event, text in ordered]


def _is_train_part(leak: Leak) -> bool:
    rows = leak.cause.rows
    return leak.evaluation.on_folds and rows.part is Part.TRAIN and bool(rows.splits)


def _is_part_of(node: cst.CSTNode, whole: cst.CSTNode, ctx: Context) -> bool:
    return any(above is whole for above in ctx.model.ancestors(node))


_THROUGH = {
    "apply": "It is put into the rows here",
    "select-rows": "Rows are chosen by it here",
    "select-columns": "Columns are chosen by it here",
}


def place_of(event: Event) -> cst.CSTNode | CallSite:
    """Return where to point for an event: at the name that is called, or at the whole code."""
    return event.call if event.call is not None else event.node


def called(event: Event, ctx: Context) -> str:
    """Return what is called as people would name it: the class and the method, or the function."""
    call = event.call
    if call is None:
        return ctx.model.text(event.node)
    func = call.node.func
    if isinstance(func, cst.Attribute):
        kinds = {instance.kind for instance in event.models if instance.kind is not None}
        kind = kinds.pop() if len(kinds) == 1 else call.receiver_kind
        if kind is not None:
            return f"{kind.rpartition('.')[2]}.{func.attr.value}"
        text = ctx.model.text(func)
        return text if len(text) <= 40 and "\n" not in text else func.attr.value
    return call.last_name


def shown(node: cst.CSTNode, ctx: Context, otherwise: str) -> str:
    """Return the source of an expression in back-quotes where it is short, else other words for it."""
    text = ctx.model.text(node)
    return f"`{text}`" if len(text) <= 30 and "\n" not in text and "`" not in text else otherwise


def data_shown(event: Event, ctx: Context) -> str:
    """Return the rows that an event works on as the user wrote them."""
    call = event.call
    if call is None:
        return "the data"
    if call.positional and event.kind != "statistic":
        return shown(call.positional[0].value, ctx, "the data")
    if call.receiver is not None and ctx.model.qualified_name(call.receiver) is None:
        return shown(call.receiver, ctx, "the data")
    return shown(call.positional[0].value, ctx, "the data") if call.positional else "the data"
