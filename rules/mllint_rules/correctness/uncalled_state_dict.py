"""The rule ``uncalled-state-dict``."""

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, Severity, on_call


class UncalledStateDict(Rule):
    """The method `state_dict` is saved or loaded instead of what it returns.

    ## What it does
    Finds `state_dict` without parentheses in `torch.save` and `load_state_dict`, by itself or in a dict.

    ## Why is this bad
    `torch.save` pickles the method with the object it belongs to: no error, but a file that is no state dict, depends on the
    code of today and cannot be loaded with `weights_only`. The mistake shows when the weights are needed again.

    ## Example
    ```python
    import torch

    torch.save(model.state_dict, "model.pt")
    ```

    ## Use instead
    ```python
    import torch

    torch.save(model.state_dict(), "model.pt")
    ```

    ## Fix safety
    The fix is unsafe, because it changes what is saved.

    ## References
    - PyTorch: saving and loading models, https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
    """

    name = "uncalled-state-dict"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("PyTorch",)
    sources = {"Sonar": "S7703"}

    @on_call("torch.save")
    def check_save(self, call: CallSite, ctx: Context) -> None:
        """Report a state dict that is saved without having been asked for."""
        saved = call.argument("obj", 0).value
        made = ctx.model.assigned_value(saved) if isinstance(saved, cst.Name) else saved
        values = [saved]
        if isinstance(made, cst.Dict):
            values = [element.value for element in made.elements if isinstance(element, cst.DictElement)]
        for value in values:
            self._check(value, ctx)

    @on_call("torch.nn.Module.load_state_dict", "torch.optim.Optimizer.load_state_dict")
    def check_load(self, call: CallSite, ctx: Context) -> None:
        """Report a state dict that is loaded without having been asked for."""
        self._check(call.argument("state_dict", 0).value, ctx)

    @staticmethod
    def _check(value: cst.BaseExpression | None, ctx: Context) -> None:
        if not isinstance(value, cst.Attribute) or value.attr.value != "state_dict":
            return
        ctx.report(
            value,
            "This is the method `state_dict` and not the weights: it is not called",
            help="Write `state_dict()`",
            fix=lambda: Fix(
                "Call `state_dict`", [ctx.fix.replace(value, f"{ctx.model.text(value)}()")], Applicability.UNSAFE
            ),
        )
