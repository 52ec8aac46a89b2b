"""The rule ``validate-on-training-data``."""

import libcst as cst

from mllint import Context, Event, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._overlap import confidence, contradicted, follows, meetings, split_steps, steps


class ValidateOnTrainingData(Rule):
    """The rows that training is validated on are training rows.

    ## What it does
    Finds fits whose validation rows (`validation_data=`, `eval_set=`, `val_dataloaders=`, `eval_dataset=` …) all are, or
    contain, rows that the model is trained on at the same time: the same arrays again, a loader over the training set, two
    subsets with the same indices, a piece of a data set that is trained on as a whole.

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
            if not (fit.selects or fit.rows.splits) and _is_final(fit, ctx):
                continue
            watched = [value for value in fit.validation if value.rows]
            if not watched or not all(meetings(fit.rows, value) for value in watched):
                continue
            if any(contradicted(fit.rows, value) for value in watched) or not follows(fit, ctx, *watched):
                continue
            reported.add(fit.node)
            ctx.report(
                place_of(fit),
                f"`{called(fit, ctx)}` is validated on rows that it trains on",
                help="Validate on rows that are held out of the training",
                trace=steps([*split_steps(watched[0]), (fit, "Trained and validated on the same rows here")]),
                confidence=confidence((fit.rows, *watched)),
            )


def _is_final(fit: Event, ctx: Context) -> bool:
    """Tell whether the model only predicts other rows afterwards: a last fit on everything, watched to see it go on."""
    after = [event for event in ctx.model.events if event.kind in ("predict", "score") and fit in event.fits]
    elsewhere = [event for event in after if event.rows.rows and not event.rows.compare(fit.rows).shares]
    return bool(elsewhere) and all(event.kind == "predict" for event in elsewhere)
