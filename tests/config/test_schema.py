"""The schema and what is generated from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mllint.config.schema import config_reference, json_schema
from mllint.config.validation import validate
from mllint.text.toml import parse_toml


def test_every_option_is_documented_with_a_valid_example() -> None:
    for option in config_reference():
        assert option.description.endswith("."), option.name
        table: Any = parse_toml("[tool.mllint]\n" + option.example)["tool"]["mllint"]
        assert list(table) == [option.name]
        _, errors, warnings = validate(table, may_run_python=True)
        assert not errors, option.name
        assert not warnings, option.name


def test_defaults_are_valid_themselves() -> None:
    for option in config_reference():
        if option.default:
            table = parse_toml(f"{option.name} = {option.default}")
            assert validate(table, may_run_python=True).errors == [], option.name


def test_reference_shows_types_and_defaults() -> None:
    options = {option.name: option for option in config_reference()}
    assert (options["seed"].type, options["seed"].default) == ("an integer", "42")
    assert (options["select"].type, options["select"].default) == ("a list of strings", '["recommended"]')
    assert options["roles"].type == "a table whose values are each a string or a list of strings"
    assert options["per-file-ignores"].default == "{}"


@pytest.fixture(scope="module")
def check() -> Any:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped,unused-ignore]

    rule = {"type": "object", "properties": {"level": {"type": "integer"}}, "additionalProperties": False}
    schema = json_schema({"my-rule": rule})
    Draft202012Validator.check_schema(schema)
    json.dumps(schema)
    return Draft202012Validator(schema)


def test_json_schema_accepts_what_validation_accepts(check: Any) -> None:
    for option in config_reference():
        assert (
            check.is_valid(parse_toml("[tool.mllint]\n" + option.example)["tool"]["mllint"])
            or "my-rule" in option.example
        )


@pytest.mark.parametrize(
    "table",
    [
        {"selct": []},
        {"select": "ALL"},
        {"seed": -1},
        {"severity": {"r": "fatal"}},
        {"rules": {"other": {}}},
        {"rules": {"my-rule": {"levl": 1}}},
    ],
)
def test_json_schema_rejects(check: Any, table: dict[str, Any]) -> None:
    assert not check.is_valid(table)


def test_json_schema_merges_rule_options(check: Any) -> None:
    assert check.is_valid({"rules": {"my-rule": {"level": 3}}})
    assert "my-rule" not in json.dumps(json_schema()["properties"]["rules"].get("properties", {}))
