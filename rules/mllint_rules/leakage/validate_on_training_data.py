"""The rule ``validate-on-training-data``."""

import libcst as cst

from mllint import Context, Event, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._overlap import confidence, contradicted, follows, meetings, split_steps, steps
from mllint_rules.leakage._target import features_argument
from mllint_rules.leakage._test_fits import place_of_validation


class ValidateOnTrainingData(Rule):
    """The rows that training is validated on are training rows.

    ## What it does
    Finds fits whose validation rows (`validation_data=`, `eval_set=`, `val_dataloaders=`, `eval_dataset=` …) all are, or
    contain, rows that the model is trained on at the same time: the same arrays again, a loader over the training set, two
    subsets with the same indices, a piece of a data set that is trained on as a whole. Sets that a boosting library only
    prints the loss of, without early stopping, are left alone: the training set among them is no mistake.

    ## Why is this bad
    The curve on the validation rows follows the training curve: over-fitting cannot be seen, early stopping never
    stops, and the best epoch is the last one.

    ## Example
    ```python
    from tensorflow import keras

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(X_train, y_train, epochs=20, validation_data=(X_train, y_train))
    ```

    ## Use instead
    ```python
    from tensorflow import keras

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(X_train, y_train, epochs=20, validation_data=(X_val, y_val))
    ```

    ## References
    - Keras: training and evaluation with the built-in methods,
      https://keras.io/guides/training_with_built_in_methods/
    """

    name = "validate-on-training-data"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit all of whose validation rows it is trained on."""
        reported: set[cst.CSTNode] = set()
        for fit in ctx.model.events:
            if fit.kind != "fit" or not fit.validation or fit.node in reported:
                continue
            if not fit.selects and (_only_watches(fit) or (not fit.rows.splits and _is_final(fit, ctx))):
                continue
            watched = [value for value in fit.validation if value.rows]
            if not watched or not all(meetings(fit.rows, value) for value in watched):
                continue
            if any(contradicted(fit.rows, value) for value in watched) or not follows(fit, ctx, *watched):
                continue
            if not all(value.splits for value in watched) and not _is_named_again(fit, ctx):
                continue  # one helper may have made different rows of the same data
            reported.add(fit.node)
            ctx.report(
                place_of(fit),
                f"`{called(fit, ctx)}` is validated on rows that it trains on",
                help="Validate on rows that are held out of the training",
                trace=steps([*split_steps(watched[0]), (fit, "Trained and validated on the same rows here")]),
                confidence=confidence((fit.rows, *watched)),
            )


def _only_watches(fit: Event) -> bool:
    """Tell whether a call knows early stopping and was not told to use it, so that what it is given is only shown."""
    call = fit.call
    return call is not None and call.fact is not None and bool(call.fact.selects_when)


def _is_named_again(fit: Event, ctx: Context) -> bool:
    """Tell whether what a fit is validated on is, in every part, written with the words for what it is trained on."""
    trained, validated = features_argument(fit), place_of_validation(fit)
    if trained is None or not isinstance(validated, cst.BaseExpression):
        return False
    words = _words(trained, ctx)
    return all(not words.isdisjoint(_words(each, ctx)) for each in _entries(validated, ctx))


def _entries(node: cst.BaseExpression, ctx: Context) -> list[cst.BaseExpression]:
    """Return the sets in an argument that may list several of them: the pairs of an ``eval_set``."""
    made = ctx.model.assigned_value(node) if isinstance(node, cst.Name) else node
    if isinstance(made, (cst.List, cst.Tuple)):
        several = [each.value for each in made.elements]
        if isinstance(made, cst.List) or any(isinstance(each, (cst.Tuple, cst.List)) for each in several):
            return several
    return [node]


def _words(node: cst.BaseExpression, ctx: Context, depth: int = 3) -> set[str]:
    """Return the texts that stand for rows in an expression: its own, and those of what it was made of."""
    words = {ctx.model.text(node)}
    made = ctx.model.assigned_value(node) if isinstance(node, cst.Name) else node
    inner: cst.BaseExpression | None = None
    if isinstance(made, (cst.List, cst.Tuple)) and made.elements:
        inner = made.elements[0].value
    elif isinstance(made, cst.Call) and made.args:
        inner = made.args[0].value
    return words | _words(inner, ctx, depth - 1) if inner is not None and depth else words


def _is_final(fit: Event, ctx: Context) -> bool:
    """Tell whether the model only predicts other rows afterwards: a last fit on everything, watched to see it go on."""
    after = [event for event in ctx.model.events if event.kind in ("predict", "score") and fit in event.fits]
    elsewhere = [event for event in after if event.rows.rows and not event.rows.compare(fit.rows).shares]
    return bool(elsewhere) and all(event.kind == "predict" for event in elsewhere)
