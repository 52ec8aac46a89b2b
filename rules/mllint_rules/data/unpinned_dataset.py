"""The rule ``unpinned-dataset``."""

from __future__ import annotations

from mllint import Applicability, CallSite, Context, Fix, Rule, on_unit
from mllint_rules.data._hub import by_repository, is_repository, unpinned

#: Names that ``load_dataset`` takes for a file format, not for a repository.
_BUILDERS_WORDS = (
    "csv json parquet text arrow pandas sql xml imagefolder audiofolder videofolder pdffolder niftifolder "
    "webdataset generator spark cache hdf5 lance eval"
)
_BUILDERS = frozenset(_BUILDERS_WORDS.split())
_LOADERS = frozenset(
    f"datasets.{name}"
    for name in (
        *("load_dataset", "load_dataset_builder"),
        *("get_dataset_config_names", "get_dataset_split_names", "get_dataset_infos"),
    )
)


class UnpinnedDataset(Rule):
    """A dataset is loaded from the Hugging Face hub in whatever version is there today.

    ## What it does
    Finds `datasets.load_dataset` and its relatives that name a repository on the hub and pass no `revision`, or pass
    a branch such as `main`. Left alone are names that are not written out in the code, local
    files, and the packaged builders (`csv`, `json`, `imagefolder` …). Several loads of one dataset give one diagnostic.

    ## Why is this bad
    A dataset on the hub is a git repository whose owner can push corrections, new rows or other splits, or replace
    it. Training twice then means training on different data, and nothing in the repository tells which data a
    published score belongs to.

    ## Example
    ```python
    from datasets import load_dataset

    reviews = load_dataset("acme/product-reviews", split="train")
    ```

    ## Use instead
    ```python
    from datasets import load_dataset

    reviews = load_dataset(
        "acme/product-reviews", split="train", revision="5f2d3a9c1e7b4d6f8a0c2e4b6d8f0a1c3e5b7d9f"
    )
    ```

    ## Fix safety
    The fix is shown and never applied: only you know which commit your results belong to. The commit of the copy that
    you have is part of the path of its cached files, and the hub lists all commits under *Files and versions*.

    ## Notebook behaviour
    In notebooks only datasets with an owner (`owner/name`) are reported. Those without are the well-known benchmarks
    that tutorials load by the dozen, and that hardly ever change.

    ## References
    - Datasets: Load a dataset from the hub, https://huggingface.co/docs/datasets/loading#hugging-face-hub
    """

    name = "unpinned-dataset"
    category = "data"
    fixes = (Applicability.DISPLAY,)
    libraries = ("Hugging Face Datasets",)
    triggers = ("load_dataset", "load_dataset_builder", "get_dataset_")
    sources = {"bandit": "B615"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Group the loads of the unit by repository and report each group at its first load."""
        for name, loads in by_repository(_repository, ctx).items():
            self._report(name, loads, ctx)

    def _report(self, name: str, loads: list[tuple[CallSite, str]], ctx: Context) -> None:
        first, how = loads[0]
        ctx.report(
            first,
            f"`{name}` is loaded {how}, so its rows can change whenever the owner of the dataset pushes",
            help="Pass the commit that your results belong to as `revision`",
            trace=[(call, f"`{name}` is loaded here too") for call, _ in loads[1:]],
            certain=first.certain,
            fix=lambda: Fix(
                'Pin the dataset: `revision="<commit>"`',
                [edit for call, _ in loads for edit in ctx.fix.set_keyword(call.node, "revision", '"<commit>"')],
                Applicability.DISPLAY,
            ),
        )


def _repository(call: CallSite, ctx: Context) -> tuple[str, str] | None:
    """Return the repository that a call loads, and how it leaves the revision open."""
    if call.name not in _LOADERS:
        return None
    path = call.argument("path", 0).value
    name = ctx.model.literal(path) if path is not None else None
    if isinstance(name, str) and "/" not in name and (ctx.unit.is_notebook or _has_scripts_of_its_own(ctx)):
        return None
    if not isinstance(name, str) or name in _BUILDERS or not is_repository(name) or _reads_files(call, ctx):
        return None
    how = unpinned(call, ctx)
    return (name, how) if how is not None else None


def _has_scripts_of_its_own(ctx: Context) -> bool:
    """Tell whether names without an owner come with the installed library, which older versions took from their tag.

    Source: release notes of Datasets 2.0.
    """
    return ctx.project.runs_with("datasets", "<2") is True


def _reads_files(call: CallSite, ctx: Context) -> bool:
    """Tell whether ``data_files`` names files elsewhere, which no revision of the repository pins."""
    files = call.argument("data_files")
    value = files.value
    prefix = ctx.model.string_prefix(value) if value is not None else None
    return prefix is not None and prefix.startswith(("http://", "https://", "/", "./", "s3://", "gs://"))
