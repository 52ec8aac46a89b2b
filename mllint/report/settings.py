"""Settings as text: what ``--show-settings`` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mllint.config.settings import Settings

_WIDTH = 100


def settings_toml(path: Path, settings: Settings) -> Iterator[str]:
    """Yield the settings of a path in the notation of TOML."""
    yield f"# Settings for {path.as_posix()}\n"
    yield f"# Configuration file: {settings.config_file or 'none'}\n"
    for name, value in msgspec.structs.asdict(settings).items():
        if name != "config_file" and value is not None:
            yield f"{name.replace('_', '-')} = {_toml(value)}\n"
    yield "\n"


def _toml(value: Any) -> str:
    match value:
        case Path():
            return json.dumps(value.as_posix(), ensure_ascii=False)
        case Mapping():
            entries = ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items())
            return f"{{ {entries} }}" if entries else "{}"
        case [(str(), tuple()), *_]:  # globs with their selectors
            return _toml(dict(value))
        case tuple() | list():
            items = [_toml(item) for item in value]
            line = f"[{', '.join(items)}]"
            if len(line) <= _WIDTH:
                return line
            return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    return json.dumps(value, ensure_ascii=False)
