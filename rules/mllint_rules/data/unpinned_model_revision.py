"""The rule ``unpinned-model-revision``."""

from __future__ import annotations

import re

from mllint import Applicability, CallSite, Context, Edit, Fix, Rule, RuleOptions, Severity, Tier, on_unit
from mllint_rules.data._hub import by_repository, is_branch, is_repository, unpinned

#: Parameters that take the name of a repository.
_NAMES = ("pretrained_model_name_or_path", "repo_id", "model_name_or_path", "model_id", "pretrained_model_or_path")
_FILES = ("pretrained_model_link_or_path", "pretrained_model_link_or_path_or_dict")
#: Libraries whose ``from_pretrained`` asks the hub, known to knowledge or not.
_HUB_LIBRARIES_WORDS = (
    "transformers diffusers peft tokenizers optimum sentence_transformers setfit trl auto_gptq awq adapters "
    "open_clip timm huggingface_hub"
)
_HUB_LIBRARIES = frozenset(_HUB_LIBRARIES_WORDS.split())
#: Models without an owner, from the first years of the hub; other bare names may be directories.
_BARE = re.compile(
    r"(?:bert|distilbert|roberta|distilroberta|gpt2|distilgpt2|openai-gpt|t5|xlm|xlnet|albert|camembert|ctrl|transfo-xl"
    r"|multi-qa|all|paraphrase|msmarco|distiluse|stsb|nli|clip)(?:-[\w.-]+)?"
)
#: A URL of a file in a repository, as diffusers takes it, and the same without the host.
_HUB_FILE = re.compile(r"(?:https?://)?(?:huggingface\.co|hf\.co)/(?P<repository>[\w.-]+/[\w.-]+)/(?P<file>\S+)")
_HUB_REF = re.compile(r"(?:blob|resolve|raw)/(?P<ref>refs/\w+/[\w.-]+|[^/]+)/")
_HUB_LOAD = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(?::(?P<ref>.+))?")


class UnpinnedModelRevision(Rule):
    """A model or tokenizer is loaded from a hub in whatever version is there today.

    ## What it does
    Finds models, tokenizers and configurations that are loaded by the name of a repository with no `revision`, or
    with a branch: `from_pretrained`, `transformers.pipeline`, `hf_hub_download`, `snapshot_download`,
    `SentenceTransformer`, `from_single_file` with the URL of a file on the hub, and
    `torch.hub.load("owner/repository")` without a tag or commit. Several loads of one
    repository give one diagnostic. Names that are not written in the code, local paths, and libraries in versions
    that cannot pin are left alone.

    ## Why is this bad
    The owner of the repository can push other weights, another vocabulary, or code that `trust_remote_code` and
    `torch.hub` run. Scores then change although nothing changed in your repository, and a model in production is no
    longer the one that was evaluated.

    ## Example
    ```python
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained("acme/support-encoder")
    ```

    ## Use instead
    ```python
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained("acme/support-encoder", revision="5f2d3a9c1e7b4d6f8a0c2e4b6d8f0a1c3e5b7d9f")
    ```

    ## Fix safety
    The fix is shown and never applied: only you know which commit your results belong to.

    ## Options
    - `notebooks`: report in notebooks too; `false` by default.

    ## Notebook behaviour
    Notebooks are left alone unless the option `notebooks` is set: most of them show how to use a model, and follow
    its newest version on purpose.

    ## References
    - Transformers: `from_pretrained`, https://huggingface.co/docs/transformers/main_classes/model
    - PyTorch: `torch.hub.load`, https://pytorch.org/docs/stable/hub.html
    """

    name = "unpinned-model-revision"
    category = "data"
    tier = Tier.PEDANTIC
    severity = Severity.INFO
    fixes = (Applicability.DISPLAY,)
    triggers = (
        *("from_pretrained", "from_single_file", "pipeline", "hf_hub_download", "snapshot_download"),
        *("SentenceTransformer", "hub"),
    )
    sources = {"bandit": "B615"}

    class Options(RuleOptions, frozen=True):
        """Options of the rule."""

        notebooks: bool = False

    @on_unit
    def check(self, ctx: Context) -> None:
        """Group the loads of the unit by repository and report each group at its first load."""
        if ctx.unit.is_notebook and not self.options.notebooks:
            return
        for name, loads in by_repository(_repository, ctx).items():
            self._report(name, loads, ctx)

    def _report(self, name: str, loads: list[tuple[CallSite, str]], ctx: Context) -> None:
        first, how = loads[0]
        ctx.report(
            first,
            f"`{name}` is loaded {how}, so what it does can change whenever its owner pushes",
            help="Pin the commit that your results belong to",
            trace=[(call, f"`{ctx.model.text(call.node.func)}` loads it again, unpinned too") for call, _ in loads[1:]],
            certain=first.certain,
            fix=lambda: Fix("Pin the commit", [e for call, _ in loads for e in _pin(call, ctx)], Applicability.DISPLAY),
        )


def _repository(call: CallSite, ctx: Context) -> tuple[str, str] | None:
    """Return the repository that a call loads from a hub, and how it leaves the revision open."""
    if call.name == "torch.hub.load":
        return _torch_hub(call, ctx)
    if not _asks_hub(call) or not _takes_revision(call, ctx):
        return None
    if call.last_name == "from_single_file":
        return _single_file(call, ctx)
    argument = call.first(*_NAMES)
    if not argument.present and call.last_name == "pipeline":
        argument = call.argument("model")
    elif not argument.present and call.positional:
        argument = call.argument("", 0)
    if argument.value is None:
        return None
    name = ctx.model.literal(argument.value)
    if not isinstance(name, str) or not is_repository(name) or not ("/" in name or _BARE.fullmatch(name)):
        return None
    how = unpinned(call, ctx)
    return (name, how) if how is not None else None


def _asks_hub(call: CallSite) -> bool:
    if call.name is None:
        return False
    if call.last_name in ("from_pretrained", "from_single_file"):
        return call.name.partition(".")[0] in _HUB_LIBRARIES
    return "hub" in (call.fact.tags if call.fact is not None else ()) and (
        call.name.partition(".")[0] in _HUB_LIBRARIES and call.last_name in _LOADERS
    )


def _takes_revision(call: CallSite, ctx: Context) -> bool:
    """Tell whether a callee can have a parameter for the revision in the versions that the project asks for."""
    if not (call.name or "").startswith("sentence_transformers."):
        return True
    return ctx.project.runs_with("sentence-transformers", ">=2.3") is not False


_LOADERS_WORDS = "pipeline hf_hub_download snapshot_download SentenceTransformer CrossEncoder"
_LOADERS = frozenset(_LOADERS_WORDS.split())


def _single_file(call: CallSite, ctx: Context) -> tuple[str, str] | None:
    """Return the repository whose file a call of ``from_single_file`` downloads, and how it leaves the revision open.

    What stands in the URL between the repository and the file says nothing to diffusers, but to people: a commit
    there is taken as pinned.
    """
    argument = call.first(*_FILES)
    value = argument.value if argument.present else next((arg.value for arg in call.positional[:1]), None)
    url = ctx.model.string_prefix(value) if value is not None else None
    match = _HUB_FILE.match(url) if url is not None else None
    if match is None:
        return None
    ref = _HUB_REF.match(match["file"])
    how = unpinned(call, ctx) if ref is None or is_branch(ref["ref"]) else None
    if how is None:
        return None
    given = call.argument("revision").present
    return match["repository"], f"from the branch `{ref['ref']}`" if ref is not None and not given else how


def _torch_hub(call: CallSite, ctx: Context) -> tuple[str, str] | None:
    """Return the GitHub repository that a call of ``torch.hub.load`` runs, and how it leaves the ref open."""
    if call.literal("source", default="github") != "github":
        return None
    repository = call.literal("repo_or_dir", 0)
    match = _HUB_LOAD.fullmatch(repository) if isinstance(repository, str) else None
    if match is None:
        return None
    if match["ref"] is None:
        return match["repository"], "from the default branch"
    return (match["repository"], f"from the branch `{match['ref']}`") if is_branch(match["ref"]) else None


def _pin(call: CallSite, ctx: Context) -> list[Edit]:
    if call.name != "torch.hub.load":
        return [*ctx.fix.set_keyword(call.node, "revision", '"<commit>"')]
    repository = call.argument("repo_or_dir", 0).value
    name = str(call.literal("repo_or_dir", 0)).partition(":")[0]
    return [ctx.fix.replace(repository, f'"{name}:<commit>"')] if repository is not None else []
