"""The rule ``seed-in-loop``."""

import libcst as cst

from mllint import CallSite, Context, Rule, on_call

_GLOBAL = ("random.seed", "numpy.random.seed", "torch.manual_seed", "tensorflow.random.set_seed")


class SeedInLoop(Rule):
    """A generator is set back to the same seed in every round of a training loop.

    ## What it does
    Finds calls that seed the generators of Python, NumPy, PyTorch or TensorFlow with the same number in every round of a loop in
    which a model is trained step by step (`backward`, `partial_fit`, `train_on_batch`).

    ## Why is this bad
    Every epoch then shuffles the rows, drops neurons and augments pictures in the same way: what is random in each epoch on purpose is the
    same every time, and the model learns that order.

    ## Example
    ```python
    import torch

    for epoch in range(10):
        torch.manual_seed(0)
        for x, y in loader:
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    ```

    ## Use instead
    ```python
    import torch

    torch.manual_seed(0)
    for epoch in range(10):
        for x, y in loader:
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    ```

    ## References
    - PyTorch: reproducibility, https://docs.pytorch.org/docs/stable/notes/randomness.html
    """

    name = "seed-in-loop"
    category = "reproducibility"
    libraries = ("NumPy", "PyTorch", "Python standard library", "TensorFlow")

    @on_call(*_GLOBAL)
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a seed that does not change in a loop that goes on training one model."""
        loop = next((each for each in ctx.model.ancestors(call.node) if isinstance(each, _STOPS)), None)
        if not isinstance(loop, (cst.For, cst.While)) or not call.positional:
            return
        if not _is_fixed(call.positional[0].value, loop, ctx) or not _trains(loop, ctx) or _makes_model(loop, ctx):
            return
        ctx.report(
            call,
            "Every round of this loop draws the same numbers again: shuffling, dropout and augmentation never change",
            help="Seed once, before the loop",
        )


_STOPS = (cst.For, cst.While, cst.FunctionDef, cst.Lambda)
_STEPS = frozenset({"backward", "partial_fit", "train_on_batch", "training_step"})


def _is_fixed(seed: cst.BaseExpression, loop: cst.For | cst.While, ctx: Context) -> bool:
    """Tell whether a seed is a number, or a name that the loop does not bind."""
    if isinstance(ctx.model.literal(seed), int):
        return True
    if not isinstance(seed, (cst.Name, cst.Attribute)):
        return False
    names = {n.value for n in (seed, *ctx.model.descendants(seed)) if isinstance(n, cst.Name)}
    bound = set()
    for each in ctx.model.descendants(loop):
        targets = [t.target for t in each.targets] if isinstance(each, cst.Assign) else []
        targets += [each.target] if isinstance(each, (cst.AugAssign, cst.AnnAssign, cst.For)) else []
        bound |= {n.value for t in targets for n in (t, *ctx.model.descendants(t)) if isinstance(n, cst.Name)}
    if isinstance(loop, cst.For):
        bound |= {n.value for n in (loop.target, *ctx.model.descendants(loop.target)) if isinstance(n, cst.Name)}
    return names.isdisjoint(bound)


def _trains(loop: cst.For | cst.While, ctx: Context) -> bool:
    return any(
        isinstance(each, cst.Call) and isinstance(each.func, cst.Attribute) and each.func.attr.value in _STEPS
        for each in ctx.model.descendants(loop)
    )


def _makes_model(loop: cst.For | cst.While, ctx: Context) -> bool:
    """Tell whether each round trains a model of its own, made after the seed: then all of them begin alike, on purpose."""
    for each in ctx.model.descendants(loop):
        if not isinstance(each, cst.Assign) or not isinstance(each.value, cst.Call):
            continue
        if ctx.model.is_kind(each.value, "torch.nn.Module", "keras.Model", "sklearn.base.BaseEstimator"):
            return True
        if ctx.model.call(each.value).last_name in (
            "deepcopy",
            "clone",
            "to",
            "build_model",
            "create_model",
            "get_model",
        ):
            return any(target for target in each.targets if "model" in ctx.model.text(target.target).lower())
    return False
