"""The rule ``unseeded-numpy``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Rule, on_call, on_unit
from mllint_rules.reproducibility._draws import (
    is_fallback,
    is_harmless,
    is_in_harmless_function,
    is_interactive,
    later_draws,
    seed_argument_fix,
    seed_program_fix,
    who_seeds,
)

_BARE_DRAW = {"draws-random", "samples", "shuffles"}


class UnseededNumpy(Rule):
    """A script or notebook draws random numbers from NumPy without a seed.

    ## What it does
    Finds scripts and notebooks that draw from NumPy's global generator (`np.random.rand`, `np.random.shuffle`,
    distributions of `scipy.stats`) although nothing in the program seeds it; one diagnostic at the first draw. Also
    finds generators that are made without a seed: `np.random.default_rng()` and `np.random.RandomState()`.

    Modules that are only imported are left alone: whether they draw reproducibly is decided by the program that
    imports them. So are draws that are only shown, and those that make names, colours, waiting times or stand-ins for
    data.

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
    made once, and unsafe in loops and functions, where all generators would become equal.

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
        draws = [call for call in draws if not ctx.is_seeded("numpy", call.node)]
        draws = [c for c in draws if not is_harmless(c, ctx) and not is_in_harmless_function(c.node, ctx)]
        if not draws:
            return
        first = draws[0]
        ctx.report(
            first,
            f"`{ctx.model.text(first.node.func)}` draws from NumPy's global generator, {who_seeds(ctx, 'numpy')}, so every "
            f"run gets different numbers{later_draws(len(draws) - 1)}",
            help="Draw from a generator made by `np.random.default_rng(seed)`, or seed the global one at the start",
            fix=lambda: seed_program_fix(ctx, first, "numpy", "random.seed"),
            certain=first.certain,
        )

    @on_call(role="makes-generator")
    def check_generator(self, call: CallSite, ctx: Context) -> None:
        """Report a generator that is made without a seed."""
        if call.name is None or not ctx.is_entry_point or not ctx.draws_unseeded(call):
            return
        library = ctx.knowledge.library_of(call.name)
        if library is None or library.library != "NumPy" or is_fallback(call.node, ctx):
            return
        if is_harmless(call, ctx, follow=False) or is_in_harmless_function(call.node, ctx):
            return
        ctx.report(
            call,
            f"`{ctx.model.text(call.node.func)}` makes a generator without a seed, so every run gets different numbers",
            help="Give it a seed",
            fix=seed_argument_fix(ctx, call, positional=True),
        )


def _draws_from_numpy(call: CallSite, ctx: Context) -> bool:
    if call.name is None or ctx.knowledge.generator_behind(call.name) != "numpy":
        return False
    if call.fact is not None and call.fact.seed is not None:
        # Shuffles and samples that take a seed are for `unseeded-shuffle`, estimators for `unseeded-estimator`.
        return set(call.roles) == {"draws-random"} and not call.constructs and ctx.draws_unseeded(call)
    return set(call.roles) <= _BARE_DRAW
