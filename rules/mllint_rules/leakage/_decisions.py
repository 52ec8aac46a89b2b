"""What scores on one set of rows decide: which model is taken, with which settings, threshold or seed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from mllint import UNKNOWN, CallSite, Confidence, Context, Event, Instance, SemanticModel
from mllint_rules.leakage._evaluations import place_of
from mllint_rules.leakage._loops import bound_names, clause_of, rows_vary, varies
from mllint_rules.leakage._trials import Trial, is_cut, is_test, named_validation, trials


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
        return all(trial.event.certain and (trial.rows.splits or is_cut(trial)) for trial in self.trials)

    @property
    def confidence(self) -> Confidence | None:
        """The confidence of a finding."""
        return None if self.sure else Confidence.MEDIUM


_DECISIONS: WeakKeyDictionary[SemanticModel, list[Decision]] = WeakKeyDictionary()
_SEEDS = re.compile(r"(?i)(?:^|_)(?:seeds?|random_?states?|rs|rng)(?:$|_|\d)")
_SEED_KEYWORDS = frozenset({"random_state", "seed", "random_seed", "rng"})


def decisions(ctx: Context) -> list[Decision]:
    """Return what is decided by scores on rows that are no longer untouched when the result is reported."""
    known = _DECISIONS.get(ctx.model)
    if known is None:
        known = _DECISIONS[ctx.model] = list(_find(ctx))
    return known


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
    if choice is None or _is_only_shown(event, ctx) or _is_by_any_column(event, group) or _is_by_another(event, ctx):
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


#: Words in the names of measures of how good a model is, and of what holds them.
_MEASURES = re.compile(
    r"(?i)acc|scor|auc|f1|f_?beta|prec|rec|rmse|mse|mae|mape|r2|r\^2|r²|loss|err|metric|gini|kappa|mcc|perpl|perf|"
    r"test|val|cv|dice|iou|ndcg|result|mean"
)


def _is_by_another(event: Event, ctx: Context) -> bool:
    """Tell whether the best is taken of a column whose name is that of no measure, or of one on the training rows."""
    call = event.call
    if call is None:
        return False
    if call.last_name in _ORDERS:
        keys = [call.literal("by", default=UNKNOWN)]
    else:
        among = [call.receiver, *(arg.value for arg in call.positional[:1])]
        keys = [_column(each, ctx) for each in among]
    named = [key for key in keys if isinstance(key, str)]
    return bool(named) and all("train" in key.lower() or not _MEASURES.search(key) for key in named)


def _column(node: cst.CSTNode | None, ctx: Context) -> object:
    """Return the literal in ``table["score"]``."""
    index = node.slice[0].slice if isinstance(node, cst.Subscript) and len(node.slice) == 1 else None
    return ctx.model.literal(index.value) if isinstance(index, cst.Index) else UNKNOWN


def _is_only_shown(event: Event, ctx: Context) -> bool:
    """Tell whether scores are put in order, or the better one is named, for people to look at alone."""
    if isinstance(event.node, cst.Comparison):
        above = ctx.model.parent(event.node)
        if isinstance(above, cst.If):
            return _only_tells(above, ctx)
        return isinstance(above, cst.IfExp) and (
            all(isinstance(each, (cst.SimpleString, cst.FormattedString)) for each in (above.body, above.orelse))
            or _compares_ends(event.node, ctx)
        )
    if event.call is None:
        return False
    if "searches" in event.call.roles:
        return False
    if event.call.last_name not in _ORDERS:
        says_which = event.call.last_name.startswith(("arg", "idx"))
        return _ends_shown(event.node, ctx, _SHOWN if says_which else _DRAWN)
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
        return not any(
            _is_taken_from(mention, ctx) and not _ends_shown(mention, ctx, _SHOWN)
            for name in names
            for mention in ctx.model.mentions(name)
        )
    return not isinstance(above, (cst.For, cst.CompFor))


#: Names of callees that draw something for people to look at.
_DRAWN = re.compile(
    r"^(?:plot\w*|scatter\w*|bar\w*|hist\w*|ax[hv]\w+|[hv]lines|text|annotate|arrow|legend|fill_between\w*|errorbar|"
    r"(?:sup)?title|[xy]label|[xy]ticks|[xy]lim|set_(?:title|[xy]\w+)|figtext|add_(?:trace|annotation|[hv]line))$"
)
#: The same, and those that tell it in words: which one is the best, while the best score in words is what is reported.
_SHOWN = re.compile(rf"{_DRAWN.pattern[:-2]}|print|display|info|debug|write|markdown|metric)$")
_CONVERTS = frozenset(
    {"int", "float", "str", "round", "format", "abs", "len", "item", "list", "tuple", "zip", "enumerate"}
    | {"range", "arange"}
)


def _ends_shown(node: cst.CSTNode, ctx: Context, shows: re.Pattern[str], depth: int = 4) -> bool:
    """Tell whether all that becomes of a value, and of the names it is given, is shown by callees of such names."""
    inner = node
    for above in ctx.model.ancestors(node):
        if isinstance(above, cst.Call):
            name = ctx.model.call(above).last_name
            if shows.search(name):
                return True
            if name not in _CONVERTS:
                return _is_for_looks(above, ctx)
        elif isinstance(above, cst.Assign):
            target = above.targets[0].target
            binding = ctx.model.walk.bindings.get(target) if len(above.targets) == 1 else None
            uses = ctx.model.uses(binding) if binding is not None and depth else []
            return bool(uses) and all(_ends_shown(use, ctx, shows, depth - 1) for use in uses)
        elif isinstance(above, cst.Expr):
            return ctx.unit.is_notebook
        elif (
            isinstance(above, (cst.Comparison, cst.Lambda))
            or (isinstance(above, cst.IfExp) and inner is above.test)
            or isinstance(above, (cst.BaseSmallStatement, cst.BaseCompoundStatement))
        ):
            return False
        inner = above
    return False


_LOOKS = re.compile(r"(?i)colou?r|label|title|palette|style|marker|alpha|legend")


def _is_for_looks(call: cst.Call, ctx: Context) -> bool:
    """Tell whether what a call gives is what a picture looks like: colours, labels."""
    above = ctx.model.parent(call)
    return isinstance(above, cst.Assign) and _LOOKS.search(ctx.model.text(above.targets[0].target)) is not None


def _only_tells(node: cst.If | cst.Else, ctx: Context) -> bool:
    """Tell whether all branches of a condition do nothing but print."""
    lines = node.body.body if isinstance(node.body, cst.IndentedBlock) else (node.body,)
    tells = all(
        isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite))
        and all(
            isinstance(small, cst.Expr)
            and isinstance(small.value, cst.Call)
            and _SHOWN.search(ctx.model.call(small.value).last_name) is not None
            for small in line.body
        )
        for line in lines
    )
    other = node.orelse if isinstance(node, cst.If) else None
    return tells and (other is None or _only_tells(other, ctx))


_ENDS = re.compile(r"^(?P<series>.+?)(?:\.iloc)?\[(?P<place>0|-1)\]$")


def _compares_ends(node: cst.Comparison, ctx: Context) -> bool:
    """Tell whether the first of a series is compared with the last, which says where it goes, not which is the best."""
    sides = [_ENDS.match(ctx.model.text(each)) for each in (node.left, node.comparisons[0].comparator)]
    first, last = sides
    return (
        first is not None and last is not None and first["series"] == last["series"] and first["place"] != last["place"]
    )


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
    if scores is None:
        return False
    text = ctx.model.text(scores)
    others = _SPREADS | (_EXTREMES - {call.last_name, *_SAME.get(call.last_name, ())})
    for other in ctx.model.calls:
        if other.last_name in others and any(
            node is not None and ctx.model.text(node) == text
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
    tried = [model for fit in trial.fits for model in fit.models]
    kinds = {model.kind for model in tried} - {None}
    names = set(bound_names(loop, ctx.model))
    varied = {
        arg.keyword.value if arg.keyword is not None else ""
        for model in tried
        if isinstance(model.made, cst.Call)
        for arg in model.made.args
        if isinstance(arg.value, cst.Name) and arg.value.value in names
    }
    if not varied:
        return None  # something else differs: the columns, for example
    for later in group:
        if later.event.number <= trial.event.number or later.event.loops:
            continue
        models = [model for fit in later.fits if fit.number > trial.event.number for model in fit.models]
        chosen = [model for model in models if model.kind in kinds and _passes(model, varied)]
        if chosen:
            return later.event
    return None


def _passes(model: Instance, keywords: set[str]) -> bool:
    """Tell whether a model is made with one of the settings that were tried."""
    return isinstance(model.made, cst.Call) and any(
        arg.star or (arg.keyword.value if arg.keyword is not None else "") in keywords for arg in model.made.args
    )
