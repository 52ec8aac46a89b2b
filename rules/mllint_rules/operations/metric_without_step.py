"""The rule ``metric-without-step``."""

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call


class MetricWithoutStep(Rule):
    """A metric is logged to MLflow once per epoch, always for the same step.

    ## What it does
    Finds `mlflow.log_metric` and `log_metrics` without `step` in a `for` loop that counts epochs, steps, folds or rounds (`for epoch in range(…)`),
    under a name that does not change from round to round.

    ## Why is this bad
    All values are recorded for step 0, one over the other: the curve is a single point, and whether training converged
    cannot be seen any more.

    ## Example
    ```python
    import mlflow

    for epoch in range(10):
        loss = train_epoch(model)
        mlflow.log_metric("loss", loss)
    ```

    ## Use instead
    ```python
    import mlflow

    for epoch in range(10):
        loss = train_epoch(model)
        mlflow.log_metric("loss", loss, step=epoch)
    ```

    ## Fix safety
    The fix passes the variable of the loop. It is unsafe: new runs look different from those that were recorded before.

    ## References
    - MLflow: `log_metric`, https://mlflow.org/docs/latest/api_reference/python_api/mlflow.html
    """

    name = "metric-without-step"
    category = "operations"
    fixes = (Applicability.UNSAFE,)
    libraries = ("MLflow",)

    @on_call("mlflow.log_metric", "mlflow.log_metrics")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a metric of an epoch that does not say of which."""
        if not call.argument("step").absent:
            return
        loop = _epochs_around(call.node, ctx)
        if loop is None or not isinstance(loop.target, cst.Name):
            return
        counter = loop.target.value
        key = call.argument("key" if call.last_name == "log_metric" else "metrics").value
        if key is None or _may_change(key, ctx) or _starts_run(loop, ctx):
            return
        ctx.report(
            call,
            f"Every `{counter}` writes this metric for the same step, one over the other",
            help=f"Pass `step={counter}`",
            fix=lambda: Fix(
                f"Add `step={counter}`", ctx.fix.add_keyword(call.node, "step", counter), Applicability.UNSAFE
            ),
        )


def _epochs_around(node: cst.CSTNode, ctx: Context) -> cst.For | None:
    """Return the innermost loop that counts epochs or steps, in the same function."""
    for above in ctx.model.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.Lambda)):
            return None
        if isinstance(above, cst.For):
            target = above.target
            named = isinstance(target, cst.Name) and target.value.lower().rstrip("s") in _COUNTERS
            return above if named and _counts(above, ctx) else None
    return None


_COUNTERS = frozenset({"epoch", "ep", "step", "iteration", "it", "round", "episode"})


def _counts(loop: cst.For, ctx: Context) -> bool:
    """Tell whether a loop counts: over ``range(…)``, with or without a progress bar."""
    iterated = loop.iter
    for _ in range(2):
        if not isinstance(iterated, cst.Call):
            return False
        call = ctx.model.call(iterated)
        if call.last_name in ("range", "trange"):
            return True
        if not iterated.args:
            return False
        iterated = iterated.args[0].value
    return False


def _may_change(key: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether the names of metrics may change from round to round: ``f"loss_{epoch}"``, or are not written here."""
    made = ctx.model.assigned_value(key) if isinstance(key, cst.Name) else key
    keys = (
        [each.key for each in made.elements if isinstance(each, cst.DictElement)]
        if isinstance(made, cst.Dict)
        else [made]
    )
    return not keys or any(not isinstance(each, cst.SimpleString) for each in keys)


def _starts_run(loop: cst.For, ctx: Context) -> bool:
    """Tell whether each round is a run of its own."""
    return any(
        isinstance(each, cst.Call) and ctx.model.call(each).last_name in ("start_run", "set_experiment")
        for each in ctx.model.descendants(loop)
    )
