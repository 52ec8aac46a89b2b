"""What can be told of Python text without parsing it: where strings, comments, brackets and lines begin and end."""

from __future__ import annotations

import re

#: A line end that a backslash hides.
JOINED_LINE_END = r"\\(?:\r\n|\r|\n)"

#: What can end a logical line, or hide its end. A string is matched by its opening quotes only.
STRUCTURE = rf"""#[^\r\n]*|'{{3}}|"{{3}}|['"()\[\]{{}}]|{JOINED_LINE_END}|\r\n|\r|\n"""

LINE_ENDS = frozenset(("\n", "\r", "\r\n"))

_STRING_ENDS = {
    "'": re.compile(r"(?:[^'\\\r\n]+|\\(?:\r\n|[\s\S])?)*'?"),
    '"': re.compile(r'(?:[^"\\\r\n]+|\\(?:\r\n|[\s\S])?)*"?'),
    "'''": re.compile(r"(?:[^'\\]+|\\[\s\S]?|'(?!''))*(?:'''|\Z)"),
    '"""': re.compile(r'(?:[^"\\]+|\\[\s\S]?|"(?!""))*(?:"""|\Z)'),
}

#: The tokens that open a string, without a prefix.
QUOTES = frozenset(_STRING_ENDS)


def string_end(text: str, quotes: str, position: int) -> int:
    """Return the end of a string whose opening ``quotes`` end at ``position``.

    A string in single quotes that is not closed ends with its line, one in triple quotes with the text.
    """
    return matched_end(_STRING_ENDS[quotes], text, position)


def matched_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where the match of ``pattern`` at ``position`` ends; ``position`` itself if it does not match."""
    match = pattern.match(text, position)
    return position if match is None else match.end()
