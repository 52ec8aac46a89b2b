"""The rule ``unseeded-shuffle``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call
from mllint_rules.reproducibility._draws import (
    is_harmless,
    is_in_harmless_function,
    runs_in_processes,
    seed_argument_fix,
    takes_generator,
)

#: Functions that change the device tensors are made on by default.
_MOVES_DEFAULT = frozenset({"set_default_device", "set_default_tensor_type"})


class UnseededShuffle(Rule):
    """Rows are shuffled or sampled without a seed.

    ## What it does
    Finds calls that shuffle or sample rows and are given no seed: `DataLoader(shuffle=True)`, `random_split` and the
    random samplers of PyTorch without `generator`, `Dataset.shuffle` of Hugging Face datasets and of `tf.data` without
    `seed`, `DataFrame.sample`, `sklearn.utils.shuffle` and `resample` without `random_state`.

    Silent where the program seeds the global generator that the call draws from, where the module is imported by
    programs that mllint does not see, and where the sample is only shown.

    ## Why is this bad
    The order of the rows decides the batches, and the batches decide the model; a sample decides which rows are used
    at all. Without a seed both differ from run to run.

    ## Example
    ```python
    from torch.utils.data import DataLoader

    loader = DataLoader(dataset, batch_size=32, shuffle=True)
    train(model, loader)
    ```

    ## Use instead
    ```python
    import torch
    from torch.utils.data import DataLoader

    loader = DataLoader(dataset, batch_size=32, shuffle=True, generator=torch.Generator().manual_seed(42))
    train(model, loader)
    ```

    ## Fix safety
    Adding a seed picks one of the possible draws; a seeded `DataLoader` still shuffles differently in every epoch. So
    the fix is safe where the call runs once per process. In loops, comprehensions and functions that may be called
    several times, and in programs of several processes, it is unsafe: draws that were independent would become equal.

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
        if not ctx.draws_unseeded(call) or not _is_whole_program_known(ctx):
            return
        if is_harmless(call, ctx) or is_in_harmless_function(call.node, ctx):
            return
        seed = call.fact.seed
        ctx.report(
            call,
            f"`{call.last_name}` {_effect(call)} on every run, because it is given no `{seed}`",
            help=f"Pass `{seed}`, so that two runs see the same rows in the same order",
            fix=lambda: _fix(ctx, call),
        )


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
    if any(other.last_name in _MOVES_DEFAULT for other in ctx.model.calls):
        return None  # a generator must be on the device that tensors are made on
    torch, edits = ctx.fix.import_name("torch", None, call.node)
    fix = ctx.seed_fix(call, f"{torch}.Generator().manual_seed({ctx.settings.seed})")
    if fix is not None:
        fix.edits = [*edits, *fix.edits]
    return fix
