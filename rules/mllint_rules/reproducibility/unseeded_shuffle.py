"""The rule ``unseeded-shuffle``."""

from __future__ import annotations

import libcst as cst

from mllint import UNKNOWN, Applicability, BindingKind, CallSite, Context, Fix, Rule, on_call
from mllint_rules.reproducibility._draws import (
    is_in_harmless_function,
    is_never_called,
    is_only_shown,
    limited,
    only_orders_evaluation,
    runs_in_processes,
    seed_argument_fix,
    takes_generator,
)
from mllint_rules.reproducibility._reach import passed_for
from mllint_rules.reproducibility.unseeded_torch import seeds_whole_program

#: Functions that change the device tensors are made on by default.
_MOVES_DEFAULT = frozenset({"set_default_device", "set_default_tensor_type"})


class UnseededShuffle(Rule):
    """Rows are shuffled or sampled without a seed.

    ## What it does
    Finds calls that shuffle or sample rows and are given no seed: `DataFrame.sample`, `sklearn.utils.shuffle` and
    `resample` without `random_state`, `Dataset.shuffle` of Hugging Face datasets and of `tf.data` without `seed`.

    Loaders, splits and samplers of PyTorch draw from its global generator, as everything else there does: in a
    script or notebook `unseeded-torch` reports them together, because one seed is enough. Here they are found where
    that is not so, in programs of several processes and in modules that a program imports.

    Silent where the program seeds the global generator that the call draws from, where the module is imported by
    programs that mllint does not see, where the call depends on a parameter that no caller is seen to set, where the
    rows are only shown or only times are measured, and where all that is
    shuffled is the order in which a model is evaluated.

    ## Why is this bad
    The order of the rows decides the batches, and the batches decide the model; a sample decides which rows are used
    at all. Without a seed both differ from run to run.

    ## Example
    ```python
    import pandas as pd

    orders = pd.read_csv("orders.csv").sample(frac=0.1)
    model.fit(orders[["amount"]], orders["paid"])
    ```

    ## Use instead
    ```python
    import pandas as pd

    orders = pd.read_csv("orders.csv").sample(frac=0.1, random_state=42)
    model.fit(orders[["amount"]], orders["paid"])
    ```

    ## Fix safety
    Adding a seed picks one of the possible draws; a seeded `DataLoader` still shuffles differently in every epoch. So
    the fix is safe where the call runs once per process. In loops, comprehensions and functions that may be called
    several times, and in programs of several processes, it is unsafe: draws that were independent would become equal.
    Of several draws of one library in a file, only the first gets a safe seed, for the same reason.

    ## Notebook behaviour
    A notebook is a program of its own, whatever it contains, so it is always checked.

    ## References
    - PyTorch: Reproducibility, https://pytorch.org/docs/stable/notes/randomness.html#dataloader
    - Hugging Face Datasets: Shuffle, https://huggingface.co/docs/datasets/process#shuffle
    """

    name = "unseeded-shuffle"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    @on_call("torch.utils.data.DataLoader", role=("shuffles", "samples", "splits"))
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report the call if its seed is surely absent and the rows matter."""
        if call.fact is None or call.fact.seed is None or call.name is None:
            return
        if "splits" in call.roles and not takes_generator(call):
            return  # a matter of `unseeded-split`
        if not ctx.draws_unseeded(call) or not _is_whole_program_known(ctx) or _is_switched_off(call, ctx):
            return
        if ctx.knowledge.generator_behind(call.name) == "torch" and seeds_whole_program(ctx):
            return  # a matter of `unseeded-torch`: one seed for the program fixes all of its draws
        if is_never_called(call.node, ctx) or _permutes_column(call, ctx):
            return
        if is_in_harmless_function(call.node, ctx) or is_only_shown(call, ctx) or only_orders_evaluation(call, ctx):
            return
        seed = call.fact.seed
        ctx.report(
            call,
            f"`{call.last_name}` {_effect(call)} on every run, because it is given no `{seed}`",
            help=_help(call, ctx),
            fix=lambda: _fix(ctx, call),
        )


def _help(call: CallSite, ctx: Context) -> str:
    """Return what to do: in a loop a seed of its own would repeat one order in every round."""
    assert call.fact is not None
    generator = ctx.knowledge.generator_behind(call.name) if call.name is not None else None
    seeding = _SEEDING.get(generator) if generator is not None else None
    if seeding is not None and ctx.model.in_loop(call.node):
        seeding = f"{seeding}({ctx.settings.seed})"
        return f"Call `{seeding}` once at the start: a `{call.fact.seed}` here would give the same order in every round"
    return f"Pass `{call.fact.seed}`, so that two runs see the same rows in the same order"


#: What seeds the global generators from which most shuffles draw.
_SEEDING = {"numpy": "numpy.random.seed", "torch": "torch.manual_seed", "python": "random.seed"}


def _permutes_column(call: CallSite, ctx: Context) -> bool:
    """Tell whether one column of a table is shuffled in its place, as to see how much a model depends on it."""
    above = ctx.model.parent(call.node)
    return isinstance(above, cst.Assign) and isinstance(above.targets[0].target, cst.Subscript)


def _effect(call: CallSite) -> str:
    if "splits" in call.roles:
        return "draws different parts"
    if "samples" in call.roles and call.literal("frac") != 1:
        return "draws different rows"
    return "shuffles in a different order"


def _is_whole_program_known(ctx: Context) -> bool:
    """Tell whether the program that the unit runs in is known, and with it whether a generator is seeded."""
    if ctx.is_entry_point:
        return True
    return ctx.summary is not None and any(m.is_entry_point for m in ctx.project.importing(ctx.summary.name))


def _is_switched_off(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call runs only if a parameter says so, and nobody is known to say so: ``if shuffle: …``."""
    inner: cst.CSTNode = call.node
    for above in ctx.model.ancestors(call.node):
        if isinstance(above, (cst.If, cst.IfExp)) and above.body is inner and isinstance(above.test, cst.Name):
            bindings = ctx.model.bindings(above.test)
            if len(bindings) == 1 and bindings[0].kind is BindingKind.PARAMETER:
                values = passed_for(bindings[0], ctx)
                if not any(ctx.model.literal(value) not in (False, None, 0, UNKNOWN) for value in values):
                    return True
        if isinstance(above, cst.FunctionDef):
            return False
        inner = above
    return False


def _fix(ctx: Context, call: CallSite) -> Fix | None:
    make = seed_argument_fix(ctx, call)
    fix = _generator_fix(ctx, call) if takes_generator(call) else make() if make is not None else None
    if fix is not None and runs_in_processes(ctx):
        fix.applicability = min(fix.applicability, Applicability.UNSAFE)
    return fix


def _generator_fix(ctx: Context, call: CallSite) -> Fix | None:
    seed = call.draws_with()
    library = ctx.knowledge.library_of(call.name) if call.name is not None else None
    if seed is None or (seed.present and seed.node is None) or library is None or "torch" not in library.modules:
        return None
    if call.argument("device").present or any(other.last_name in _MOVES_DEFAULT for other in ctx.model.calls):
        return None  # a generator must be on the device that the draw is made on
    torch, edits = ctx.fix.import_name("torch", None, call.node)
    fix = ctx.seed_fix(call, f"{torch}.Generator().manual_seed({ctx.settings.seed})")
    if fix is not None:
        fix.edits = [*edits, *fix.edits]
        fix.applicability = limited(fix.applicability, call, ctx)
    return fix
