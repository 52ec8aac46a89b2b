"""What the rules about preprocessing share: which leaks are theirs, and how they are told."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

import libcst as cst

from mllint import Confidence, Context, Event, Fix, Instance, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import (
    Leak,
    Saw,
    called,
    is_scored,
    leaks,
    minds_no_scale,
    parting_split,
    place_of,
    predictors,
    trace_of,
)


class AuditBeforeSplit(Rule):
    """Base of the audit rules that are one condition on what saw all rows, and two sentences about it.

    Attributes:
        what: what the cause did, after its name: ``finds clusters with all rows …``.
        advice: what to do instead.
    """

    category = "leakage"
    tier = Tier.AUDIT
    what: ClassVar[str]
    advice: ClassVar[str]

    @abstractmethod
    def concerns(self, leak: Leak) -> bool:
        """Tell whether a leak is one that the rule is about."""

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report what saw rows which a model is evaluated on."""
        for leak in leaks_before_split(ctx):
            if self.concerns(leak):
                report(leak, ctx, f"`{called(leak.cause, ctx)}` {self.what}", self.advice)


def leaks_before_split(ctx: Context) -> Iterator[Leak]:
    """Yield the leaks whose cause saw all rows although the model is evaluated on held-out ones."""
    for leak in leaks(ctx):
        if leak.saw is Saw.EVERYTHING:
            yield leak


def target_columns(leak: Leak) -> frozenset[str]:
    """Return the columns that the model learns to predict, where they are known."""
    return leak.evaluation.fit.target.columns.only or frozenset()


def divided(leak: Leak) -> str:
    """Return the end of a sentence about what saw all rows: what becomes of them."""
    return " before they are divided into folds" if _meets_folds(leak) else ", also those held out for testing"


def _meets_folds(leak: Leak) -> bool:
    """Tell whether the model is evaluated on folds, be it by a loop over those of a splitter."""
    split = parting_split(leak.evaluation)
    by_splitter = split is not None and split.call is not None and split.call.last_name == "split"
    return leak.evaluation.on_folds or (by_splitter and bool(leak.evaluation.fit.loops))


def why_harmless(leak: Leak, ctx: Context) -> str | None:
    """Return why a score hardly changes although something was learned from held-out rows."""
    models = predictors(leak)
    if minds_no_scale(leak):
        kinds = {each.kind.rpartition(".")[2] for each in models if each.kind is not None}
        named = f"`{kinds.pop()}`" if len(kinds) == 1 else "the model"
        return f"{named} does not depend on the scale, so that its score hardly changes"
    if _takes_most_frequent(leak.cause, ctx):
        return "the most frequent value is often the same without them, so that the score hardly changes"
    if _lists_words(leak.cause, ctx) and not any("counts-features" in each.tags for each in models):
        return "words found in held-out rows alone do not vary in training, so that the score hardly changes"
    if _only_fills(leak, ctx):
        return "it matters only where values are missing, and changes the score little"
    if _is_for_one_file(leak, ctx):
        return "they are only predicted, so that no score here is spoilt, but later rows will not be known in advance"
    return None


def _only_fills(leak: Leak, ctx: Context) -> bool:
    """Tell whether what is learned is only put where values are missing."""
    cause = leak.cause
    if cause.kind != "statistic":
        return bool(cause.models) and all("imputer" in each.tags for each in cause.models)
    put_in = leak.through.node if leak.through is not None else None
    if isinstance(put_in, cst.Call) and ctx.model.call(put_in).last_name == "fillna":
        return True
    inner: cst.CSTNode = cause.node
    for above in ctx.model.ancestors(cause.node):
        if isinstance(above, cst.Call) and inner in above.args:
            return ctx.model.call(above).last_name == "fillna"
        if not isinstance(above, (cst.Arg, cst.Subscript, cst.Attribute, cst.Call)):
            return False
        inner = above
    return False


def _is_for_one_file(leak: Leak, ctx: Context) -> bool:
    """Tell whether held-out rows come from a file of their own and are predicted, but not scored: a competition's."""
    evaluation = leak.evaluation
    return (
        evaluation.event.kind == "predict"
        and evaluation.trained.sources.isdisjoint(evaluation.held_out.sources)
        and not is_scored(evaluation.fit, ctx)
    )


def _takes_most_frequent(cause: Event, ctx: Context) -> bool:
    """Tell whether what is learned is the most frequent value of a column, be it within groups."""
    if cause.kind == "statistic" and cause.call is not None:
        inside = [node for arg in cause.call.node.args for node in ctx.model.descendants(arg.value)]
        calls = [cause.call, *(ctx.model.call(node) for node in inside if isinstance(node, cst.Call))]
        return any(call.last_name == "mode" for call in calls)
    return bool(cause.models) and all(
        isinstance(each.made, cst.Call) and ctx.model.call(each.made).literal("strategy") == "most_frequent"
        for each in cause.models
    )


def _lists_words(cause: Event, ctx: Context) -> bool:
    """Tell whether what is learned is a list of words that is not cut by how often they occur."""

    def lists(each: Instance) -> bool:
        fact = ctx.knowledge.classes.get(each.kind) if each.kind is not None else None
        if fact is None or not fact.cuts_when or not isinstance(each.made, cst.Call):
            return False
        call = ctx.model.call(each.made)
        return all(call.holds(condition) is False for condition in fact.cuts_when)

    return bool(cause.models) and all(lists(each) for each in cause.models)


#: Callees that count from one end to the other: between the first year and the last lies nothing that was learned.
_RANGES = frozenset({"range", "arange", "linspace", "date_range", "bdate_range", "period_range"})
#: Callees in which the largest value is the length of a cycle: ``sin(2 * pi * month / month.max())``.
_CYCLES = frozenset({"sin", "cos"})


def is_parameter(statistic: Event, ctx: Context) -> bool:
    """Tell whether a statistic is nothing that is learned: an end of a range, a cycle's length, how strong noise is."""
    around = [*ctx.model.ancestors(statistic.node)]
    calls = [ctx.model.call(above) for above in around if isinstance(above, cst.Call)]
    assigned = next((above for above in around if isinstance(above, cst.Assign)), None)
    if assigned is not None and assigned.value is statistic.node:
        binding = ctx.model.walk.bindings.get(assigned.targets[0].target)
        uses = ctx.model.uses(binding) if binding is not None else []
        if uses and all(_bounds_draw(use, ctx) for use in uses):
            return True
    return any(
        call.last_name in _RANGES
        or (call.last_name in _CYCLES and called(statistic, ctx).endswith(".max"))
        or "draws-random" in call.roles
        for call in calls
    )


def _bounds_draw(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a value is handed to what draws at random, or only shown."""
    calls = [ctx.model.call(above) for above in ctx.model.ancestors(node) if isinstance(above, cst.Call)]
    return any(
        call.name == "builtins.print" or ("draws-random" in call.roles and "splits" not in call.roles) for call in calls
    )


def report(
    leak: Leak,
    ctx: Context,
    message: str,
    help: str,
    *,
    place: Event | None = None,
    severity: Severity | None = None,
    fix: Callable[[Leak, Context], Fix | None] | None = None,
) -> None:
    """Report a leak at its cause, or at another place on its way, with the way the data went."""
    harmless = why_harmless(leak, ctx)
    if harmless is not None:
        severity = Severity.INFO
        message += f"; {harmless}"
    at = place_of(place if place is not None else leak.cause)
    if any(known.message == message and known.range == ctx.range_of(at) for known in ctx.diagnostics):
        return  # what was learned at one place may go several ways
    sure = leak.cause.certain and leak.evaluation.fit.certain and leak.evaluation.event.certain
    ctx.report(
        at,
        message,
        help=help,
        trace=trace_of(leak, ctx),
        fix=(lambda: fix(leak, ctx)) if fix is not None else None,
        severity=severity,
        confidence=None if sure else Confidence.MEDIUM,
    )
