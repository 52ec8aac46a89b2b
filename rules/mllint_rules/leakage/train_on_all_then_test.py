"""The rule ``train-on-all-then-test``."""

import libcst as cst

from mllint import Context, Event, Overlap, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, data_shown
from mllint_rules.leakage._overlap import (
    Sharing,
    beyond,
    blamed,
    confidence,
    contradicted,
    is_held_out,
    sharing,
    split_steps,
    steps,
)


class TrainOnAllThenTest(Rule):
    """A model is trained on rows that contain the rows it is tested on.

    ## What it does
    Follows the rows that a model was last fitted on and those that it is scored on, through statements, notebook cells,
    functions and classes, and finds scores on the held-out part of a split by a model that was fitted on all rows, or
    on training and test part put together. A final refit after the last score, a second estimator and a fit whose
    model is never scored are left alone.

    ## Why is this bad
    The model has seen every row that it is tested on. The score measures how well it remembers, and says nothing about
    rows it has not seen.

    ## Example
    ```python
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge()
    model.fit(X, y)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = Ridge()
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - Yang et al., Data leakage in notebooks: static detection and better processes (2022)
    """

    name = "train-on-all-then-test"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every fit on rows that a later score of the model takes for held-out ones."""
        reported: set[cst.CSTNode] = set()
        for each in sharing(ctx):
            fit, event = each.evaluation.fit, each.evaluation.event
            if fit.node in reported or not trained_on_all(each):
                continue
            reported.add(fit.node)
            ctx.report(
                blamed(fit, event),
                f"`{called(fit, ctx)}` trains on {data_shown(fit, ctx)}, which holds the rows that the model is tested on",
                help="Fit on the training part only, or score on rows that the model has not seen",
                trace=steps(
                    [
                        *split_steps(each.evaluation.held_out),
                        (fit, "The model is trained on all rows here"),
                        (event, "It is scored on some of them here"),
                    ]
                ),
                confidence=confidence((each.evaluation.trained, each.evaluation.held_out)),
            )


def trained_on_all(each: Sharing) -> bool:
    """Tell whether the rows of a score are the held-out side of a split whose two sides the model was trained on."""
    trained, held_out = each.evaluation.trained, each.evaluation.held_out
    if "search" in each.evaluation.fit.tags or contradicted(trained, held_out):
        return False
    if all(
        meeting.overlap is Overlap.CONTAINS and meeting.parting is not None and isinstance(meeting.parting.key, Event)
        for meeting in each.meetings
    ):
        return True
    return each.overlaps <= {Overlap.SAME, Overlap.CONTAINS} and is_held_out(held_out) and beyond(trained, held_out)
