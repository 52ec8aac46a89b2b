"""The rule ``select-model-on-test``."""

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._decisions import Choice, decisions, trace_of
from mllint_rules.leakage._evaluations import place_of


class SelectModelOnTest(Rule):
    """The best of several models is chosen by their scores on the test set.

    ## What it does
    Follows the scores of several models on the same held-out rows to the line that compares them: `max`, `argmax`,
    `sorted`, `sort_values`, `idxmax`, `nlargest` or `if score > best`. Several metrics of one prediction, a score on
    the training part beside one on the test part, a comparison on rows that are not the last ones to be tested on, and
    scores that belong to different folds, data sets, groups or targets are left alone.

    ## Why is this bad
    The best of several scores on the same rows is too good: part of it is luck on these very rows. Once they have
    chosen the model, they cannot tell how good it is on new data.

    ## Example
    ```python
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scores = {}
    models = {"logistic": LogisticRegression(), "forest": RandomForestClassifier(random_state=0)}
    for name, model in models.items():
        model.fit(X_train, y_train)
        scores[name] = model.score(X_test, y_test)
    best = max(scores, key=scores.get)
    ```

    ## Use instead
    ```python
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score, train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scores = {}
    models = {"logistic": LogisticRegression(), "forest": RandomForestClassifier(random_state=0)}
    for name, model in models.items():
        scores[name] = cross_val_score(model, X_train, y_train).mean()
    best = models[max(scores, key=scores.get)].fit(X_train, y_train)
    print(best.score(X_test, y_test))
    ```

    ## References
    - Yang et al., Data leakage in notebooks: static detection and better processes (2022), multi-test leakage
    - scikit-learn: Cross-validation, https://scikit-learn.org/stable/modules/cross_validation.html
    """

    name = "select-model-on-test"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every choice among models by scores on the test rows."""
        for decision in decisions(ctx):
            if decision.choice is Choice.MODELS and decision.decided is not None:
                ctx.report(
                    place_of(decision.decided),
                    "The model is chosen by its score on the test set, which then cannot tell how good it is",
                    help="Compare the models on a validation set or by cross-validation of the training part, "
                    "and score the chosen one on the test set once",
                    trace=trace_of(decision),
                    confidence=decision.confidence,
                )
