"""The schema of ``[tool.mllint]`` and ``mllint.toml``: the one place where an option is named, typed and explained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mllint.config.settings import Settings

SeverityName = Literal["error", "warning", "info"]
ConfidenceName = Literal["low", "medium", "high"]
OutputFormat = Literal["full", "concise", "json", "jsonl"]
Strings = list[str]
#: Every generator a fix can seed takes these.
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Options(msgspec.Struct, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """Options as a configuration file gives them; what it does not mention is unset.

    Descriptions and examples become the configuration page and the JSON Schema. An example is the TOML that follows
    ``[tool.mllint]``.
    """

    extend: Annotated[
        str | UnsetType,
        Meta(
            description=(
                "Another configuration file to build on. Its options are read first. A key of this file replaces the "
                "same key there together with its `extend-` key; `ignore`, `unfixable` and the `extend-` keys add to "
                "what is there; `roles`, `severity` and `rules` are merged entry by entry. The path is relative to "
                "this file; `~` and environment variables are expanded. Globs of the other file count from the "
                "directory of this one."
            ),
            examples=['extend = "../mllint.toml"'],
        ),
    ] = UNSET
    required_version: Annotated[
        str | UnsetType,
        Meta(
            description="The versions of mllint that may be used with this configuration, as a PEP 440 specifier.",
            examples=['required-version = ">=0.1"'],
        ),
    ] = UNSET

    select: Annotated[
        Strings | UnsetType,
        Meta(
            description="The rules to run; selectors are rule names, categories, tiers, or `ALL`.",
            examples=['select = ["recommended", "documentation"]'],
        ),
    ] = UNSET
    extend_select: Annotated[
        Strings | UnsetType,
        Meta(
            description="Rules to run beside those of `select`.",
            examples=['extend-select = ["pedantic"]'],
        ),
    ] = UNSET
    ignore: Annotated[
        Strings | UnsetType,
        Meta(
            description=(
                "Rules not to run. The more exact selector wins: a rule that is selected by its name runs although "
                "its category is ignored."
            ),
            examples=['ignore = ["portability"]'],
        ),
    ] = UNSET
    extend_ignore: Annotated[
        Strings | UnsetType,
        Meta(
            description="Rules not to run, beside those of `ignore`.",
            examples=['extend-ignore = ["my-rule"]'],
        ),
    ] = UNSET
    per_file_ignores: Annotated[
        dict[str, Strings] | UnsetType,
        Meta(
            description=(
                "Rules not to run in some files. A key is a glob, matched against the file's name and its path from "
                "the configuration's directory; with a leading `!` it stands for all files that do not match."
            ),
            examples=['[tool.mllint.per-file-ignores]\n"notebooks/*.ipynb" = ["documentation"]'],
        ),
    ] = UNSET
    extend_per_file_ignores: Annotated[
        dict[str, Strings] | UnsetType,
        Meta(
            description="Rules not to run in some files, beside those of `per-file-ignores`.",
            examples=['[tool.mllint.extend-per-file-ignores]\n"tests/*" = ["ALL"]'],
        ),
    ] = UNSET
    severity: Annotated[
        dict[str, SeverityName] | UnsetType,
        Meta(
            description="The severity of single rules, where it should differ from the rule's own.",
            examples=['[tool.mllint.severity]\nmy-rule = "error"'],
        ),
    ] = UNSET
    min_confidence: Annotated[
        ConfidenceName | UnsetType,
        Meta(
            description="How sure mllint must be of a finding to report it.",
            examples=['min-confidence = "medium"'],
        ),
    ] = UNSET
    rules: Annotated[
        dict[str, dict[str, Any]] | UnsetType,
        Meta(
            description="Options of single rules, one table for each; a rule's page lists them.",
            examples=['[tool.mllint.rules.my-rule]\nallow = ["/dev/null"]'],
        ),
    ] = UNSET
    roles: Annotated[
        dict[str, str | Strings] | UnsetType,
        Meta(
            description=(
                "What your own functions do: qualified names, and the role or roles of each. Rules then treat a call "
                "of yours like a library call of that role."
            ),
            examples=['[tool.mllint.roles]\n"churn.data.load" = "loads-data"'],
        ),
    ] = UNSET
    rule_paths: Annotated[
        Strings | UnsetType,
        Meta(
            description="Directories and files with TOML rules of your own, relative to the configuration file.",
            examples=['rule-paths = ["tools/mllint-rules"]'],
        ),
    ] = UNSET
    python_rules: Annotated[
        Strings | UnsetType,
        Meta(
            description=(
                "Python files with rules of your own, relative to the configuration file. As they are run, they are "
                "taken from the user-level configuration and the command line only."
            ),
            examples=['# mllint.toml of the user\npython-rules = ["~/mllint/house_rules.py"]'],
        ),
    ] = UNSET

    fix: Annotated[
        bool | UnsetType,
        Meta(description="Apply safe fixes without being asked to by `--fix`.", examples=["fix = true"]),
    ] = UNSET
    unsafe_fixes: Annotated[
        bool | UnsetType,
        Meta(description="Show unsafe fixes as applicable, and apply them too.", examples=["unsafe-fixes = true"]),
    ] = UNSET
    show_fixes: Annotated[
        bool | UnsetType,
        Meta(description="List the fixes that were applied.", examples=["show-fixes = true"]),
    ] = UNSET
    fixable: Annotated[
        Strings | UnsetType,
        Meta(description="The rules whose fixes may be applied.", examples=['fixable = ["reproducibility"]']),
    ] = UNSET
    extend_fixable: Annotated[
        Strings | UnsetType,
        Meta(
            description="Rules whose fixes may be applied, beside those of `fixable`.",
            examples=['extend-fixable = ["deprecated"]'],
        ),
    ] = UNSET
    unfixable: Annotated[
        Strings | UnsetType,
        Meta(description="The rules whose fixes are never applied.", examples=['unfixable = ["my-rule"]']),
    ] = UNSET
    extend_safe_fixes: Annotated[
        Strings | UnsetType,
        Meta(
            description="Rules whose unsafe fixes count as safe.",
            examples=['extend-safe-fixes = ["my-rule"]'],
        ),
    ] = UNSET
    extend_unsafe_fixes: Annotated[
        Strings | UnsetType,
        Meta(
            description="Rules whose safe fixes count as unsafe.",
            examples=['extend-unsafe-fixes = ["my-rule"]'],
        ),
    ] = UNSET
    seed: Annotated[
        Seed | UnsetType,
        Meta(description="The seed that fixes insert.", examples=["seed = 7"]),
    ] = UNSET

    include: Annotated[
        Strings | UnsetType,
        Meta(
            description="Globs of the files to check when a directory is given.",
            examples=['include = ["*.py", "*.ipynb"]'],
        ),
    ] = UNSET
    extend_include: Annotated[
        Strings | UnsetType,
        Meta(
            description="Globs of files to check, beside those of `include`.",
            examples=['extend-include = ["*.pyw"]'],
        ),
    ] = UNSET
    exclude: Annotated[
        Strings | UnsetType,
        Meta(
            description="Globs of files and directories to pass over. A name without a slash matches at any depth.",
            examples=['exclude = [".venv", "third_party"]'],
        ),
    ] = UNSET
    extend_exclude: Annotated[
        Strings | UnsetType,
        Meta(
            description="Globs of files and directories to pass over, beside those of `exclude`.",
            examples=['extend-exclude = ["scratch"]'],
        ),
    ] = UNSET
    test_files: Annotated[
        Strings | UnsetType,
        Meta(
            description=(
                "Globs of files and directories with tests. A missing seed, a fixed path or a leak in a test is the "
                "test's own business, so few rules look at tests: those whose page lists `tests` among its units. An "
                "empty list makes tests files like all others. A name without a slash matches at any depth."
            ),
            examples=['test-files = ["test_*.py", "spec"]'],
        ),
    ] = UNSET
    extend_test_files: Annotated[
        Strings | UnsetType,
        Meta(
            description="Globs of files and directories with tests, beside those of `test-files`.",
            examples=['extend-test-files = ["integration"]'],
        ),
    ] = UNSET
    force_exclude: Annotated[
        bool | UnsetType,
        Meta(
            description="Pass over excluded files even when they are named on the command line.",
            examples=["force-exclude = true"],
        ),
    ] = UNSET
    respect_gitignore: Annotated[
        bool | UnsetType,
        Meta(
            description="Pass over what `.gitignore` and the other ignore files of git exclude.",
            examples=["respect-gitignore = false"],
        ),
    ] = UNSET

    output_format: Annotated[
        OutputFormat | UnsetType,
        Meta(description="How diagnostics are printed.", examples=['output-format = "concise"']),
    ] = UNSET
    cache_dir: Annotated[
        str | UnsetType,
        Meta(
            description=(
                "Where results are kept between runs, relative to the configuration file; `.mllint_cache` in the "
                "project's root if it is not set."
            ),
            examples=['cache-dir = "~/.cache/mllint"'],
        ),
    ] = UNSET


class OptionDoc(NamedTuple):
    """What the configuration page says of an option; ``default`` and ``example`` are TOML."""

    name: str
    type: str
    default: str
    description: str
    example: str

    @property
    def whole_example(self) -> str:
        """The example with the table it stands in; one that begins with a comment says itself where it belongs."""
        return self.example if self.example.startswith(("[tool.mllint", "#")) else f"[tool.mllint]\n{self.example}"


def config_reference() -> list[OptionDoc]:
    """Return the documentation of every option, in the order in which it should be read."""
    return [
        OptionDoc(name, describe(option.type), _toml(default_of(name)), option.description, option.example)
        for name, option in option_types().items()
    ]


def json_schema(rule_options: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a configuration.

    Args:
        rule_options: the JSON Schema of the option table of each rule that is known. With it, unknown rules and
            options are errors; without it, any table is right.
    """
    (_, components) = msgspec.json.schema_components([Options], ref_template="#/$defs/{name}")
    options = components["Options"]
    properties = options["properties"]
    for name, schema in properties.items():
        default = default_of(name)
        if default is not None and default != {}:
            schema["default"] = default
    if rule_options is not None:
        properties["rules"] = {
            "description": properties["rules"]["description"],
            "type": "object",
            "properties": {name: dict(schema) for name, schema in sorted(rule_options.items())},
            "additionalProperties": False,
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mllint",
        "description": "The configuration of mllint: [tool.mllint] of pyproject.toml, or mllint.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


class OptionType(NamedTuple):
    """The type of an option, and what is said about it."""

    type: Any
    description: str
    example: str


@lru_cache(maxsize=1)
def option_types() -> dict[str, OptionType]:
    """Return every option by its name, in the order of the schema."""
    hints = get_type_hints(Options, include_extras=True)
    types = {}
    for field in msgspec.structs.fields(Options):
        union, meta = get_args(hints[field.name])
        (type_,) = _members(union)
        types[field.encode_name] = OptionType(type_, meta.description, meta.examples[0])
    return types


def default_of(name: str) -> Any:
    """Return what an option is when it is not set, as plain data; None where there is nothing to write down."""
    if get_origin(option_types()[name].type) is dict:
        return {}
    for field in msgspec.structs.fields(Settings):
        if field.encode_name == name.replace("-", "_"):
            return list(field.default) if isinstance(field.default, tuple) else field.default
    return [] if name.startswith("extend-") else None


def describe(type_: Any) -> str:
    """Say in words what values a type has, for error messages and the configuration page."""
    words = {bool: "true or false", int: "an integer", float: "a number", str: "a string"}
    if type_ in words:
        return words[type_]
    match get_origin(type_), get_args(type_):
        case origin, (inner, *_) if origin is Annotated:
            return describe(inner)
        case origin, values if origin is Literal:
            return "one of " + ", ".join(f'"{value}"' for value in values)
        case origin, (item,) if origin is list:
            return f"a list of {describe(item).split()[-1]}s"
        case origin, (_, value) if origin is dict:
            return "a table" if value is Any else f"a table whose values are each {describe(value)}"
    return " or ".join(map(describe, _members(type_)))


def _members(type_: Any) -> tuple[Any, ...]:
    """Return the types a union can be when it is set; any other type is its own only member."""
    if get_origin(type_) in (Union, UnionType):
        return tuple(member for member in get_args(type_) if member is not UnsetType)
    return (type_,)


def _toml(value: Any) -> str:
    """Write a default as TOML; all defaults are scalars, lists of strings or empty tables."""
    if value is None:
        return ""
    return "{}" if value == {} else json.dumps(value, ensure_ascii=False)
