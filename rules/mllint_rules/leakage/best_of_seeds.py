"""The rule ``best-of-seeds``."""

from mllint import Context, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._decisions import Choice, decisions, trace_of
from mllint_rules.leakage._evaluations import place_of


class BestOfSeeds(Rule):
    """The best test score of several random seeds is taken.

    ## What it does
    Finds loops over seeds that fit a model for each, score it on held-out rows and take the best. Means and deviations
    over the seeds are what such a loop is for and left alone.

    ## Why is this bad
    Seeds differ by luck alone. The best of many is the luckiest one, and its score is not what the model reaches on
    new data; two methods compared by their best seeds differ by how many were tried.

    ## Example
    ```python
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    best = 0
    for seed in range(100):
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
        model = RandomForestClassifier(random_state=seed).fit(X_train, y_train)
        score = model.score(X_test, y_test)
        if score > best:
            best = score
    ```

    ## Use instead
    ```python
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    scores = []
    for seed in range(100):
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
        model = RandomForestClassifier(random_state=seed).fit(X_train, y_train)
        scores.append(model.score(X_test, y_test))
    print(np.mean(scores), np.std(scores))
    ```

    ## References
    - Bouthillier et al., Accounting for variance in machine learning benchmarks (2021)
    """

    name = "best-of-seeds"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every choice of the best score among seeds."""
        for decision in decisions(ctx):
            if decision.choice is Choice.SEEDS and decision.decided is not None:
                ctx.report(
                    place_of(decision.decided),
                    "The best of several seeds is taken, which is luck on the rows it is scored on",
                    help="Report the mean and the spread over the seeds, or fix one seed beforehand",
                    trace=trace_of(decision),
                    confidence=decision.confidence,
                )
