"""The rule ``augment-before-split``."""

import libcst as cst

from mllint import Context, Event, Part, Rule, Severity, on_unit
from mllint_rules.leakage._evaluations import called, place_of
from mllint_rules.leakage._overlap import confidence


class AugmentBeforeSplit(Rule):
    """Augmented copies are made before the rows are split, so copies of one row can land on both sides.

    ## What it does
    Follows augmented rows (`ImageDataGenerator.flow` and other functions that make several versions of each row) to a
    later split of them. Transforms that are applied lazily, each time a row is read, make no copies and are left alone.

    ## Why is this bad
    A turned or mirrored copy of a training image in the test part is nearly the training image. The model recognises
    it, and the score does not say how it does on new images.

    ## Example
    ```python
    import numpy as np
    from keras.preprocessing.image import ImageDataGenerator
    from sklearn.model_selection import train_test_split

    flow = ImageDataGenerator(rotation_range=20).flow(images, labels, batch_size=32)
    more = np.concatenate([next(flow)[0] for _ in range(100)])
    train, test = train_test_split(more, random_state=0)
    ```

    ## Use instead
    ```python
    from keras.preprocessing.image import ImageDataGenerator
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(images, random_state=0)
    flow = ImageDataGenerator(rotation_range=20).flow(train, batch_size=32)
    ```

    ## References
    - Yang et al., Data leakage in notebooks: static detection and better processes (2022)
    """

    name = "augment-before-split"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every augmentation of rows that are split afterwards."""
        reported: set[cst.CSTNode] = set()
        for split in ctx.model.events:
            if split.kind not in ("split", "cross-validate"):
                continue
            found = {event for value in split.data for event, _ in value.influences() if is_augmentation(event)}
            for event in sorted(found, key=lambda each: each.number):
                if event.node in reported or event.rows.part is Part.TEST:
                    continue
                reported.add(event.node)
                ctx.report(
                    place_of(event),
                    f"`{called(event, ctx)}` makes copies of rows before they are split into train and test",
                    help="Split first and augment the training part only",
                    trace=[
                        (place_of(event), "Copies are made here"),
                        (place_of(split), "They are split here"),
                    ],
                    confidence=confidence(split.data),
                )


def is_augmentation(event: Event) -> bool:
    """Tell whether an event makes changed copies of rows."""
    return event.kind == "resample" and "augments" in event.tags
