"""The rule ``overlapping-slices``."""

import libcst as cst

from mllint import CallSite, Context, Overlap, Part, Rule, Selection, Severity, on_call, on_unit, part_named
from mllint_rules.leakage._evaluations import evaluations, place_of, shown
from mllint_rules.leakage._overlap import Sharing, confidence, contradicted, sharing


class OverlappingSlices(Rule):
    """Rows are divided by hand so that some are both trained on and tested on.

    ## What it does
    Compares the slices, samples and random masks by which rows are divided, where a model is trained on one piece and
    scored on the other: bounds that overlap (`X[:800]` and `X[600:]`), a test set cut out of the training set, two
    samples or masks drawn independently of one another. Bounds may be numbers or expressions; expressions that differ are
    left alone unless they surely overlap. It also finds `random.shuffle` on a two-dimensional NumPy array, which swaps
    views of rows and so copies some rows over others.

    ## Why is this bad
    The rows on both sides are no test: the model has seen them with their answers, and the score is too good.

    ## Example
    ```python
    model.fit(X[:800], y[:800])
    print(model.score(X[600:], y[600:]))
    ```

    ## Use instead
    ```python
    model.fit(X[:800], y[:800])
    print(model.score(X[800:], y[800:]))
    ```

    For a random division use `train_test_split`, or `test = frame.drop(train.index)` after `train = frame.sample(frac=0.8)`.

    ## References
    - Yang et al., Data leakage in notebooks: static detection and better processes (2022)
    """

    name = "overlapping-slices"
    category = "leakage"
    severity = Severity.ERROR

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report every score on rows that a selection by hand has taken from the training rows."""
        reported: set[cst.CSTNode] = set()
        for each in sharing(ctx):
            found = self._selection(each, ctx)
            if found is None or found.made is None or found.made in reported:
                continue
            evaluation = each.evaluation
            reported.add(found.made)
            other = next((s.made for m in each.meetings for s in m.selections if s is not None and s != found), None)
            trace: list[tuple[cst.CSTNode | CallSite, str]] = [(found.made, "Some of the rows are taken here")]
            if other is not None:
                trace.append((other, "The other rows are taken here"))
            trace.append((place_of(evaluation.fit), "The model is trained here"))
            trace.append((place_of(evaluation.event), "It is scored here"))
            ctx.report(
                found.made,
                f"{shown(found.made, ctx, 'This selection')} and the rows that the model is trained on overlap",
                help="Divide the rows once, and test on those that are left over",
                trace=trace,
                confidence=confidence((evaluation.trained, evaluation.held_out)),
            )

    @staticmethod
    def _selection(each: Sharing, ctx: Context) -> Selection | None:
        """Return the selection that takes rows which the model was trained on, if all of them are taken by hand."""
        if contradicted(each.evaluation.trained, each.evaluation.held_out) or _is_called_train(each, ctx):
            return None
        fit = each.evaluation.fit
        if fit.loops and "forecaster" in fit.tags:
            return None  # walking forward: each step is predicted before the model gets it
        others = (other for other in evaluations(ctx) if other.fit is each.evaluation.fit)
        if any(other.trained.compare(other.held_out) is Overlap.NONE for other in others):
            return None  # a score on training rows, some of which were left out to save time, beside that on the test
        found: Selection | None = None
        for meeting in each.meetings:
            taken = [selection for selection in meeting.selections if selection is not None]
            if meeting.overlap is Overlap.SAME or not all(by_hand(selection) for selection in taken):
                return None
            found = found or (taken[-1] if taken else None)
        return found

    @on_call("random.shuffle")
    def check_shuffle(self, call: CallSite, ctx: Context) -> None:
        """Report ``random.shuffle`` on what surely is a two-dimensional array."""
        array = call.positional[0].value if call.positional else None
        if array is not None and _is_matrix(array, ctx):
            ctx.report(
                call,
                f"`random.shuffle` swaps views of the rows of {shown(array, ctx, 'the array')}, which copies rows over others",
                help="Shuffle with `numpy.random.default_rng().shuffle` or index with a permutation",
            )


def _is_called_train(each: Sharing, ctx: Context) -> bool:
    """Tell whether the rows that are scored are openly called training rows where the score is written."""
    call = each.evaluation.event.call
    names = [node for arg in call.node.args for node in ctx.model.descendants(arg.value)] if call is not None else []
    return any(isinstance(node, cst.Name) and part_named(node.value) is Part.TRAIN for node in names)


def by_hand(selection: Selection) -> bool:
    """Tell whether a selection is a slice, or a random one outside a split."""
    return selection.key == "slices" or selection.random


def _is_matrix(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether an expression is a NumPy array of two dimensions."""
    if isinstance(node, cst.Name) and _is_indexed_twice(node, ctx):
        return True
    made = ctx.model.assigned_value(node) if isinstance(node, cst.Name) else node
    if isinstance(made, cst.Attribute) and made.attr.value == "values":
        return ctx.model.is_kind(made.value, "pandas.DataFrame")
    if not isinstance(made, cst.Call):
        return False
    call = ctx.model.call(made)
    if call.last_name in ("to_numpy", "as_matrix") and call.receiver is not None:
        return ctx.model.is_kind(call.receiver, "pandas.DataFrame")
    return call.name in _MAKES_MATRIX


def _is_indexed_twice(node: cst.Name, ctx: Context) -> bool:
    """Tell whether the function takes rows and columns at once from a name, or from a slice of it, as lists cannot."""
    function = ctx.model.function(node)
    names = {node.value}
    for assign in ctx.model.nodes(cst.Assign):
        if ctx.model.function(assign) is not function:
            continue
        if ctx.model.order(assign) > ctx.model.order(node) and _binds(assign, node.value):
            return False  # it may only then become an array
        for target in assign.targets:
            pairs = (
                zip(target.target.elements, assign.value.elements, strict=False)
                if isinstance(target.target, cst.Tuple) and isinstance(assign.value, cst.Tuple)
                else ()
            )
            for name, value in [(e.value, v.value) for e, v in pairs] or [(target.target, assign.value)]:
                if (
                    isinstance(name, cst.Name)
                    and isinstance(value, cst.Subscript)
                    and isinstance(value.slice[0].slice, cst.Slice)
                    and isinstance(value.value, cst.Name)
                    and value.value.value == node.value
                ):
                    names.add(name.value)
    return any(
        len(each.slice) > 1
        and isinstance(each.slice[0].slice, cst.Slice)
        and isinstance(each.value, cst.Name)
        and each.value.value in names
        and ctx.model.function(each) is function
        for each in ctx.model.nodes(cst.Subscript)
    )


_MAKES_MATRIX = frozenset({"numpy.column_stack", "numpy.vstack", "numpy.c_", "numpy.loadtxt", "numpy.genfromtxt"})


def _binds(assign: cst.Assign, name: str) -> bool:
    return any(isinstance(target.target, cst.Name) and target.target.value == name for target in assign.targets)
