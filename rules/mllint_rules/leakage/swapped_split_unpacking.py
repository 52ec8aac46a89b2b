"""The rule ``swapped-split-unpacking``."""

from collections.abc import Iterable

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Part, Rule, Severity, on_call, part_named


class SwappedSplitUnpacking(Rule):
    """The results of a split are unpacked in the wrong order.

    ## What it does
    Finds `train_test_split(X, y)` whose results are unpacked into names that say otherwise: the function returns the
    training and the test part of each argument in turn (`X_train, X_test, y_train, y_test`).

    ## Why is this bad
    The names lie from then on: what is called `y_train` holds rows of `X`, or what is called `X_train` is the test
    part. At best a later line fails; at worst the model is trained on the small part and tested on the large one.

    ## Example
    ```python
    from sklearn.model_selection import train_test_split

    X_train, y_train, X_test, y_test = train_test_split(X, y, random_state=0)
    ```

    ## Use instead
    ```python
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    ```

    ## Fix safety
    The fix puts the names into the order of the results. It is unsafe because it is meant to change what they hold.

    ## References
    - scikit-learn: train_test_split,
      https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.train_test_split.html
    """

    name = "swapped-split-unpacking"
    category = "leakage"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("scikit-learn",)

    @on_call("sklearn.model_selection.train_test_split")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Compare the parts and stems that the targets' names claim with those that the call returns."""
        assign = ctx.model.parent(call.node)
        if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
            return
        target = assign.targets[0].target
        if not isinstance(target, (cst.Tuple, cst.List)) or any(arg.star for arg in call.node.args):
            return
        names = [element.value for element in target.elements if isinstance(element.value, cst.Name)]
        arrays = len(call.positional)
        if len(names) != len(target.elements) or len(names) != 2 * arrays:
            return
        order = _right_order([name.value for name in names])
        if order is None or order == list(range(len(names))):
            return
        wanted = [names[index].value for index in order]
        ctx.report(
            target,
            f"`train_test_split` returns train and test of each array in turn, not {_shown(n.value for n in names)}",
            help=f"Unpack into {_shown(wanted)}",
            fix=Fix(
                "Put the names into the order of the results",
                [ctx.fix.replace(name, text) for name, text in zip(names, wanted, strict=True) if name.value != text],
                Applicability.UNSAFE,
            ),
        )


def _right_order(names: list[str]) -> list[int] | None:
    """Return the indices of the names in the order of the results, or None where the names do not say enough.

    Every name must claim a part, and the names must pair up: one for training and one for testing of each stem.
    """
    stems: dict[str, dict[Part, int]] = {}
    for index, name in enumerate(names):
        part = part_named(name)
        if part is Part.VALIDATION:
            part = Part.TEST
        if part not in (Part.TRAIN, Part.TEST):
            return None
        pair = stems.setdefault(_stem(name), {})
        if part in pair:
            return None
        pair[part] = index
    if any(len(pair) != 2 for pair in stems.values()):
        return None
    return [pair[part] for pair in stems.values() for part in (Part.TRAIN, Part.TEST)]


def _stem(name: str) -> str:
    """Return a name without the word that says which part it holds."""
    lowered = name.lower()
    for word in ("training", "train", "testing", "test", "validation", "valid", "val", "holdout", "trn", "tst", "dev"):
        if word in lowered:
            return lowered.replace(word, "", 1).strip("_")
    return lowered.removesuffix("_tr").removesuffix("_te").strip("_")


def _shown(names: Iterable[str]) -> str:
    return f"`{', '.join(names)}`"
