"""The rule ``different-splits``."""

import libcst as cst

from mllint import UNKNOWN, Context, Event, Rule, Tier, on_unit
from mllint_rules.leakage._evaluations import Evaluation, place_of
from mllint_rules.leakage._overlap import confidence, scores


class DifferentSplits(Rule):
    """A model is trained on one random split of the rows and tested on another.

    ## What it does
    Finds scores of models whose training rows came out of one random split and whose test rows came out of another
    split of the same rows, with another seed or none. The same split repeated with the same seed and size is left alone.

    ## Why is this bad
    The two splits know nothing of one another: most rows of the second test part were in the first training part.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X_train, _, y_train, _ = train_test_split(X, y, random_state=1)
    _, X_test, _, y_test = train_test_split(X, y, random_state=2)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## References
    - scikit-learn: controlling randomness, https://scikit-learn.org/stable/common_pitfalls.html#controlling-randomness
    """

    name = "different-splits"
    category = "leakage"
    tier = Tier.AUDIT

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every split that holds rows out from a model that was trained on another split of them."""
        reported: set[cst.CSTNode] = set()
        for event, several in scores(ctx).items():
            if not all(self._splits(evaluation) for evaluation in several):
                continue
            for evaluation in several:
                found = self._splits(evaluation)
                if found is None or found[1].node in reported:
                    continue
                first, second = found
                if _same_way(first, second, ctx):
                    continue
                reported.add(second.node)
                ctx.report(
                    place_of(second),
                    "The rows of this test part were split anew: the model was trained on another split of the same rows",
                    help="Split once and keep both parts",
                    trace=[
                        (place_of(first), "The training part is split off here"),
                        (place_of(second), "The test part is split off here, by another split"),
                        (place_of(evaluation.fit), "The model is trained here"),
                        (place_of(event), "It is scored here"),
                    ],
                    confidence=confidence((evaluation.trained, evaluation.held_out)),
                )

    @staticmethod
    def _splits(evaluation: Evaluation) -> tuple[Event, Event] | None:
        """Return the two splits of the same rows that the training and the test rows came out of."""
        for mine in evaluation.trained.ordered_rows:
            for theirs in evaluation.held_out.ordered_rows:
                if mine.source != theirs.source:
                    continue
                for step, other in zip(mine.path, theirs.path, strict=False):
                    if step == other:
                        continue
                    if isinstance(step.key, Event) and isinstance(other.key, Event) and step.key is not other.key:
                        return step.key, other.key
                    break
        return None


def _same_way(first: Event, second: Event, ctx: Context) -> bool:
    """Tell whether two splits divide rows in the same way, or cannot be told not to."""
    one, two = first.call, second.call
    if one is None or two is None:
        return True
    if one.literal("shuffle", default=True) is False and two.literal("shuffle", default=True) is False:
        return True
    seeds = [call.first("random_state", "seed", "generator") for call in (one, two)]
    if any(seed.unknown for seed in seeds):
        return True
    if any(seed.absent for seed in seeds):
        return False
    values = [_literal(seed.value, event, ctx) for seed, event in zip(seeds, (first, second), strict=True)]
    return values[0] == values[1] or UNKNOWN in values


def _literal(node: cst.BaseExpression | None, event: Event, ctx: Context) -> object:
    """Return the literal value of an argument in the call of its function in which an event happens."""
    literal = ctx.model.literal(node) if node is not None else UNKNOWN
    if literal is not UNKNOWN or not isinstance(node, cst.Name) or not event.calls:
        return literal
    given = ctx.model.call(event.calls[-1]).argument(node.value)
    if given.present and given.value is not None:
        return ctx.model.literal(given.value)
    function = ctx.model.function(event.node)
    if given.absent and isinstance(function, cst.FunctionDef):
        for param in (*function.params.params, *function.params.kwonly_params):
            if param.name.value == node.value and param.default is not None:
                return ctx.model.literal(param.default)
    return UNKNOWN
