"""The rule ``hardcoded-device``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, Tier, on_unit

_DEVICE = re.compile(r"(?P<kind>cuda|mps|xpu)(?::(?P<index>\d+))?")
#: Lists of GPUs that are not just the first one.
_INDICES = re.compile(r"[0,\s]*[1-9]\d*(?:\s*,\s*\d+)*")
_AVAILABLE = {"cuda": "cuda.is_available()", "mps": "backends.mps.is_available()", "xpu": "xpu.is_available()"}
#: Where one of these stands, the program finds out what the machine has, or leaves that to a library.
_TESTS = (
    *("is_available", "device_count", "is_built", "is_cuda", "get_device_name", "current_accelerator", "Accelerator"),
    *(
        "PartialState",
        "Fabric",
        "Trainer",
        "init_empty_weights",
        "has_mps",
        "infer_device",
        "get_backend",
        "is_gpu_available",
    ),
)
#: Where one of these stands, the program finds out how many GPUs there are, or uses several on purpose.
_COUNTS = (
    *("device_count", "current_accelerator", "Accelerator", "PartialState", "Fabric", "Trainer", "DataParallel"),
    *("init_process_group", "DistributedDataParallel", "infer_auto_device_map", "dispatch_model", "device_map"),
)
#: Where one of these stands, the program is for GPUs: nothing is won by a test.
_GPU_ONLY = (
    *(
        "init_process_group",
        "init_distributed_mode",
        "DistributedDataParallel",
        "GradScaler",
        "CUDAGraph",
        "make_graphed_callables",
        "Stream",
    ),
    *("StandardGpuResources", "index_cpu_to_gpu", "index_cpu_to_all_gpus"),
    *("max_memory_allocated", "memory_allocated", "max_memory_reserved", "empty_cache", "reset_peak_memory_stats"),
    *("synchronize", "get_device_capability", "get_device_properties", "enable_model_cpu_offload", "load_inline"),
    *("enable_sequential_cpu_offload", "enable_xformers_memory_efficient_attention", "BitsAndBytesConfig", "nvtx"),
)
_GPU_MODULES_WORDS = (
    "triton flash_attn bitsandbytes xformers apex deepspeed vllm cupy cudf cuml numba pycuda tensorrt "
    "torch_tensorrt mamba_ssm torch_xla diffusers auto_gptq awq unsloth nvdiffrast tinycudann gsplat"
)
_GPU_MODULES = frozenset(_GPU_MODULES_WORDS.split())
_HALF = frozenset({"torch.float16", "torch.half", "torch.bfloat16"})


#: Of a program full of them, so many other places are shown.
_SHOWN = 8
#: The function that makes one GPU the usual one; the first needs no such call.
_SETS = "set_device"


class _Use(NamedTuple):
    """A device that is written in the code, ``place``, and the call that moves something to it."""

    kind: str
    number: int
    place: cst.BaseExpression
    call: CallSite


class HardcodedDevice(Rule):
    """Code moves tensors or models to a GPU without asking whether there is one.

    ## What it does
    Finds `.cuda()`, `.to("cuda")`, `torch.device("cuda:0")`, `device="cuda"` and `map_location="cuda"`, also
    through a constant, and the same for `mps` and `xpu`, in files that never ask what the machine has. A
    `torch.device` counts where something is moved to it or made on it. Left alone are files that call `torch.cuda.is_available()` or `device_count()` anywhere (in an `assert` too), that leave
    devices to accelerate, Lightning or a `Trainer`, and programs that are for GPUs by nature: half precision,
    distributed training, CUDA streams and graphs, memory statistics, Triton, bitsandbytes, diffusers and the like.
    Defaults of command-line arguments and of parameters are left alone, and what stands under a condition about GPUs,
    such as `if opt.use_gpu:`: whoever runs the code can change them.

    A second or later GPU, as in `"cuda:1"`, `.cuda(1)` or `torch.cuda.set_device(1)`, is found even where the code
    asks whether there is a GPU, because one is not enough; programs that ask for `device_count()` or name several
    GPUs on purpose are left alone. `os.environ["CUDA_VISIBLE_DEVICES"] = "3"` is found too: a machine with fewer GPUs
    then has none. The first GPU is left alone, because most machines have it.

    ## Why is this bad
    The code raises on every machine without that device: the laptop of a colleague, the CI, a cheaper server. Tests
    of it cannot run there either.

    ## Example
    ```python
    import torch

    model = torch.nn.Linear(16, 2)
    model.to("cuda")
    ```

    ## Use instead
    ```python
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = torch.nn.Linear(16, 2)
    model.to(device)
    ```

    ## Fix safety
    The fix chooses the CPU where there is no GPU. It is unsafe because a program that stopped at once on a
    wrong machine then runs on, perhaps for days. There is none for a later GPU: which one to take is for people to say.

    ## References
    - PyTorch: CUDA semantics, device-agnostic code,
      https://pytorch.org/docs/stable/notes/cuda.html#device-agnostic-code
    """

    name = "hardcoded-device"
    category = "portability"
    tier = Tier.PEDANTIC
    fixes = (Applicability.UNSAFE,)
    libraries = ("PyTorch",)
    triggers = ("cuda", "mps", "xpu")

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report each device that is written in the code once, at the place where it is written."""
        self._check_visible_devices(ctx)
        uses: dict[cst.BaseExpression, list[_Use]] = {}
        for call in ctx.model.calls:
            for use in () if _is_switched(call, ctx) else _uses(call, ctx):
                uses.setdefault(use.place, []).append(use)
        later = [group for group in uses.values() if group[0].number > 0]
        self._check_later_gpus(later, uses, ctx)
        first = [group for group in uses.values() if group[0].number == 0 and group[0].call.last_name != _SETS]
        if not first or _finds_out(ctx) or _needs_gpu(ctx):
            return
        kinds: dict[str, list[list[_Use]]] = {}
        for group in first:
            kinds.setdefault(group[0].kind, []).append(group)
        for kind, groups in kinds.items():
            self._report(kind, groups, ctx)

    def _check_visible_devices(self, ctx: Context) -> None:
        """Report `os.environ["CUDA_VISIBLE_DEVICES"] = "3"`, which hides all GPUs of machines with fewer."""
        if "CUDA_VISIBLE_DEVICES" not in ctx.unit.text:
            return
        for node in ctx.model.nodes(cst.Assign):
            target = node.targets[0].target
            if not isinstance(target, cst.Subscript) or ctx.model.qualified_name(target.value) != "os.environ":
                continue
            index = target.slice[0].slice
            name = ctx.model.literal(index.value) if isinstance(index, cst.Index) else None
            devices = ctx.model.literal(node.value) if name == "CUDA_VISIBLE_DEVICES" else None
            if isinstance(devices, str) and _INDICES.fullmatch(devices):
                ctx.report(
                    node.value,
                    f"`CUDA_VISIBLE_DEVICES` is set to `{devices}` in the code, so machines with fewer GPUs find none",
                    help="Leave the choice to whoever starts the program",
                )

    def _check_later_gpus(
        self, groups: list[list[_Use]], uses: dict[cst.BaseExpression, list[_Use]], ctx: Context
    ) -> None:
        """Report the first place that needs another GPU than the first, if the program uses only that one."""
        if not groups or any(ctx.model.mentions(name) for name in _COUNTS):
            return
        if len({(group[0].kind, group[0].number) for group in uses.values() if _names_one(group[0], ctx)}) > 1:
            return  # a program for several GPUs
        first = groups[0][0]
        device = f"{first.kind}:{first.number}"
        others = [use for group in groups for use in group if use.call is not first.call]
        ctx.report(
            first.place,
            f"`{device}` is GPU number {first.number + 1}, so the code raises on machines with fewer",
            help=f"Use `{first.kind}`, and let whoever starts the program choose the GPU, by an argument or the environment",
            trace=[(use.call, f"`{device}` is needed here too") for use in others],
            certain=first.call.certain,
        )

    def _report(self, kind: str, groups: list[list[_Use]], ctx: Context) -> None:
        """Report the first place of a kind of device, and lead to the others."""
        first = groups[0][0]
        others = [use for use in groups[0] if use.call.node not in ctx.model.ancestors(first.place)]
        others += [use for group in groups[1:] for use in group]
        fixable = [group[0] for group in groups]
        ctx.report(
            first.place,
            f"Nothing asks whether the machine has `{kind}`, so the code raises where there is none",
            help=f"Choose the device once, with `torch.{_AVAILABLE[kind]}`, and use it everywhere",
            trace=[(use.call, f"`{kind}` is needed here too") for use in others if use.call is not first.call][:_SHOWN],
            certain=first.call.certain,
            fix=lambda: _fix(kind, fixable, ctx),
        )


def _is_switched(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call stands under a condition about GPUs: ``if opt.gpu_ids:``, ``if self.use_cuda:``."""
    if call.last_name == "device":
        return False
    return any(
        isinstance(above, (cst.If, cst.IfExp)) and _SWITCH.search(ctx.model.text(above.test)) is not None
        for above in ctx.model.ancestors(call.node)
    )


_SWITCH = re.compile(r"(?i)gpu|cuda|device")


def _uses(call: CallSite, ctx: Context) -> Iterator[_Use]:
    name = call.last_name
    if name == "cuda" and call.receiver is not None:
        if call.name != "torch.cuda" and _may_be_tensor(call, ctx):
            if all(arg.keyword is not None and arg.keyword.value == "non_blocking" for arg in call.node.args):
                yield _Use("cuda", 0, call.node, call)
            else:
                yield from _numbered(call, "device", 0, ctx)
        return
    numbered: list[_Use] = []
    if call.name == "torch.cuda.set_device":
        numbered += _numbered(call, "device", 0, ctx)
    elif call.name == "torch.device" and not _is_moved_to(call.node, ctx):
        return  # to make one asks nothing of the machine
    elif call.name == "torch.device" and call.literal("type", 0) == "cuda":
        numbered += _numbered(call, "index", 1, ctx)
    if numbered:
        yield from numbered
        return
    values: list[cst.BaseExpression] = []
    moves = name == "to" and call.receiver is not None and _may_be_tensor(call, ctx)
    if moves or call.name in ("torch.device", "torch.cuda.set_device"):
        values += [arg.value for arg in call.positional[:1]]
    root = call.name.partition(".")[0] if call.name is not None else None
    if root in ("torch", "torchvision", "transformers", "sentence_transformers", "diffusers") or name == "to":
        values += [
            arg.value
            for arg in call.node.args
            if arg.keyword is not None and arg.keyword.value in ("device", "map_location")
        ]
    for value in values:
        for written in _alternatives(value, ctx):
            device = ctx.model.literal(written)
            match = _DEVICE.fullmatch(device) if isinstance(device, str) else None
            source = ctx.model.string_source(written)
            if match is not None and source is not None and (written is value or match["index"] not in (None, "0")):
                yield _Use(match["kind"], int(match["index"] or 0), source, call)


def _is_moved_to(device: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether something is moved to a device, or made on it, by way of a name or an attribute too."""
    above = ctx.model.parent(device)
    while isinstance(above, cst.IfExp):
        above = ctx.model.parent(above)
    if isinstance(above, cst.Arg):
        outer = ctx.model.parent(above)
        call = ctx.model.call(outer) if isinstance(outer, cst.Call) else None
        if call is None:
            return False
        named = above.keyword is not None and above.keyword.value in ("device", "map_location")
        return named or call.last_name in ("to", "cuda") or (call.name or "").startswith("torch.")
    if not isinstance(above, (cst.Assign, cst.AnnAssign)):
        return False
    target = above.targets[0].target if isinstance(above, cst.Assign) else above.target
    uses: Sequence[cst.CSTNode]
    if isinstance(target, cst.Name):
        binding = ctx.model.walk.bindings.get(target)
        uses = ctx.model.uses(binding) if binding is not None else []
    else:
        uses = ctx.model.mentions(target.attr.value) if isinstance(target, cst.Attribute) else []
    return any(isinstance(ctx.model.parent(use), cst.Arg) and _is_moved_to(use, ctx) for use in uses)


def _numbered(call: CallSite, parameter: str, position: int, ctx: Context) -> Iterator[_Use]:
    """Yield the later GPU that a call gets as a number, the first one left out: ``.cuda(1)``."""
    argument = call.argument(parameter, position)
    index = ctx.model.literal(argument.value) if argument.value is not None else None
    if argument.value is not None and isinstance(index, int) and not isinstance(index, bool) and index > 0:
        yield _Use("cuda", index, argument.value, call)


def _alternatives(value: cst.BaseExpression, ctx: Context) -> list[cst.BaseExpression]:
    """Return an expression and what it may be: ``"cuda:1" if torch.cuda.is_available() else "cpu"``."""
    assigned = ctx.model.assigned_value(value) if isinstance(value, cst.Name) else None
    choice = assigned if assigned is not None else value
    return [value, choice.body, choice.orelse] if isinstance(choice, cst.IfExp) else [value]


def _names_one(use: _Use, ctx: Context) -> bool:
    """Tell whether a place says which of several GPUs it means."""
    return use.number > 0 or ":" in ctx.model.text(use.place)


def _may_be_tensor(call: CallSite, ctx: Context) -> bool:
    """Tell whether ``.to`` or ``.cuda`` can be PyTorch's: the class of the receiver is PyTorch's or unknown."""
    kind = call.receiver_kind
    if kind is None:
        return any(module.partition(".")[0] == "torch" for module in ctx.model.imported_modules)
    return not kind.startswith("builtins.")


def _finds_out(ctx: Context) -> bool:
    """Tell whether the unit asks what the machine has, or leaves it to a library or to whoever calls it."""
    return any(ctx.model.mentions(name) for name in _TESTS)


def _needs_gpu(ctx: Context) -> bool:
    """Tell whether the unit is a program for GPUs by nature."""
    if any(module.partition(".")[0] in _GPU_MODULES for module in ctx.model.imported_modules):
        return True
    if any(ctx.model.mentions(name) for name in _GPU_ONLY):
        return True
    half = (node for name in ("float16", "half", "bfloat16") for node in ctx.model.mentions(name))
    return any(ctx.model.qualified_name(node) in _HALF for node in half) or _HALF_TEXT.search(ctx.unit.text) is not None


_HALF_TEXT = re.compile(r"load_in_[48]bit|\.half\(\)|fp16|autocast")


def _fix(kind: str, uses: list[_Use], ctx: Context) -> Fix | None:
    """Return the fix that tests for the device at every place that names it."""
    edits = []
    for use in uses:
        torch, imports = ctx.fix.import_name("torch", None, use.place)
        edits += [edit for edit in imports if edit not in edits]
        written = f'"{kind}"' if use.place is use.call.node else ctx.model.text(use.place)
        choice = f'{written} if {torch}.{_AVAILABLE[kind]} else "cpu"'
        if use.place is use.call.node:
            func = use.call.node.func
            assert isinstance(func, cst.Attribute), "`.cuda()` is a method"
            given = "".join(f", {ctx.model.text(arg)}" for arg in use.call.node.args)
            edits.append(ctx.fix.replace(use.call.node, f"{ctx.model.text(func.value)}.to({choice}{given})"))
        else:
            parent = ctx.model.parent(use.place)
            bare = isinstance(parent, (cst.Arg, cst.Assign, cst.AnnAssign))
            edits.append(ctx.fix.replace(use.place, choice if bare else f"({choice})"))
    return Fix("Use the CPU where there is no such device", edits, Applicability.UNSAFE)
