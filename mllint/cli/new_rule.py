"""``mllint new-rule``: makes the files of a new rule, which then only have to be filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import NamedTuple

import click

import mllint
from mllint.cli.console import write
from mllint.cli.errors import CommandError, config_errors
from mllint.cli.parameters import Command
from mllint.cli.registry import open_registry
from mllint.config.errors import did_you_mean, shown_path
from mllint.config.loading import SettingsResolver
from mllint.rule.naming import class_name, module_name, name_problem
from mllint.rule.registry import Registry
from mllint.rule.rule import CATEGORIES
from mllint.text.toml import TomlError, parse_toml

#: Where a repository keeps its own rules if its settings name no folder.
_LOCAL_RULES = "mllint-rules"
#: Where case files lie if the pack's pytest settings do not say.
_CASES = "fixtures/rules"


class _Home(NamedTuple):
    """Where the files of a pack's rules belong: modules below ``package``, cases below ``cases``."""

    package: Path
    cases: Path


@click.command("new-rule", cls=Command)
@click.argument("name")
@click.option("--category", help="The category of the rule; a rule of a pack must have one.")
@click.option("--declarative", is_flag=True, help="Make a TOML rule in a pack, too.")
@click.option(
    "--pack",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The package of a rule pack; by default the pack whose source tree is the working directory.",
)
def new_rule(name: str, category: str | None, declarative: bool, pack: Path | None) -> None:
    """Make the files of a rule called NAME.

    In the source tree of a pack that is a Python module and a file with cases; nothing else has to be edited. In
    any other repository it is a TOML file, mllint-rules/NAME.toml. The new rule works and is tested; it is about a
    function that does not exist, whose place yours will take.
    """
    problem = name_problem(name)
    if problem is not None:
        raise CommandError(problem)
    if category is not None and category not in CATEGORIES:
        hint = did_you_mean(category, CATEGORIES) or f"; there are {', '.join(CATEGORIES)}"
        raise CommandError(f'there is no category "{category}"{hint}')
    cwd = Path.cwd()
    with config_errors():
        settings = SettingsResolver(cwd).for_path(cwd)
    registry = open_registry((), isolated=False, python_rules=())
    known = registry.find(name)
    if known is not None:
        was = "" if known.name == name else f' as a former name of "{known.name}"'
        raise CommandError(f'there is a rule "{name}" already{was}, in the pack "{known.pack}"')
    home = _home_of(pack) if pack is not None else _surrounding_home(registry, cwd)
    if home is None:
        folder = next((path for path in settings.rule_paths if not path.endswith(".toml")), _LOCAL_RULES)
        directory = settings.root / folder
        files = _local_files(name, category or "correctness", directory)
        advice = f"`mllint rule {name}` shows its page"
    else:
        if category is None:
            raise CommandError(f"name the category with --category: {', '.join(CATEGORIES)}")
        files = _pack_files(name, category, home, declarative)
        advice = f"`pytest -k {name}` runs its cases"
    _write(files)
    made = " and ".join(shown_path(path) for path in files)
    write([f"Made {made}.\nPut yours in the place of `package.function` and its `option`; {advice}.\n"])


def _home_of(package: Path) -> _Home:
    package = package.absolute()
    if not (package / "__init__.py").is_file():
        raise CommandError(f"{shown_path(package)} is not a package: it has no __init__.py")
    project = _project_of(package) or package.parent
    return _Home(package, project / _cases_folder(project))


def _surrounding_home(registry: Registry, cwd: Path) -> _Home | None:
    """Return the place for rules of the pack in whose source tree the working directory is."""
    for pack in registry.packs:
        project = _project_of(pack.root)
        is_installed = "site-packages" in pack.root.parts
        if pack.package and project is not None and not is_installed and cwd.is_relative_to(project):
            return _home_of(pack.root)
    return None


def _project_of(directory: Path) -> Path | None:
    return next((parent for parent in directory.parents if (parent / "pyproject.toml").is_file()), None)


def _cases_folder(project: Path) -> str:
    """Return the first folder that the project's pytest settings name for case files."""
    try:
        table = parse_toml((project / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, TomlError, UnicodeDecodeError):
        return _CASES
    folders = table.get("tool", {}).get("pytest", {}).get("ini_options", {}).get("mllint_cases", [])
    return str(folders[0]) if folders else _CASES


def _pack_files(name: str, category: str, home: _Home, declarative: bool) -> dict[Path, str]:
    folder = home.package / category
    files: dict[Path, str] = {}
    if declarative:
        files[folder / f"{module_name(name)}.toml"] = _filled(_DECLARATIVE, name, category)
    else:
        files[folder / f"{module_name(name)}.py"] = _filled(_PYTHON, name, category)
    files[home.cases / category / f"{name}.md"] = _filled(_CASE_FILE, name, category)
    if not declarative and not (folder / "__init__.py").exists():
        files[folder / "__init__.py"] = f'"""Rules of the category {category}."""\n'
    return files


def _local_files(name: str, category: str, directory: Path) -> dict[Path, str]:
    text = _filled(_DECLARATIVE, name, category)
    return {directory / f"{name}.toml": text + _filled(_EXAMPLES, name, category)}


def _write(files: dict[Path, str]) -> None:
    for path in files:
        if path.exists():
            raise CommandError(f"{shown_path(path)} exists already")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {shown_path(path)}: {error.strerror or error}") from None


def _filled(template: str, name: str, category: str) -> str:
    return Template(template).substitute(
        name=name, category=category, class_name=class_name(name), version=mllint.__version__
    )


_PYTHON = '''\
"""The rule ``$name``."""

from mllint import CallSite, Context, Rule, on_call


class $class_name(Rule):
    """A call of `package.function` leaves `option` out.

    ## What it does
    Finds calls of `package.function` without `option`.

    ## Why is this bad
    Say what goes wrong, and when it is noticed.

    ## Example
    ```python
    import package

    package.function()
    ```

    ## Use instead
    ```python
    import package

    package.function(option=True)
    ```

    ## References
    - Say where this is documented.
    """

    name = "$name"
    category = "$category"
    since = "$version"

    @on_call("package.function")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a call that surely leaves the option out."""
        if call.argument("option").absent:
            ctx.report(
                call,
                "`package.function` without `option` does what nobody expects",
                help="Pass `option`",
            )
'''

_DECLARATIVE = '''\
[[rule]]
name = "$name"
category = "$category"
since = "$version"
summary = "A call of `package.function` leaves `option` out."
message = "`{call}` without `option` does what nobody expects"
help = "Pass `option`"
what = "Finds calls of `package.function` without `option`."
why = "Say what goes wrong, and when it is noticed."
example = """
import package

package.function()
"""
use-instead = """
import package

package.function(option=True)
"""
fix-safety = "Say what applying the fix may change."
references = ["Say where this is documented."]

[[rule.match]]
call = "package.function"
when = [{ argument = "option", is = "absent" }]

[rule.fix]
kind = "set-keyword"
name = "option"
value = "True"
applicability = "unsafe"
message = "Pass `option=True`"
'''

_EXAMPLES = '''
[[rule.examples]]
bad = """
import package

package.function()
"""
good = """
import package

package.function(option=False)
"""
'''

_CASE_FILE = """\
# $name

Say what the rule is careful about.

## Option left out

```py
import package

package.function()  # error: [$name]
```

## Another name for the function

```py
from package import function as call

call("data")  # error: [$name] "without `option`"
```

## Option passed

```py
import package

package.function(option=True)
```

## Option that cannot be seen

```py
import package

package.function(**settings)
```
"""
