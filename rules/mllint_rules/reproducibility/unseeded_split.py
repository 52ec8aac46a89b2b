"""The rule ``unseeded-split``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Rule, on_call
from mllint_rules.reproducibility._draws import (
    is_never_called,
    is_only_shown,
    seed_argument_fix,
    takes_generator,
)


class UnseededSplit(Rule):
    """A split into train and test parts draws its rows without a seed.

    ## What it does
    Finds calls of split functions that shuffle rows and are given no seed: `train_test_split` without
    `random_state`, shuffling cross-validation splitters such as `KFold(shuffle=True)`, and
    `Dataset.train_test_split` of Hugging Face datasets without `seed`.

    Splits that do not shuffle need no seed, and neither do splits in a program that seeds the global generator they
    draw from: scikit-learn without `random_state` draws from NumPy's, so `np.random.seed(0)` is enough. Nor does a
    split that nothing learns from or is scored on: one that is only printed, gives a few rows to look at or to send to
    a model as an example, or of which only times are told.

    ## Why is this bad
    Every run evaluates on different rows, so a change of the score may come from the model or from the draw, and
    nobody can tell which. Results cannot be compared between runs, people or machines.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test = train_test_split(X)
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test = train_test_split(X, random_state=42)
    ```

    ## Fix safety
    Adding a seed picks one of the possible draws, so the fix is safe where the call runs once per process and nothing
    in the program seeds the global generator. In loops, comprehensions and functions that may be called several
    times it is unsafe: draws that were independent would become equal. So it is where the same rows are split in the
    same way once more.

    ## Notebook behaviour
    A notebook is a program of its own: only what it does itself and what it imports can seed, while a module may also
    be seeded by the programs that import it.

    ## References
    - scikit-learn: Controlling randomness, https://scikit-learn.org/stable/common_pitfalls.html#controlling-randomness
    """

    name = "unseeded-split"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    @on_call(role="splits")
    def check_function(self, call: CallSite, ctx: Context) -> None:
        """Report a split that draws rows without a seed."""
        if (
            takes_generator(call)
            or not ctx.draws_unseeded(call)
            or is_only_shown(call, ctx)
            or is_never_called(call.node, ctx)
        ):
            return
        ctx.report(
            call,
            f"`{call.last_name}` draws different rows on every run, because it is given no `{_seed(call)}`",
            help=f"Pass `{_seed(call)}`, so that scores of two runs are measured on the same rows",
            fix=seed_argument_fix(ctx, call),
        )

    @on_call()
    def check_splitter(self, call: CallSite, ctx: Context) -> None:
        """Report a cross-validation splitter that shuffles without a seed."""
        if not call.constructs or call.fact is None or call.fact.seed is None:
            return
        if "splitter" not in ctx.knowledge.tags(call.constructs[0]) or not ctx.draws_unseeded(call):
            return
        if is_only_shown(call, ctx) or is_never_called(call.node, ctx):
            return
        ctx.report(
            call,
            f"`{call.last_name}` makes different folds on every run, because it is given no `{_seed(call)}`",
            help=f"Pass `{_seed(call)}`, so that scores of two runs are measured on the same folds",
            fix=seed_argument_fix(ctx, call),
        )


def _seed(call: CallSite) -> str:
    assert call.fact is not None and call.fact.seed is not None
    return call.fact.seed
