"""The rule ``absolute-path``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, on_unit

#: Directories of one person: no other machine has them.
_HOME = re.compile(
    r"(?P<machine>/home/[\w.-]+|/Users/(?!Shared/)[\w.-]+|/(?:mnt|media)/[a-z]/Users/[\w. -]+"
    r"|[A-Za-z]:[\\/]+(?:Users|Documents and Settings)[\\/]+[\w. -]+)"
    r"(?=[\\/]|$)"
)
#: Directories of one machine or one cluster.
_MACHINE = re.compile(
    r"(?P<machine>/(?:mnt|media|data\d*|scratch\d*|nfs|nas|gpfs|lustre|storage\d*|work|workspace"
    r"|projects?|root"
    r"|shared|disk\d*|ssd\d*|hdd\d*|raid\d*|export|net|cluster|ceph|efs|fsx|share)/[\w. -]+"
    r"|[A-Za-z]:[\\/]+\w[\w .-]*"
    r"|\\\\[\w.-]+\\[\w$.-]+)"
)
#: Where hosted notebooks keep their files: a convention of the place that the notebook is written for.
_HOSTED = re.compile(r"/root/\.|/home/(?:jupyter|jovyan|studio-lab-user|sagemaker-user|ec2-user/SageMaker)(?:/|$)")
_PLACEHOLDER = re.compile(
    r"(?i)(?:path[/\\_-]?to|your[-_ ]?|<|\{|\.\.\.|/(?:user(?:name)?|me|foo|example|xxx+|name)(?:/|$)|\$)"
)
_PROBING_METHODS = frozenset({"exists", "is_file", "is_dir"})
_PROBES = frozenset(f"os.path.{name}" for name in ("exists", "isfile", "isdir", "islink", "lexists"))
_PATH_METHODS_WORDS = "open read_text read_bytes write_text write_bytes mkdir iterdir glob rglob unlink touch"
_PATH_METHODS = frozenset(_PATH_METHODS_WORDS.split())
#: Environment variables that mean something else, or to everybody something else.
_TAKEN_WORDS = "PATH HOME USER PWD SHELL LANG TMP TEMP TMPDIR PYTHONPATH ROOT DIR BASE FILE DIRECTORY FOLDER"
_TAKEN = frozenset(_TAKEN_WORDS.split())
_WORD = re.compile(r"[^A-Za-z0-9]+")


class AbsolutePath(Rule):
    """A path in the code exists on one machine only.

    ## What it does
    Finds paths written in the code that lie in somebody's home directory (`/home/maria/…`, `C:\\Users\\…`,
    and paths into the file system of one machine (`/mnt/…`, `/data/…`, `D:\\…`)
    that reach a call which opens, reads, writes or lists files. Each is reported where it is written, with the calls
    that use it. Left alone are URLs, directories that every system has (`/tmp`, `/dev`, `/proc`, `/etc`, `/usr`),
    placeholders such as `/path/to/data`, paths that the code first looks for with `os.path.exists`, one by
    one or in a list, code that catches `FileNotFoundError`, and `/kaggle/…` and `/content/…`, which are the same on every machine of Kaggle and Colab, mounted drives included.

    ## Why is this bad
    The code fails on every other machine: that of a colleague, of the CI, of production. What it writes lands where
    nobody else looks for it, and the path tells strangers who works where.

    ## Example
    ```python
    import pandas as pd

    customers = pd.read_csv("/home/maria/data/churn/customers.csv")
    ```

    ## Use instead
    ```python
    import os

    import pandas as pd

    customers = pd.read_csv(os.path.join(os.environ["DATA_DIR"], "churn", "customers.csv"))
    ```

    ## Fix safety
    The fix reads the path from an environment variable and falls back on what is written today. It is unsafe because
    a variable of that name that is set already changes which file is used. What the fix leaves is the old path as a
    default; remove it when every machine sets the variable.

    ## Notebook behaviour
    `/home/jupyter`, `/home/jovyan` and the like are the homes of the accounts that hosted notebooks run under. Notebooks
    that name them are written for these places, so they are reported in scripts only. Form fields (`# @param`) and cells
    tagged `parameters` are left alone too: whoever runs the notebook fills them in.

    ## References
    - The Twelve-Factor App: Config, https://12factor.net/config
    """

    name = "absolute-path"
    category = "portability"
    fixes = (Applicability.UNSAFE,)

    @on_unit
    def check(self, ctx: Context) -> None:
        """Collect the paths and the calls that use them, then report each path once."""
        if not _MAY_MATCH.search(ctx.unit.text):
            return
        found: dict[cst.BaseExpression, list[CallSite]] = {}
        probed: list[str] = []
        probes = False
        tolerated: set[cst.Arg] = set()
        for call in ctx.model.calls:
            if call.receiver is not None and ctx.model.qualified_name(call.receiver) == "sys.path":
                # A directory that is not there is passed over; whether its modules are found elsewhere is not known.
                tolerated.update(call.node.args)
            probes = probes or call.name in _PROBES or call.last_name in _PROBING_METHODS
            for value in _paths(call):
                source = ctx.model.string_source(value)
                prefix = ctx.model.string_prefix(source) if source is not None else None
                if source is None or prefix is None:
                    continue
                if call.name in _PROBES or call.last_name in _PROBING_METHODS:
                    probed.append(prefix)
                elif _MACHINE.match(prefix) or _HOME.match(prefix):
                    found.setdefault(source, []).append(call)
        for node in ctx.model.nodes(cst.SimpleString, cst.FormattedString):
            if node not in found and _is_value(node, ctx):
                prefix = ctx.model.string_prefix(node)
                if prefix is not None and _HOME.match(prefix):
                    found[node] = []
        for source, calls in found.items():
            prefix = ctx.model.string_prefix(source) or ""
            hosted = ctx.unit.is_notebook and (_HOSTED.match(prefix) or _is_parameter(source, ctx))
            if hosted or _PLACEHOLDER.search(prefix) or any(_same(prefix, path) for path in probed):
                continue
            if tolerated.intersection(each for each in ctx.model.ancestors(source) if isinstance(each, cst.Arg)):
                continue
            if _is_expected_to_fail(source, ctx) or _is_configurable(source, ctx):
                continue
            if not (probes and _is_one_of_several(source, ctx)):
                self._report(source, prefix, calls, ctx)

    def _report(self, source: cst.BaseExpression, prefix: str, calls: list[CallSite], ctx: Context) -> None:
        match = _HOME.match(prefix) or _MACHINE.match(prefix)
        assert match is not None, "only paths that match are collected"
        inside = [call for call in calls if call.node in ctx.model.ancestors(source)]
        users = [call for call in calls if call not in inside]
        # What makes the directory need not fail, but nobody else will find what is put there.
        user = next((call for call in (*inside, *users) if call.last_name not in _MAKES), None)
        default = _is_argument_default(source, ctx)
        fails = f"`{ctx.model.text(user.node.func)}` fails" if user is not None else "the code fails"
        what = f"{fails} on every other one"
        if default:
            what = "this default fails on every other one"
        elif any(call.last_name in _MAKES for call in calls):
            what = "on every other one nobody finds what is put there"
        ctx.report(
            source,
            f"`{match['machine']}` exists on one machine only, so {what}",
            help="Make it required, or relative to the project"
            if default
            else "Take the directory from an argument, a setting or an environment variable",
            trace=[(call, f"`{ctx.model.text(call.node.func)}` uses the path here") for call in users],
            fix=None if default else lambda: _from_environment(source, prefix, ctx),
        )


_MAKES = frozenset({"mkdir", "makedirs"})
_MAY_MATCH = re.compile(r"[\"'](?:/[a-zA-Z]|[A-Za-z]:[\\/]|\\\\)")


def _paths(call: CallSite) -> Iterator[cst.BaseExpression]:
    """Yield the expressions that a call uses as paths."""
    is_method = call.last_name in _PATH_METHODS or call.last_name in _PROBING_METHODS
    if is_method and call.receiver is not None and (call.name or "").startswith("pathlib."):
        yield call.receiver
    # Making a `Path` opens nothing; what is done with it counts.
    if call.fact is not None and not (call.name or "").startswith("pathlib."):
        yield from call.arguments_for(call.fact.paths)
    if call.name in _PROBES:
        yield from (arg.value for arg in call.positional)


def _is_value(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a string is a value of its own: assigned, or passed to a call that may use it as a path."""
    parent = ctx.model.parent(node)
    if isinstance(parent, (cst.Assign, cst.AnnAssign)):
        return True
    if isinstance(parent, cst.Param):
        return parent.default is node
    if isinstance(parent, cst.DictElement):
        return parent.value is node
    if isinstance(parent, cst.Arg):
        call = ctx.model.parent(parent)
        if not isinstance(call, cst.Call):
            return False
        site = ctx.model.call(call)
        return site.name not in _PROBES and site.last_name not in _NO_PATHS and not (site.name or "").startswith("re.")
    return False


_NO_PATHS_WORDS = (
    "mount print info debug warning error exception log write replace startswith endswith strip lstrip rstrip "
    "removeprefix split sub match search assertEqual skip skipif Markdown HTML run Popen system check_call "
    "check_output call"
)
_NO_PATHS = frozenset(_NO_PATHS_WORDS.split())


def _is_parameter(source: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether whoever runs the notebook fills a value in: in a form field, or in the cell of parameters."""
    lines = ctx.unit.lines
    if "@param" in lines.line(lines.row(ctx.model.range(source).end)):
        return True
    return "parameters" in ctx.model.cell(source).tags


def _is_expected_to_fail(source: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether code catches that there is no such file."""
    inner: cst.CSTNode = source
    for above in ctx.model.ancestors(source):
        if isinstance(above, cst.Try) and above.body is inner:
            caught = [handler.type for handler in above.handlers]
            if any(each is None or ctx.model.text(each).rpartition(".")[2] in _MISSING for each in caught):
                return True
        inner = above
    return False


_MISSING = frozenset({"FileNotFoundError", "OSError", "IOError", "EnvironmentError"})


def _same(path: str, probed: str) -> bool:
    return path.startswith(probed) or probed.startswith(path)


def _is_configurable(source: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a path is only the default of an environment variable."""
    parent = ctx.model.parent(source)
    call = ctx.model.parent(parent) if isinstance(parent, cst.Arg) else None
    return isinstance(call, cst.Call) and ctx.model.call(call).name in ("os.environ.get", "os.getenv")


def _is_one_of_several(source: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a path stands in a list, of which a program that looks for files takes the one that is there."""
    for above in ctx.model.ancestors(source):
        if isinstance(above, (cst.List, cst.Tuple)):
            return len(above.elements) > 1
        if isinstance(above, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
    return False


def _is_argument_default(source: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether a path is the default of a parameter or of a command-line argument, which callers can replace."""
    parent = ctx.model.parent(source)
    is_keyword = isinstance(parent, cst.Arg) and parent.keyword is not None and parent.keyword.value == "default"
    return is_keyword or isinstance(parent, cst.Param)


def _from_environment(source: cst.BaseExpression, prefix: str, ctx: Context) -> Fix | None:
    """Return the fix that lets an environment variable replace a path."""
    if not isinstance(source, cst.SimpleString) or source.prefix.lower() not in ("", "r"):
        return None
    variable = _variable(source, prefix, ctx)
    module, edits = ctx.fix.import_name("os", None, source)
    text = f'{module}.environ.get("{variable}", {ctx.model.text(source)})'
    return Fix(
        f"Let the environment variable `{variable}` say where it is",
        [*edits, ctx.fix.replace(source, text)],
        Applicability.UNSAFE,
    )


def _variable(source: cst.BaseExpression, prefix: str, ctx: Context) -> str:
    """Name the environment variable after the name that holds the path, or after the end of the path."""
    parent = ctx.model.parent(source)
    if isinstance(parent, cst.Assign) and isinstance(parent.targets[0].target, cst.Name):
        name = parent.targets[0].target.value.upper().strip("_")
        return f"DATA_{name}" if name in _TAKEN or len(name) < 3 else name
    last = re.split(r"[\\/]+", prefix.rstrip("\\/"))[-1]
    word = _WORD.sub("_", last).strip("_").upper()
    if not word or word[0].isdigit() or len(word) > 24:
        return "DATA_DIR" if "." not in last else "DATA_FILE"
    return word if "." in last else f"{word}_DIR"
