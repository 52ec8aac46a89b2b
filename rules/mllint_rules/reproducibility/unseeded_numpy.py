"""The rule ``unseeded-numpy``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Rule, on_call, on_unit
from mllint_rules.reproducibility._draws import (
    GlobalGenerator,
    draws_that_matter,
    is_interactive,
    report_first_draw,
    report_generator,
)

_NUMPY = GlobalGenerator(
    "numpy",
    "NumPy's",
    "numpy",
    "random.seed",
    help="Draw from a generator made by `np.random.default_rng(seed)`, or seed the global one at the start",
)
_BARE_DRAW = {"draws-random", "samples", "shuffles"}


class UnseededNumpy(Rule):
    """A script or notebook draws random numbers from NumPy without a seed.

    ## What it does
    Finds scripts and notebooks that draw from NumPy's global generator (`np.random.rand`, `np.random.shuffle`,
    distributions of `scipy.stats`) although nothing in the program seeds it; one diagnostic at the first draw. Also
    finds generators that are made without a seed: `np.random.default_rng()` and `np.random.RandomState()`.

    A draw is reported where it matters: where what it gives reaches a model that learns, a score or a file, through
    names, functions and classes of the file, where it is a step of a loop that learns, or where it chooses rows of
    data that were loaded. Numbers that are only printed, plotted or timed need no seed.

    Modules that are only imported are left alone: whether they draw reproducibly is decided by the program that
    imports them. So are draws that make names, colours, waiting times or stand-ins for data, and draws that go no
    further than a file of sample rows with the date of the run, or one that the same program reads back.

    ## Why is this bad
    The numbers differ from run to run, and so does everything that is computed from them: data, initial weights, the
    order of rows. A result that cannot be produced again cannot be debugged, compared or trusted.

    ## Example
    ```python
    import numpy as np

    noise = np.random.normal(size=len(signal))
    np.save("samples.npy", signal + noise)
    ```

    ## Use instead
    ```python
    import numpy as np

    rng = np.random.default_rng(42)
    noise = rng.normal(size=len(signal))
    np.save("samples.npy", signal + noise)
    ```

    ## Fix safety
    The fix seeds the global generator once, after the imports. That picks one of the possible runs and keeps the draws
    independent of each other, so it is safe. It is unsafe where other modules import the file or where it starts other
    processes, because the seed would then be set more than once. A seed for a generator is safe where the generator is
    made once, and unsafe in loops and functions, where all generators would become equal. Where NumPy is imported in
    functions or under conditions only there is no fix: at the top of the file the name is not known.

    ## Notebook behaviour
    A notebook is a program of its own, whatever it contains, so it is always checked. The fix seeds in the cell of the
    first draw.

    ## References
    - NumPy: Random Generator, https://numpy.org/doc/stable/reference/random/generator.html
    """

    name = "unseeded-numpy"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)
    libraries = ("NumPy", "SciPy")
    triggers = ("random", "rvs")

    @on_unit
    def check_draws(self, ctx: Context) -> None:
        """Report the first draw from the global generator that matters."""
        if not ctx.is_entry_point or is_interactive(ctx):
            return
        draws = [call for call in ctx.model.calls_with_role("draws-random") if _draws_from_numpy(call, ctx)]
        draws = draws_that_matter([call for call in draws if not ctx.is_seeded("numpy", call.node)], ctx)
        report_first_draw(ctx, _NUMPY, draws)

    @on_call(role="makes-generator")
    def check_generator(self, call: CallSite, ctx: Context) -> None:
        """Report a generator that is made without a seed."""
        library = ctx.knowledge.library_of(call.name) if call.name is not None else None
        if ctx.is_entry_point and library is not None and library.library == "NumPy":
            report_generator(call, ctx)


def _draws_from_numpy(call: CallSite, ctx: Context) -> bool:
    if call.name is None or ctx.knowledge.generator_behind(call.name) != "numpy":
        return False
    if call.fact is not None and call.fact.seed is not None:
        # Shuffles and samples that take a seed are for `unseeded-shuffle`, estimators for `unseeded-estimator`.
        return set(call.roles) == {"draws-random"} and not call.constructs and ctx.draws_unseeded(call)
    return set(call.roles) <= _BARE_DRAW
