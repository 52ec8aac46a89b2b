"""The rule ``unseeded-torch``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Rule, on_unit
from mllint_rules.reproducibility._draws import (
    is_harmless,
    is_in_harmless_function,
    later_draws,
    runs_in_processes,
    seed_program_fix,
    takes_generator,
    who_seeds,
)


class UnseededTorch(Rule):
    """A script or notebook trains a PyTorch model without a seed.

    ## What it does
    Finds scripts and notebooks that train a model (they call `backward` or make an optimizer) although nothing in the
    program seeds PyTorch's global generator. The diagnostic is at the first place that draws from it: a layer or a
    model that draws its first parameters, or a call such as `torch.randn`. Without training, only draws that decide
    which rows are used, such as `torch.randperm`, are reported. Programs that start several processes and benchmarks
    that train on noise are left alone.

    `torch.manual_seed` counts as seeding, and so do `seed_everything` of Lightning, `set_seed` of Transformers and
    Accelerate, and Transformers' `Trainer`, which seeds everything when it is made.

    ## Why is this bad
    The first parameters, dropout and the order of batches differ from run to run, and so do the losses and scores.
    Whether a change of the code was an improvement cannot be told from whether the draw was lucky.

    ## Example
    ```python
    import torch
    from torch import nn

    model = nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = nn.functional.mse_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    ```

    ## Use instead
    ```python
    import torch
    from torch import nn

    torch.manual_seed(42)
    model = nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = nn.functional.mse_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    ```

    ## Fix safety
    The fix calls `torch.manual_seed` once, after the imports. That picks one of the possible runs and keeps the draws
    independent of each other, so it is safe. It is unsafe where other modules import the file, because
    the seed would then be set for them too. Programs that start other processes are left alone: each process needs a
    seed of its own.

    ## Notebook behaviour
    A notebook is a program of its own, whatever it contains, so it is always checked. The fix seeds in the cell of the
    first draw.

    ## References
    - PyTorch: Reproducibility, https://pytorch.org/docs/stable/notes/randomness.html
    """

    name = "unseeded-torch"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)
    libraries = ("PyTorch",)
    triggers = ("torch",)

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the first draw of a program that trains."""
        if not ctx.is_entry_point or runs_in_processes(ctx):
            return  # with several processes each needs its own seed, and which is for people to say
        trains = _trains(ctx)
        draws = [
            call
            for call in ctx.model.calls
            if (_draws(call, ctx) or (trains and _makes_parameters(call, ctx)))
            and (trains or "shuffles" in call.roles or "samples" in call.roles)
            and not ctx.is_seeded("torch", call.node)
            and not is_harmless(call, ctx)
            and not is_in_harmless_function(call.node, ctx)
        ]
        if not draws or (trains and _feeds_noise(ctx)):
            return
        first = next((call for call in draws if ctx.model.class_around(call.node) is None), draws[0])
        written = ctx.model.text(first.node.func)
        what = "gets its first parameters" if _makes_parameters(first, ctx) else "draws"
        ctx.report(
            first,
            f"`{written}` {what} from PyTorch's global generator, {who_seeds(ctx, 'torch')}, so every run "
            f"{'trains a different model' if trains else 'gets different numbers'}{later_draws(len(draws) - 1)}",
            help="Call `torch.manual_seed` once at the start",
            fix=lambda: seed_program_fix(ctx, first, "torch", "manual_seed"),
            certain=first.certain,
        )


def _trains(ctx: Context) -> bool:
    return any(
        call.last_name == "backward"
        or "trains" in call.roles
        or any("optimizer" in ctx.knowledge.tags(base) for base in call.constructs)
        for call in ctx.model.calls
    )


def _feeds_noise(ctx: Context) -> bool:
    """Tell whether a program trains on noise that it draws in the loop, as smoke tests and benchmarks of speed do."""
    if ctx.model.calls_with_role("loads-data", "saves-model"):
        return False
    return any(_draws(call, ctx) and ctx.model.in_loop(call.node) for call in ctx.model.calls)


def _draws(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call draws from the global generator and is no matter of ``unseeded-shuffle``."""
    if call.name is None or call.constructs or "draws-random" not in call.roles:
        return False
    if ctx.knowledge.generator_behind(call.name) != "torch" or "splits" in call.roles:
        return False
    return not takes_generator(call) or ctx.draws_unseeded(call)


def _makes_parameters(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call makes a layer with parameters, or a model of the unit that makes some."""
    if not any(_is_module(base, ctx) for base in call.constructs):
        return False
    name = call.constructs[0]
    if ctx.knowledge.is_class(name):
        return ctx.knowledge.generator_behind(name) == "torch"
    return any(
        layer.name is not None
        and (owner := ctx.model.class_around(layer.node)) is not None
        and owner.name.value == name.rpartition(".")[2]
        and ctx.knowledge.generator_behind(layer.name) == "torch"
        for layer in ctx.model.calls
    )


def _is_module(name: str, ctx: Context) -> bool:
    library = ctx.knowledge.library_of(name)
    return library is not None and library.generator == "torch" and "module" in ctx.knowledge.tags(name)
