"""What the rules about preprocessing share: which leaks are theirs, and how they are told."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

from mllint import Confidence, Context, Event, Fix, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import Leak, Saw, called, leaks, minds_no_scale, place_of, trace_of


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
    if minds_no_scale(leak):
        severity = Severity.INFO
        message += "; the trees that follow do not depend on the scale, so that the score hardly changes"
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
