"""The rule ``evaluate-on-training-data``."""

from mllint import Context, Event, Instance, Overlap, Part, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._overlap import blamed, confidence, contradicted, follows, scores, sharing, steps
from mllint_rules.leakage.overlapping_slices import by_hand
from mllint_rules.leakage.train_on_all_then_test import trained_on_all


class EvaluateOnTrainingData(Rule):
    """The only score of a model is on the rows it was trained on.

    ## What it does
    Finds models that are scored on their training rows and nowhere else: no score on other rows, no prediction of
    held-out rows, no cross-validation of such a model, no validation rows in its training. A training score next to a
    test score is left alone.

    ## Why is this bad
    A model can remember its training rows; the score on them is no estimate of how it does on new ones. A tree that is
    grown to the end has a perfect training score on pure noise.

    ## Example
    ```python
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(random_state=0)
    model.fit(X, y)
    print(model.score(X, y))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = DecisionTreeClassifier(random_state=0)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L1.1
    """

    name = "evaluate-on-training-data"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the first score of every model that has no other."""
        shared = [each for each in sharing(ctx) if not trained_on_all(each)]
        events = {each.evaluation.event for each in shared}
        others = self._evaluated_elsewhere(ctx, events)
        reported: set[Event] = set()
        for each in shared:
            evaluation = each.evaluation
            fit = evaluation.fit
            if fit in reported or _is_validated(fit) or "search" in fit.tags or _is_progress(fit, evaluation.event):
                continue
            if contradicted(evaluation.trained, evaluation.held_out) or _is_another(fit.models, others):
                continue
            if not follows(fit, ctx, evaluation.held_out):
                continue
            if evaluation.trained.part is Part.TEST:
                continue  # trained on the test part: another mistake
            if any(
                each.overlap is not Overlap.SAME and any(s is not None and by_hand(s) for s in each.selections)
                for each in each.meetings
            ):
                continue
            reported.add(fit)
            ctx.report(
                blamed(evaluation.event, fit),
                "The model is scored on the rows it was trained on, and on no others",
                help="Hold out rows for testing, or cross-validate",
                trace=steps(
                    [(fit, "The model is trained here"), (evaluation.event, "It is scored on the same rows here")]
                ),
                confidence=confidence((evaluation.trained, evaluation.held_out)),
            )

    @staticmethod
    def _evaluated_elsewhere(ctx: Context, on_training: set[Event]) -> frozenset[Instance]:
        """Return the estimators that are scored on rows they were not trained on, or predict held-out ones."""
        found: set[Instance] = set()
        known = scores(ctx)
        for event in ctx.model.events:
            if event.kind == "cross-validate":
                found |= event.models
            elif event.kind == "score" and event not in on_training:
                if event in known or not (event.fits or "loss" in event.tags):
                    found |= event.models
            elif event.kind == "predict" and event.rows.splits:
                fits = [fit for fit in event.fits if fit.kind == "fit"]
                if fits and not any(fit.rows.compare(event.rows).shares for fit in fits):
                    found |= event.models
            elif event.kind == "fit" and "search" in event.tags:
                found |= event.models
                for model in event.models:
                    found |= model.parts
        return frozenset(found)


def _is_another(models: frozenset[Instance], others: frozenset[Instance]) -> bool:
    """Tell whether one of the models, or one of its kind, is evaluated elsewhere."""
    kinds = {model.kind for model in others if model.kind is not None}
    return any(model in others or model.kind in kinds for model in models)


def _is_validated(fit: Event) -> bool:
    """Tell whether a fit holds rows out by itself, or is given some to validate on."""
    return bool(fit.validation) or (fit.call is not None and not fit.call.argument("validation_split").absent)


def _is_progress(fit: Event, score: Event) -> bool:
    """Tell whether a score follows the training along, within the loop that trains."""
    return bool(fit.loops) and fit.loops == score.loops[: len(fit.loops)]
