"""The rule ``unsafe-torch-load``."""

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call

#: Versions of PyTorch whose ``torch.load`` has no ``weights_only``. Source: release notes of PyTorch 1.13.
_WITHOUT_ARGUMENT = "<1.13"


class UnsafeTorchLoad(Rule):
    """`torch.load` unpickles a file whose code nobody has seen.

    ## What it does
    Finds `torch.load` with `weights_only=False` of a file that was just downloaded, and `torch.load` without
    `weights_only` in projects whose requirements only allow versions before PyTorch 2.6, where it is off by default.
    Calls with `pickle_module` are left alone: they ask for pickle.

    ## Why is this bad
    A checkpoint from elsewhere is a program: unpickling it can run any code with the rights of the person, or of the
    training cluster, that loads it. With `weights_only=True` only tensors and plain containers are read.

    ## Example
    ```python
    import torch
    from huggingface_hub import hf_hub_download

    path = hf_hub_download("acme/claims-classifier", "model.bin")
    weights = torch.load(path, weights_only=False)
    ```

    ## Use instead
    ```python
    import torch
    from huggingface_hub import hf_hub_download

    path = hf_hub_download("acme/claims-classifier", "model.bin")
    weights = torch.load(path, weights_only=True)
    ```

    ## Fix safety
    The fix is unsafe: a file that holds more than tensors, such as a whole model, cannot be read any more.

    ## References
    - PyTorch: `torch.load`, https://docs.pytorch.org/docs/stable/generated/torch.load.html
    """

    name = "unsafe-torch-load"
    category = "security"
    fixes = (Applicability.UNSAFE,)
    libraries = ("PyTorch",)
    sources = {"Bandit": "B614", "TorchFix": "TOR102", "Sonar": "S6985"}

    @on_call("torch.load")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a load that unpickles what came from elsewhere, or whatever there is."""
        if not call.argument("pickle_module").absent:
            return
        if call.argument("weights_only").absent:
            if ctx.project.runs_with("torch", "<2.6"):
                self._report(call, ctx, "Before PyTorch 2.6 `torch.load` runs any code that the file holds")
        elif call.literal("weights_only") is False and _was_downloaded(call.argument("f").value, ctx):
            self._report(call, ctx, "`weights_only=False` runs any code that the downloaded file holds")

    @staticmethod
    def _report(call: CallSite, ctx: Context, message: str) -> None:
        is_known = ctx.project.runs_with("torch", _WITHOUT_ARGUMENT) is not True
        ctx.report(
            call,
            message,
            help="Pass `weights_only=True`"
            if is_known
            else "Move to PyTorch 1.13 or later, and pass `weights_only=True`",
            fix=None
            if not is_known
            else lambda: Fix(
                "Pass `weights_only=True`",
                ctx.fix.set_keyword(call.node, "weights_only", "True"),
                Applicability.UNSAFE,
            ),
        )


def _was_downloaded(path: cst.BaseExpression | None, ctx: Context) -> bool:
    """Tell whether an expression is what a download gave back."""
    made = ctx.model.assigned_value(path) if isinstance(path, cst.Name) else path
    return isinstance(made, cst.Call) and "downloads" in ctx.model.call(made).roles
