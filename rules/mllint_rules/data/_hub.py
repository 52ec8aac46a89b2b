"""What the rules about the Hugging Face hub share: which strings are names of repositories, and which refs move."""

from __future__ import annotations

import re
from collections.abc import Callable

from mllint import CallSite, Context

#: A repository on the hub: ``owner/name``, or a name alone for the oldest ones.
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_FILE = re.compile(
    r"\.(?:csv|tsv|jsonl?|parquet|arrow|txt|zip|gz|tar|tgz|xz|py|bin|pth?|ckpt|safetensors|onnx|h5|model|ya?ml|gguf)$",
    re.IGNORECASE,
)
#: First parts of relative paths; no owner on the hub has such a name.
_DIRECTORY = re.compile(
    r"(?i)(?:\w+[-_])?(?:checkpoints?|ckpts?|models?|outputs?|out|results?|runs?|logs?|saved|weights|data"
    r"|datasets?|tmp|temp"
    r"|exp|experiments?|artifacts?|cache|path|dir)(?:[-_]?\d+)?(?:[-_]?(?:dir|path|here))?"
)
_CHECKPOINT = re.compile(r"(?i)(?:^|/)(?:checkpoint|step|epoch)[-_]?\d+$")
#: Placeholders of documentation: ``your-username/your-model``, ``org/name``, ``path/to/model``.
_PLACEHOLDER = re.compile(
    r"(?i)^(?:<.*>|(?:your|my)[-_]?(?:user|org|name|account|hf)\w*.*|user(?:name)?|org|namespace|path)(?:/|$)"
)
#: Branches; tags and commits stay what they are.
_BRANCHES_WORDS = "main master HEAD dev develop fp16 bf16 float16 bfloat16 onnx flax non-ema"
_BRANCHES = frozenset(_BRANCHES_WORDS.split())


def is_repository(text: str) -> bool:
    """Tell whether a string names a repository on the hub rather than a path or a placeholder."""
    if _REPOSITORY.fullmatch(text) is None or _FILE.search(text) or _CHECKPOINT.search(text):
        return False
    owner = text.partition("/")[0]
    if owner == "hf-internal-testing":  # tiny things for tests, which nobody publishes results on
        return False
    return _DIRECTORY.fullmatch(owner) is None and _PLACEHOLDER.match(text) is None


def is_branch(ref: str) -> bool:
    """Tell whether a revision is a branch, which moves, not a tag or a commit."""
    return ref in _BRANCHES or ref.startswith(("refs/convert/", "refs/pr/"))


def unpinned(call: CallSite, ctx: Context) -> str | None:
    """Say how a call that takes ``revision`` leaves it open: a phrase, or None if it is pinned or may be."""
    offline = call.argument("local_files_only")
    if offline.unknown or (offline.value is not None and ctx.model.literal(offline.value) is not False):
        return None
    argument = call.argument("revision")
    if argument.absent:
        return "without a `revision`"
    if argument.value is None:
        return None
    value = ctx.model.literal(argument.value)
    if value is None:
        return "without a `revision`"
    return f"from the branch `{value}`" if isinstance(value, str) and is_branch(value) else None


def written_here(name: str, ctx: Context) -> bool:
    """Tell whether the unit itself writes to a path of that name, so that it is no repository."""
    for call in ctx.model.calls:
        saves = bool({"saves-model", "saves-data", "writes-file"}.intersection(call.roles))
        if saves or call.last_name in _WRITERS:
            values = [arg.value for arg in call.node.args if not arg.star]
        else:
            values = [arg.value for arg in call.node.args if arg.keyword is not None and arg.keyword.value in _OUTPUTS]
        if any(ctx.model.literal(value) == name for value in values):
            return True
    return any(name in magic.text and magic.name != "%" for cell in ctx.unit.cells for magic in cell.magics)


_WRITERS = frozenset({"save", "save_pretrained", "save_to_disk", "save_model", "mkdir", "makedirs"})
_OUTPUTS_WORDS = "output_dir output_path save_path save_directory save_dir local_dir"
_OUTPUTS = frozenset(_OUTPUTS_WORDS.split())


def by_repository(
    load_of: Callable[[CallSite, Context], tuple[str, str] | None], ctx: Context
) -> dict[str, list[tuple[CallSite, str]]]:
    """Group the unpinned loads of a unit by repository, those that the unit itself writes left out.

    Args:
        load_of: gives the repository that a call loads and how it leaves the revision open, or None.
        ctx: the unit.

    Returns:
        For each repository its loads in order, each with how it leaves the revision open.
    """
    loads: dict[str, list[tuple[CallSite, str]]] = {}
    for call in ctx.model.calls:
        found = load_of(call, ctx)
        if found is not None:
            loads.setdefault(found[0], []).append((call, found[1]))
    return {name: calls for name, calls in loads.items() if not written_here(name, ctx)}
