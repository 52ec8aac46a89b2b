"""The result cache: what a file's check gave, by everything that the result depends on.

An entry's name is a hash of the file's content, its path, the settings, the rules, the knowledge, the facts of the
project and the versions; a result is never looked up by time or path alone, so there is nothing to invalidate.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import msgspec

import mllint
from mllint.config.settings import Settings
from mllint.engine.result import FileResult
from mllint.text.atomic import write_atomically

#: Name of the cache in a project root, where the settings name no other place.
CACHE_DIRECTORY = ".mllint_cache"

_FORMAT = 2
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds a cache of mllint and can be deleted.\n"


def cache_directory(settings: Settings) -> Path:
    """Return where the results of files with these settings are kept."""
    return settings.cache_dir or settings.project_root / CACHE_DIRECTORY


def prepare_cache(directory: Path) -> None:
    """Make a cache directory that git and backup programs leave alone; where that cannot be, there is no cache."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            path = directory / name
            if not path.exists():
                path.write_text(content, encoding="utf-8")
    except OSError:
        pass


class ResultCache:
    """Results of one group of files, kept below ``directory``.

    Args:
        directory: the cache directory.
        context: what all files of the group share, as a string: settings, rules, knowledge, project facts.
    """

    def __init__(self, directory: Path, context: str) -> None:
        self._directory = directory / mllint.__version__
        self._context = hashlib.sha256(f"{_FORMAT}\0{mllint.__version__}\0{context}".encode()).digest()

    def key(self, name: str, data: bytes) -> str:
        """Return the key for a file with a shown name and a content."""
        digest = hashlib.sha256(self._context)
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(data)
        return digest.hexdigest()

    def get(self, key: str) -> FileResult | None:
        """Return the stored result, or None; a damaged entry counts as none."""
        try:
            return msgspec.msgpack.decode(self._path(key).read_bytes(), type=FileResult)
        except (OSError, msgspec.MsgspecError):
            return None

    def put(self, key: str, result: FileResult) -> None:
        """Store a result; a cache that cannot be written only costs time."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, msgspec.msgpack.encode(result), durable=False)
        except OSError:
            pass

    def _path(self, key: str) -> Path:
        return self._directory / key[:2] / key[2:]


def clean(directory: Path) -> bool:
    """Remove a cache directory; returns whether there was one.

    Raises:
        OSError: the directory is not a cache of mllint, or cannot be removed.
    """
    if not directory.is_dir():
        return False
    if not (directory / "CACHEDIR.TAG").is_file():
        raise OSError(f"{directory} does not look like a cache of mllint (it has no CACHEDIR.TAG)")
    shutil.rmtree(directory)
    return True
