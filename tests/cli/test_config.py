"""``mllint config``."""

from __future__ import annotations

import json

from cli_outcome import Run

from mllint.config.schema import config_reference


def test_list_of_options(mllint: Run) -> None:
    lines = mllint("config").out.splitlines()
    assert [line.split()[0] for line in lines] == [option.name for option in config_reference()]


def test_every_option_is_explained(mllint: Run) -> None:
    for option in config_reference():
        outcome = mllint("config", option.name)
        assert outcome.code == 0
        assert outcome.out.startswith(f"{option.name}\n\n")
        assert option.example.splitlines()[-1].strip() in outcome.out


def test_option_as_json(mllint: Run) -> None:
    assert json.loads(mllint("config", "seed", "--output-format", "json").out)["default"] == "42"
    assert len(json.loads(mllint("config", "--output-format", "json").out)) == len(config_reference())


def test_names_as_people_write_them(mllint: Run) -> None:
    assert mllint("config", "tool.mllint.per_file_ignores").out == mllint("config", "per-file-ignores").out


def test_unknown_option(mllint: Run) -> None:
    assert mllint("config", "excude") == (2, "", 'error: there is no option "excude"; did you mean "exclude"?\n')


def test_schema_knows_rules_and_their_options(mllint: Run) -> None:
    schema = json.loads(mllint("config", "--schema").out)
    assert schema["properties"]["seed"]["default"] == 42
    assert "unseeded-split" in schema["properties"]["rules"]["properties"]
