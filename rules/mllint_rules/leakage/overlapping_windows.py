"""The rule ``overlapping-windows``."""

from __future__ import annotations

import libcst as cst

from mllint import Confidence, Context, Event, Rule, Severity, Tier, on_unit
from mllint_rules.leakage._evaluations import Evaluation, evaluations, place_of, shown
from mllint_rules.leakage._time import is_random, random_parting


class OverlappingWindows(Rule):
    """Windows that overlap are split at random.

    ## What it does
    Finds sliding windows that are cut out of all rows (`x[i:i + 50]` in a loop, `sliding_window_view`,
    `TimeseriesGenerator`) and then split by chance into training and test windows, or shuffled into folds. Windows cut
    after the split, or split in the order of time, are left alone.

    ## Why is this bad
    Neighbouring windows share most of their rows. With a random split nearly every test window has a neighbour in the
    training part that holds the same values, and the score measures memory.

    ## Example
    ```python
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    signal = np.load("signal.npy")
    windows = np.lib.stride_tricks.sliding_window_view(signal, 50)
    X_train, X_test, y_train, y_test = train_test_split(windows, labels, random_state=0)
    model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead
    ```python
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    signal = np.load("signal.npy")
    cut = int(len(signal) * 0.8)
    train = np.lib.stride_tricks.sliding_window_view(signal[:cut], 50)
    test = np.lib.stride_tricks.sliding_window_view(signal[cut:], 50)
    model = RandomForestClassifier(random_state=0).fit(train, labels[: len(train)])
    print(model.score(test, labels[-len(test) :]))
    ```

    ## References
    - Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (2023), L3.2
    """

    name = "overlapping-windows"
    category = "leakage"
    tier = Tier.AUDIT
    severity = Severity.WARNING

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every cutting of windows out of rows that are parted by chance afterwards."""
        reported: set[cst.CSTNode] = set()
        for evaluation in evaluations(ctx):
            parting = _parting(evaluation, ctx)
            if parting is None:
                continue
            for event in sorted(evaluation.trained.reached_by, key=lambda each: each.number):
                if event.kind != "window" or event.node in reported or parting in _keys(event):
                    continue
                if event.rows.is_each or not event.certain:
                    continue  # a window within one row: a part of a word, or of a sequence
                reported.add(event.node)
                split = parting if isinstance(parting, Event) else evaluation.fit
                ctx.report(
                    place_of(event),
                    f"{shown(event.node, ctx, 'This window')} overlaps with its neighbours, and the windows are"
                    " split at random: training and test windows share rows",
                    help="Split the rows in the order of time first, then cut windows out of each part",
                    trace=[
                        (place_of(event), "Windows are cut out of all rows here"),
                        (place_of(split), "They are split at random here"),
                        (place_of(evaluation.event), "The model is evaluated here"),
                    ],
                    confidence=None if evaluation.fit.certain else Confidence.MEDIUM,
                )


def _parting(evaluation: Evaluation, ctx: Context) -> object:
    """Return what parts the windows by chance."""
    if evaluation.on_folds:
        return evaluation.event if is_random(evaluation.event, ctx) else None
    parting = random_parting(evaluation, ctx)
    return parting.key if parting is not None else None


def _keys(event: Event) -> set[object]:
    return {step.key for rows in event.rows.rows for step in rows.path}
