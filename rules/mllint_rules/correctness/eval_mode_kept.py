"""The rule ``eval-mode-kept``."""

import libcst as cst

from mllint import Context, Rule, Severity, on_node

_LOOPS = (cst.For, cst.While)


class EvalModeKept(Rule):
    """A model is switched to evaluation in a training loop and never back.

    ## What it does
    Finds `model.eval()` in the outer loop of a PyTorch training, where the same loop goes on training (`backward()`) and calls
    `model.train()` nowhere.

    ## Why is this bad
    From the second epoch on the model trains in evaluation mode: dropout is off, and batch normalization uses and keeps the statistics of
    the first epoch. The loss looks fine, the model is worse.

    ## Example
    ```python
    import torch

    model.train()
    for epoch in range(10):
        for x, y in loader:
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        print(validate(model))
    ```

    ## Use instead
    ```python
    import torch

    for epoch in range(10):
        model.train()
        for x, y in loader:
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        print(validate(model))
    ```

    ## References
    - PyTorch: evaluation mode, https://docs.pytorch.org/docs/stable/notes/autograd.html
    """

    name = "eval-mode-kept"
    category = "correctness"
    severity = Severity.ERROR
    libraries = ("PyTorch",)
    sources = {"torch-preflight": "TG011", "dslinter": "mode toggling"}

    @on_node(cst.For)
    def check(self, loop: cst.For, ctx: Context) -> None:
        """Report the switch in a loop that trains in each of its rounds."""
        if any(isinstance(above, _LOOPS) for above in ctx.model.ancestors(loop)):
            return
        switches: list[tuple[str, cst.Call]] = []
        steps: list[cst.Call] = []
        for each in ctx.model.descendants(loop):
            if isinstance(each, cst.Call) and isinstance(each.func, cst.Attribute):
                word = each.func.attr.value
                if word == "backward":
                    steps.append(each)
                elif word == "eval" and not each.args:
                    switches.append((ctx.model.text(each.func.value), each))
                elif word == "train":
                    return
        for name, switch in switches:
            trained = [step for step in steps if ctx.model.order(step) < ctx.model.order(switch)]
            if not trained or not _is_applied(name, loop, ctx) or _ends_loop(switch, loop, ctx):
                continue
            if ctx.model.function(switch) is not ctx.model.function(loop):
                continue
            ctx.report(
                switch,
                f"`{name}` stays in evaluation mode: from the next round on it trains without dropout and with fixed statistics",
                help=f"Call `{name}.train()` at the beginning of every round",
            )
            return


def _is_applied(name: str, loop: cst.For, ctx: Context) -> bool:
    """Tell whether the loop applies the model by that name, and does not make it anew."""
    applied = False
    for each in ctx.model.descendants(loop):
        if isinstance(each, cst.Call) and ctx.model.text(each.func) == name:
            applied = True
        if isinstance(each, cst.Assign) and any(ctx.model.text(target.target) == name for target in each.targets):
            return False
    return applied


def _ends_loop(node: cst.CSTNode, loop: cst.For, ctx: Context) -> bool:
    """Tell whether the loop is left after the switch, or the switch stands in what comes after the rounds."""
    for above in ctx.model.ancestors(node):
        if above is loop:
            return False
        if isinstance(above, cst.Else):
            return True
        if isinstance(above, cst.IndentedBlock) and any(
            isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[-1], (cst.Break, cst.Return))
            for line in above.body
        ):
            return True
    return False
