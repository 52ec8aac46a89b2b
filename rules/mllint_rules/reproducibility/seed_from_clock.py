"""The rule ``seed-from-clock``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from mllint import Applicability, BindingKind, CallSite, Context, Edit, Fix, Rule, on_call

#: Names of functions that are run in worker processes, which are seeded anew on purpose.
_WORKER = re.compile(r"(?i)worker|init_fn|initiali[sz]er|subprocess|(?:^|_)child|reseed|unseed|(?:^|_)re_?set")
#: Callees that take entropy where they are given no seed.
_TAKES_ENTROPY = re.compile(r"(?:numpy\.)?random\.(?:\w+\.)?seed")


class SeedFromClock(Rule):
    """A generator is seeded with a value that differs from run to run.

    ## What it does
    Finds seeds that come from the clock, the process id or the machine's entropy: `random.seed(time.time())`,
    `np.random.seed(os.getpid())`, `random_state=int(time.time())`, seeds that are themselves drawn from an unseeded
    generator, and `random.seed()` and `np.random.seed()` without a value, which take fresh entropy. Functions that
    fall back on an environment variable or a fixed seed, such as Lightning's `seed_everything`, do not.

    A seed that is also printed, logged, saved or put anywhere else can be used again, so it is left alone. So are
    functions that seed worker processes.

    ## Why is this bad
    It looks as if the program were seeded, but no run can be repeated: the seed that gave a result is lost.

    ## Example
    ```python
    import random
    import time

    random.seed(time.time())
    ```

    ## Use instead
    ```python
    import random

    random.seed(42)
    ```

    ## Fix safety
    The fix replaces the seed by a constant, so all runs become equal, which may not be wanted; it is unsafe.

    ## References
    - Python: random.seed, https://docs.python.org/3/library/random.html#random.seed
    - NumPy: numpy.random.seed, https://numpy.org/doc/stable/reference/random/generated/numpy.random.seed.html
    """

    name = "seed-from-clock"
    category = "reproducibility"
    fixes = (Applicability.UNSAFE,)
    triggers = ("seed", "random_state", "rng", "RandomState", "Random")

    @on_call()
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report the call if its seed surely differs from run to run."""
        if call.fact is None or call.fact.seed is None:
            return
        seed = call.argument(call.fact.seed)
        if seed.value is not None:
            self._check_value(call, seed.value, ctx)
        elif seed.absent and not call.node.args and _TAKES_ENTROPY.fullmatch(call.name or ""):
            self._check_empty(call, ctx)

    def _check_value(self, call: CallSite, value: cst.BaseExpression, ctx: Context) -> None:
        expression, is_named = value, False
        if isinstance(value, cst.Name):
            assigned = ctx.model.assigned_value(value)
            if assigned is None or not _is_only_a_seed(value, ctx):
                return
            expression, is_named = assigned, True
        source = next(_sources(expression, call, ctx), None)
        if source is None or _is_in_worker(call.node, ctx):
            return
        what = f"`{ctx.model.text(source.node)}`"
        constant = str(ctx.settings.seed)

        def fix() -> Fix:
            return Fix(f"Seed with `{constant}`", [ctx.fix.replace(expression, constant)], Applicability.UNSAFE)

        ctx.report(
            expression,
            f"The seed comes from {what}, which differs from run to run, and is kept nowhere, so no run can be repeated",
            help="Use a constant, or log the seed so that a run can be repeated",
            trace=[(call, "It is used as a seed here")] if is_named else (),
            fix=fix,
        )

    def _check_empty(self, call: CallSite, ctx: Context) -> None:
        if _is_in_worker(call.node, ctx) or ctx.model.in_loop(call.node):
            return  # whoever does that again and again means it
        constant = str(ctx.settings.seed)

        def fix() -> Fix:
            end = ctx.model.range(call.node).end - 1
            return Fix(f"Seed with `{constant}`", [Edit.insert(end, constant)], Applicability.UNSAFE)

        ctx.report(
            call,
            f"`{ctx.model.text(call.node.func)}()` without a value seeds from the machine's entropy, so no run can be "
            "repeated",
            help="Pass a constant, or remove the call if the draws need not be repeatable",
            fix=fix,
        )


def _sources(value: cst.BaseExpression, seeded: CallSite, ctx: Context) -> Iterator[CallSite]:
    """Yield the calls in an expression whose value differs from run to run."""
    for node in ctx.model.descendants(value):
        call = ctx.model.call(node) if isinstance(node, cst.Call) else None
        if call is None or call.name is None:
            continue
        if {"clock", "entropy"}.intersection(call.tags):
            yield call
        elif "draws-random" in call.roles and not call.constructs:
            generator = ctx.knowledge.generator_behind(call.name)
            if generator is not None and not _is_seeded_by_another(generator, seeded, ctx):
                yield call


def _is_seeded_by_another(generator: str, seeded: CallSite, ctx: Context) -> bool:
    """Tell whether the program seeds a generator by other calls than ``seeded``."""
    if not ctx.is_entry_point:
        return True
    own = ctx.knowledge.generators_seeded_by(seeded.name or "")
    if own.isdisjoint((generator, "*")):
        return ctx.is_seeded(generator)
    return any(call is not seeded for call in ctx.model.calls_with_role("seeds"))


def _is_only_a_seed(name: cst.Name, ctx: Context) -> bool:
    """Tell whether the value of a name is read for nothing but seeding."""
    bindings = ctx.model.bindings(name)
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT:
        return False
    return all(_seeds(use, ctx) for use in ctx.model.uses(bindings[0]))


def _seeds(use: cst.Name, ctx: Context) -> bool:
    for node in ctx.model.ancestors(use):
        if isinstance(node, cst.Call):
            call = ctx.model.call(node)
            if call.fact is not None and call.fact.seed is not None:
                return True
            if call.name not in ("builtins.int", "builtins.abs", "builtins.hash", "builtins.round"):
                return False
        elif isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.FormattedString)):
            return False
    return False


def _is_in_worker(node: cst.CSTNode, ctx: Context) -> bool:
    return any(
        isinstance(above, cst.FunctionDef) and _WORKER.search(above.name.value) for above in ctx.model.ancestors(node)
    )
