"""The rule ``unseeded-random``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Rule, on_call, on_unit
from mllint_rules.reproducibility._draws import (
    is_fallback,
    is_harmless,
    is_in_harmless_function,
    later_draws,
    seed_argument_fix,
    seed_program_fix,
)


class UnseededRandom(Rule):
    """A script or notebook draws random numbers from the `random` module without a seed.

    ## What it does
    Finds scripts and notebooks for machine learning that draw from the generator of the `random` module
    (`random.shuffle`, `random.sample`, `random.random`) although nothing in the program seeds it; one diagnostic at
    the first draw. Also finds `random.Random()` without a seed.

    Modules that are only imported are left alone, as are programs that use no library for data or models, draws that
    are only shown, and those that make names, tokens, colours, waiting times or ports. `secrets`, `uuid` and
    `random.SystemRandom` are never meant to repeat.

    ## Why is this bad
    The order of rows, the sample that is taken or the augmentation of an image differs from run to run, and so does
    every result that is computed from it.

    ## Example
    ```python
    import random

    import pandas as pd

    rows = pd.read_csv("rows.csv").to_dict("records")
    random.shuffle(rows)
    train, test = rows[:800], rows[800:]
    ```

    ## Use instead
    ```python
    import random

    import pandas as pd

    rows = pd.read_csv("rows.csv").to_dict("records")
    random.Random(42).shuffle(rows)
    train, test = rows[:800], rows[800:]
    ```

    ## Fix safety
    The fix seeds the generator once, after the imports. That picks one of the possible runs and keeps the draws
    independent of each other, so it is safe. It is unsafe where other modules import the file or where it starts other
    processes, because the seed would then be set more than once. A seed for `random.Random()` is safe where the object
    is made once, and unsafe in loops and functions, where all of them would become equal.

    ## References
    - Python: random, notes on reproducibility, https://docs.python.org/3/library/random.html#notes-on-reproducibility
    """

    name = "unseeded-random"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)
    triggers = ("random",)

    @on_unit
    def check_draws(self, ctx: Context) -> None:
        """Report the first draw that matters."""
        if not ctx.is_entry_point or ctx.is_seeded("python") or not _is_about_data(ctx):
            return
        draws = [
            call
            for call in ctx.model.calls_with_role("draws-random")
            if call.name is not None
            and ctx.knowledge.generator_behind(call.name) == "python"
            and not is_harmless(call, ctx)
            and not is_in_harmless_function(call.node, ctx)
        ]
        if not draws:
            return
        first = draws[0]
        ctx.report(
            first,
            f"`{ctx.model.text(first.node.func)}` draws from a generator that nothing seeds, so every run gets other "
            f"values{later_draws(len(draws) - 1)}",
            help="Call `random.seed` once at the start, or draw from `random.Random(seed)`",
            fix=lambda: seed_program_fix(ctx, first, "random", "seed"),
            certain=first.certain,
        )

    @on_call("random.Random")
    def check_generator(self, call: CallSite, ctx: Context) -> None:
        """Report a generator that is made without a seed."""
        if not ctx.is_entry_point or not _is_about_data(ctx) or not ctx.draws_unseeded(call):
            return
        if is_fallback(call.node, ctx) or is_harmless(call, ctx) or is_in_harmless_function(call.node, ctx):
            return
        ctx.report(
            call,
            f"`{ctx.model.text(call.node.func)}` makes a generator without a seed, so every run gets different values",
            help="Give it a seed",
            fix=seed_argument_fix(ctx, call, positional=True),
        )


def _is_about_data(ctx: Context) -> bool:
    """Tell whether the unit imports a library that knowledge is about, the standard library left out."""
    libraries = (ctx.knowledge.library_of(module) for module in ctx.model.imported_modules)
    return any(library is not None and library.distributions for library in libraries)
