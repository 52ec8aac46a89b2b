"""The rule ``unseeded-random``."""

from __future__ import annotations

import libcst as cst

from mllint import Applicability, CallSite, Context, Rule, Tier, on_call, on_unit
from mllint_rules.reproducibility._draws import (
    GlobalGenerator,
    draws_that_matter,
    is_about_data,
    is_interactive,
    report_first_draw,
    report_generator,
    runs_in_processes,
)

_PYTHON = GlobalGenerator(
    "python",
    "Python's",
    "random",
    "seed",
    help="Call `random.seed` once at the start, or draw from `random.Random(seed)`",
)


class UnseededRandom(Rule):
    """A script or notebook draws random numbers from the `random` module without a seed.

    ## What it does
    Finds scripts and notebooks for machine learning that draw from the generator of the `random` module
    (`random.shuffle`, `random.sample`, `random.random`) although nothing in the program seeds it; one diagnostic at
    the first draw. Also finds `random.Random()` without a seed.

    A draw is reported where it matters: where what it gives reaches a model that learns, a score or a file, through
    names, functions and classes of the file, or where it chooses rows of data that were loaded. Values that are only
    shown need no seed.

    Modules that are only imported are left alone, as are programs that use no library for data or models, apps and
    services, draws that make names, tokens, colours, waiting times or ports, and draws that go no further than a file
    of sample rows with the date of the run. `secrets`, `uuid` and `random.SystemRandom` are never meant to repeat.

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
    independent of each other, so it is safe. It is unsafe where other modules import the file, because
    the seed would then be set for them too. Programs that start other processes are left alone: each process needs a
    seed of its own. A seed for `random.Random()` is safe where the object
    is made once, and unsafe in loops and functions, where all of them would become equal. Where `random` is imported in
    functions or under conditions only there is no fix: at the top of the file the name is not known.

    ## Notebook behaviour
    A notebook is a program of its own, whatever it contains, so it is always checked. The fix seeds in the cell of the
    first draw.

    ## References
    - Python: random, notes on reproducibility, https://docs.python.org/3/library/random.html#notes-on-reproducibility
    """

    name = "unseeded-random"
    category = "reproducibility"
    tier = Tier.PEDANTIC
    fixes = (Applicability.SAFE, Applicability.UNSAFE)
    triggers = ("random",)

    @on_unit
    def check_draws(self, ctx: Context) -> None:
        """Report the first draw that matters."""
        if not ctx.is_entry_point or ctx.is_seeded("python") or not is_about_data(ctx) or is_interactive(ctx):
            return
        if runs_in_processes(ctx):
            return  # each process needs its own seed, and a shuffle may be how they share the work
        draws = [
            call
            for call in ctx.model.calls_with_role("draws-random")
            if call.name is not None
            and ctx.knowledge.generator_behind(call.name) == "python"
            and not _picks_one_example(call, ctx)
        ]
        draws = draws_that_matter(draws, ctx)
        report_first_draw(ctx, _PYTHON, draws)

    @on_call("random.Random")
    def check_generator(self, call: CallSite, ctx: Context) -> None:
        """Report a generator that is made without a seed."""
        if ctx.is_entry_point and is_about_data(ctx):
            report_generator(call, ctx)


def _picks_one_example(call: CallSite, ctx: Context) -> bool:
    """Tell whether a single value is drawn once, to look at an example, or chosen from strings that are spelt out."""
    if call.last_name == "choice" and call.node.args and isinstance(call.node.args[0].value, (cst.List, cst.Tuple)):
        return isinstance(ctx.model.literal(call.node.args[0].value), (list, tuple))
    several = "shuffles" in call.roles or call.last_name in ("sample", "choices")
    return not several and not ctx.model.in_loop(call.node) and ctx.model.function(call.node) is None
