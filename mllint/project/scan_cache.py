"""Keeps what was read from the files of a project, so that files that have not changed need not be read again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec

from mllint.project.scan import FileCalls, FileScan
from mllint.text.atomic import write_atomically


class _Entry(msgspec.Struct, array_like=True):
    """A file as it was when it was read."""

    modified: int
    size: int
    package: str
    scan: FileScan
    calls: FileCalls | None = None


class _Store(msgspec.Struct, array_like=True):
    seeders: str
    entries: dict[str, _Entry]


class ScanCache:
    """Scans of one project's files, by file name relative to the root.

    Args:
        file: where scans are kept between runs, by one version of mllint; nowhere if None.
        seeders: the qualified names that scans were made for; scans for others are not read.
    """

    def __init__(self, file: Path | None = None, seeders: Iterable[str] = ()) -> None:
        self._file = file
        self._seeders = sha256("\n".join(sorted(seeders)).encode()).hexdigest()
        self._old: dict[str, _Entry] = {}
        self._entries: dict[str, _Entry] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self._content: dict[str, bytes] = {}
        self._is_changed = False
        if file is not None:
            self._old = self._load(file)

    def scan(self, root: Path, filename: str, package: str) -> FileScan | None:
        """Return the scan of a file that has not changed since and still belongs to ``package``."""
        if not self._old:
            return None
        entry = self._old.get(filename)
        if entry is None or entry.package != package or self._stamp(root, filename) != (entry.modified, entry.size):
            return None
        self._entries[filename] = entry
        return entry.scan

    def calls(self, filename: str) -> FileCalls | None:
        """Return the calls of a file whose scan is known."""
        entry = self._entries.get(filename)
        return entry.calls if entry is not None else None

    def content(self, root: Path, filename: str) -> bytes | None:
        """Return the content of a file, or None if it cannot be read."""
        try:
            if self._file is not None:
                self._stamp(root, filename)  # before reading: a change in between is then seen next time
            return (root / filename).read_bytes()
        except OSError:
            return None

    def keep_scan(self, filename: str, package: str, scan: FileScan) -> None:
        """Keep the scan of a file that was just read."""
        self._entries[filename] = _Entry(*self._stamps.get(filename, (0, 0)), package, scan)
        self._is_changed = True

    def keep_calls(self, filename: str, calls: FileCalls) -> None:
        """Keep the calls of a file whose scan is known."""
        entry = self._entries.get(filename)
        if entry is not None:
            entry.calls = calls
            self._is_changed = True

    def save(self) -> None:
        """Write what has changed; a cache that cannot be written is none."""
        if self._file is None or not (self._is_changed or self._entries.keys() != self._old.keys()):
            return
        data = msgspec.msgpack.encode(_Store(self._seeders, self._entries))
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, data, durable=False)
        except OSError:
            return

    def _load(self, file: Path) -> dict[str, _Entry]:
        try:
            store = msgspec.msgpack.decode(file.read_bytes(), type=_Store)
        except (OSError, msgspec.DecodeError):
            return {}
        return store.entries if store.seeders == self._seeders else {}

    def _stamp(self, root: Path, filename: str) -> tuple[int, int] | None:
        try:
            status = (root / filename).stat()
        except OSError:
            return None
        self._stamps[filename] = (status.st_mtime_ns, status.st_size)
        return self._stamps[filename]
