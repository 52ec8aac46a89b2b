"""Files are replaced whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint.text.atomic import write_atomically


def test_contents_are_replaced_and_the_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.py"
    path.write_bytes(b"old")
    path.chmod(0o750)
    write_atomically(path, b"new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o750
    assert [file.name for file in tmp_path.iterdir()] == ["run.py"]


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.py"
    target.write_bytes(b"old")
    link = tmp_path / "a.py"
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert [file.name for file in target.parent.iterdir()] == ["a.py"]


def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.py", b"new", durable=False)
    (tmp_path / "b.py").write_bytes(b"new")
    assert (tmp_path / "a.py").stat().st_mode == (tmp_path / "b.py").stat().st_mode


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()
    with pytest.raises(OSError, match=r"a\.py"):
        write_atomically(tmp_path / "a.py", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.py"]
    with pytest.raises(OSError, match="missing"):
        write_atomically(tmp_path / "missing" / "a.py", b"new")
