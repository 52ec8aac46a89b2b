"""Which URLs give other data tomorrow: those that name a branch, or the latest version of something."""

from __future__ import annotations

import re
from typing import NamedTuple

_BRANCH = r"(?:refs/heads/[\w.-]+|main|master|trunk|HEAD|develop|dev|gh-pages)"
_MOVING = [
    (re.compile(rf"https?://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/(?P<ref>{_BRANCH})/"), "branch"),
    (re.compile(rf"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]+/raw/(?P<ref>{_BRANCH})/"), "branch"),
    (
        # Without ``raw`` GitHub gives a page about the file, not the file.
        re.compile(rf"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]+/blob/(?P<ref>{_BRANCH})/\S*\?raw=(?:true|1)"),
        "branch",
    ),
    (re.compile(rf"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]+/archive/(?P<ref>{_BRANCH})\."), "branch"),
    (re.compile(r"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]+/(?P<ref>releases/latest)/download/"), "release"),
    (re.compile(rf"https?://cdn\.jsdelivr\.net/gh/[\w.-]+/[\w.-]+@(?P<ref>{_BRANCH}|latest)/"), "branch"),
    (re.compile(rf"https?://gitlab\.com/[\w./-]+?/-/raw/(?P<ref>{_BRANCH})/"), "branch"),
    (
        re.compile(rf"(?:https?://huggingface\.co|hf:/)/[\w./-]+?/(?:resolve|raw|blob)/(?P<ref>{_BRANCH})/"),
        "branch",
    ),
    (re.compile(r"https?://\S*?/(?P<ref>latest)/"), "version"),
]
_NO_DATA = re.compile(
    r"\.(?:png|jpe?g|gif|webp|bmp|svg|tiff?|ico|wav|mp3|flac|ogg|m4a|mp4|mov|avi|webm|pdf|html?|md|rst|py|ipynb"
    r"|sh|css|js"
    r"|ttf|otf|whl|mplstyle|toml|ya?ml|cfg|ini)(?:[?#]|$)|/requirements[\w.-]*\.txt$"
    r"|/(?:LICEN[CS]E|COPYING|NOTICE|README|CHANGELOG|CITATION)[\w.-]*$",
    re.IGNORECASE,
)
#: The name of a file that holds its own checksum: ``resnet50-0676ba61.pth``.
_HASHED = re.compile(r"[-_.][0-9a-f]{8,64}\.\w+$")
#: What must be in a text for any of the patterns to match.
WORDS = ("main", "master", "trunk", "HEAD", "develop", "dev", "gh-pages", "latest", "heads")


class MovingUrl(NamedTuple):
    """A URL whose content changes: ``ref`` is the part that moves, ``what`` it is a branch, release or version."""

    url: str
    ref: str
    what: str


def moving(url: str) -> MovingUrl | None:
    """Return what moves in a URL of data, or None if nothing is known to; pictures, pages and code are no data."""
    if _NO_DATA.search(url) or _HASHED.search(url):
        return None
    for pattern, what in _MOVING:
        match = pattern.match(url)
        if match is not None:
            return MovingUrl(url, match["ref"], what)
    return None
