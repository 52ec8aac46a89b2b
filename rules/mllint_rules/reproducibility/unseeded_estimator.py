"""The rule ``unseeded-estimator``."""

from __future__ import annotations

import libcst as cst

from mllint import Applicability, CallSite, Context, Rule, on_call
from mllint_rules.reproducibility._draws import is_benchmark, is_never_called, seed_argument_fix, takes_generator
from mllint_rules.reproducibility._reach import reach

_OTHER_RULES = {"splits", "shuffles", "samples", "seeds", "makes-generator"}


class UnseededEstimator(Rule):
    """An estimator that draws random numbers is given no seed.

    ## What it does
    Finds estimators, transformers, searches and generators of synthetic data, such as `RandomForestClassifier()`,
    `KMeans(3)`, `SMOTE()` or `make_moons()`, that are given no `random_state` and whose result depends on it.

    Which ones do was measured, not read off signatures: `LogisticRegression` draws only with the solvers `sag`
    and `saga`, `SVC` only with `probability=True`, `PCA` only with a randomised solver; XGBoost, LightGBM
    and CatBoost have a fixed default seed; gradient boosting on all rows and columns, and trees of limited depth, only
    break ties by chance. Silent too are programs that seed NumPy's global generator, from which
    scikit-learn draws where it is given no seed, estimators that get `random_state` later by `set_params` or from a
    search, members of an ensemble that seeds them and what they hold, and estimators and data that nothing depends on:
    those that are never used, only shown, or only timed.

    ## Why is this bad
    Two runs of the same code on the same data give different models and different scores. Whether a change was an
    improvement cannot be told from whether it was lucky.

    ## Example
    ```python
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=200).fit(X_train, y_train)
    ```

    ## Use instead
    ```python
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=200, random_state=42).fit(X_train, y_train)
    ```

    ## Fix safety
    Adding a seed picks one of the possible draws, so the fix is safe where the call runs once per process. In loops,
    comprehensions and functions that may be called several times it is unsafe: models that were drawn independently,
    for example to see how much scores vary, would all become the same. For the same reason only the first of several
    samplers or generators of data of one library gets a safe seed, and only the first of equal estimators.

    ## Notebook behaviour
    A notebook is a program of its own: only what it does itself and what it imports can seed, while a module may also
    be seeded by the programs that import it.

    ## References
    - scikit-learn: Controlling randomness, https://scikit-learn.org/stable/common_pitfalls.html#controlling-randomness
    """

    name = "unseeded-estimator"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    @on_call()
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report the call if its seed is surely absent and matters."""
        fact = call.fact
        if fact is None or fact.seed is None or takes_generator(call) or call.name is None:
            return
        if _OTHER_RULES.intersection(fact.roles) or "generator" in fact.tags:
            return
        if not call.constructs and not set(fact.roles) - {"draws-random"}:
            return  # a bare draw is for the rules about global generators
        if call.constructs and not {"splitter", "module"}.isdisjoint(ctx.knowledge.tags(call.constructs[0])):
            return  # splits have a rule of their own, and the seed of one layer makes no two runs equal
        if not ctx.draws_unseeded(call) or _is_seeded_elsewhere(call, fact.seed, ctx):
            return
        ends = reach(call, ctx)
        made_up = "loads-data" in fact.roles  # which people make to look at it as often as to learn from it
        if (
            not (ends.work or ends.kept or (ends.unknown and not made_up))
            or is_benchmark(ctx)
            or is_never_called(call.node, ctx)
        ):
            return
        what = "draws different data" if made_up else "can give a different result"
        ctx.report(
            call,
            f"`{call.last_name}` {what} on every run, because it is given no `{fact.seed}`",
            help=f"Pass `{fact.seed}`, so that two runs can be compared",
            fix=seed_argument_fix(ctx, call),
        )


def _is_seeded_elsewhere(call: CallSite, seed: str, ctx: Context) -> bool:
    """Tell whether the seed is set after construction, or by the ensemble that the estimator goes into."""
    for other in ctx.model.calls:
        if other.last_name in ("set_params", "setattr") and other is not call:
            if any(arg.keyword is not None and arg.keyword.value.endswith(seed) for arg in other.node.args):
                return True
            if any(arg.star or isinstance(arg.value, cst.SimpleString) for arg in other.node.args):
                return True
    for text in ctx.model.nodes(cst.SimpleString):
        if text.value.strip("'\"").endswith(seed):
            return True
    for attribute in ctx.model.mentions(seed):
        if isinstance(attribute, cst.Attribute) and isinstance(ctx.model.parent(attribute), cst.AssignTarget):
            return True
    return _is_member(call.node, ctx)


def _is_member(node: cst.CSTNode, ctx: Context, depth: int = 5) -> bool:
    """Tell whether an estimator goes into an ensemble that seeds its members, and nowhere else.

    The ensemble also seeds what its members hold, in pipelines and other estimators.
    """
    above = ctx.model.parent(node)
    while isinstance(above, (cst.Element, cst.List, cst.Tuple)):
        above = ctx.model.parent(above)
    if depth == 0:
        return False
    if isinstance(above, cst.Arg):
        outer = ctx.model.parent(above)
        if not isinstance(outer, cst.Call):
            return False
        call = ctx.model.call(outer)
        return _seeds_members(call) or (_holds_estimators(call) and _is_member(outer, ctx, depth - 1))
    if isinstance(above, cst.Assign) and isinstance(above.targets[0].target, cst.Name):
        binding = ctx.model.walk.bindings.get(above.targets[0].target)
        uses = ctx.model.uses(binding) if binding is not None else []
        return bool(uses) and all(_is_member(use, ctx, depth - 1) for use in uses)
    return False


def _seeds_members(call: CallSite) -> bool:
    """Tell whether a call makes an ensemble that seeds its members, or perhaps does: an unknown one with a seed."""
    return "seeds-members" in call.tags or (call.fact is None and call.argument("random_state").present)


def _holds_estimators(call: CallSite) -> bool:
    """Tell whether a call makes an estimator, whose arguments are members of what it is a member of."""
    if call.last_name in ("make_pipeline", "make_union", "make_column_transformer"):
        return True
    return any(base in ("sklearn.base.BaseEstimator", "imblearn.base.SamplerMixin") for base in call.constructs)
