"""The rule ``download-without-checksum``."""

from __future__ import annotations

import re

import libcst as cst

from mllint import CallSite, Context, Rule, Tier, on_unit

_CHECKSUM_PARAMETER = re.compile(r"(?:^|_)(?:hash|md5|sha1|sha256|checksum)(?:_|$)")
_CHECKS = re.compile(
    r"(?i)\b(?:hashlib|md5(?:sum)?|sha(?:1|224|256|384|512)(?:sum)?|checksum|gpg|gnupg|xxhash|blake2b|crc32)\b"
    r"|_md5\b|md5_|checksum"
)
_FETCHERS = ("requests.get", "httpx.get", "urllib.request.urlopen")


class DownloadWithoutChecksum(Rule):
    """A file is downloaded and used, and nothing checks that it is the file that was meant.

    ## What it does
    Finds downloads into a file (`urlretrieve`, `open(...).write(requests.get(url).content)`, `pooch.retrieve` with
    `known_hash=None`, `keras.utils.get_file` and torchvision's `download_url` without a hash …) in files
    where nothing computes or passes a checksum.

    ## Why is this bad
    A download can be cut off, replaced by an error page, or changed at its source, by its owner or by an attacker.
    The wrong data is then trained on, or a pickled model is loaded and runs foreign code.

    ## Example
    ```python
    import pooch

    path = pooch.retrieve("https://data.example.org/churn-2024.csv", known_hash=None)
    ```

    ## Use instead
    ```python
    import pooch

    path = pooch.retrieve(
        "https://data.example.org/churn-2024.csv",
        known_hash="sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
    ```

    ## References
    - Pooch: Hashes, https://www.fatiando.org/pooch/latest/hashes.html
    """

    name = "download-without-checksum"
    category = "data"
    tier = Tier.PEDANTIC
    triggers = ("retrieve", "urlretrieve", "get_file", "fetch_file", "download", "requests", "httpx", "urlopen", "hub")

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report the unchecked downloads of a unit that checks nothing."""
        for call in ctx.model.calls:
            reported = self._into_file(call, ctx) or self._written(call, ctx)
            if reported and not _checks(ctx):
                how = f" (`{reported}` is not passed)" if reported != "write" else ""
                ctx.report(
                    call,
                    f"The download is used without a check that it is the file that was meant{how}",
                    help=f"Pass `{reported}`" if reported != "write" else "Compare its SHA-256 with the known one",
                    certain=call.certain,
                )

    def _into_file(self, call: CallSite, ctx: Context) -> str | None:
        """Return the parameter that would take the checksum of a call that downloads into a file, or ``write``."""
        fact = call.fact
        if fact is None or "downloads" not in fact.roles or "hub" in fact.tags:
            return None
        parameters = call.signature.parameters if call.signature is not None else ()
        names = [parameter.name for parameter in parameters if _CHECKSUM_PARAMETER.search(parameter.name)]
        if not names:
            return "write" if "writes-file" in fact.roles else None
        for name in names:
            argument = call.argument(name)
            if not argument.absent and (argument.value is None or ctx.model.literal(argument.value) is not None):
                return None
        return next((name for name in names if not name.startswith("md5_")), names[0])

    def _written(self, call: CallSite, ctx: Context) -> str | None:
        """Return ``write`` for ``file.write(requests.get(url).content)``."""
        if call.last_name not in ("write", "write_bytes") or len(call.positional) != 1:
            return None
        value: cst.CSTNode = call.positional[0].value
        if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute) and value.func.attr.value == "read":
            value = value.func.value
        elif isinstance(value, cst.Attribute) and value.attr.value == "content":
            value = value.value
        else:
            return None
        source = ctx.model.assigned_value(value) if isinstance(value, cst.Name) else value
        return "write" if isinstance(source, cst.Call) and ctx.model.call(source).name in _FETCHERS else None


def _checks(ctx: Context) -> bool:
    """Tell whether anything in the unit computes or names a checksum."""
    if any("checksum" in call.fact.tags for call in ctx.model.calls if call.fact is not None):
        return True
    return _CHECKS.search(ctx.unit.text) is not None
