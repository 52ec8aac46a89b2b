"""The rule ``hardcoded-credential``."""

from __future__ import annotations

import math
import re
from collections import Counter

import libcst as cst

from mllint import Context, Range, Rule, Severity, on_unit

_PRIVATE_KEY = "a private key"
#: Values that are credentials wherever they stand, by the form that their issuer gives them; each contains one of some
#: markers.
_ISSUED = [
    ("an AWS access key", ("AKIA", "ASIA"), re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])")),
    ("a Hugging Face token", ("hf_",), re.compile(r"(?<!\w)hf_[A-Za-z0-9]{30,40}(?!\w)")),
    (
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?!\w)"),
    ),
    ("an Anthropic key", ("sk-ant-",), re.compile(r"(?<![\w-])sk-ant-[\w-]{40,}")),
    ("an OpenAI key", ("sk-",), re.compile(r"(?<![\w-])sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]*[A-Za-z0-9]{20,}[\w-]*")),
    ("a Google API key", ("AIza",), re.compile(r"(?<!\w)AIza[\w-]{35}(?![\w-])")),
    ("a Slack token", ("xox",), re.compile(r"(?<!\w)xox[abeoprs]-\d{8,}-[\w-]{10,}")),
    ("a GitLab token", ("glpat-",), re.compile(r"(?<!\w)glpat-[\w-]{20}(?![\w-])")),
    ("a PyPI token", ("pypi-",), re.compile(r"(?<!\w)pypi-AgEIcHlwaS5vcmc[\w-]{50,}")),
    (
        _PRIVATE_KEY,
        ("PRIVATE KEY",),
        re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\\n\s]{40,}"),
    ),
]
_URL_PASSWORD = re.compile(r"(?<!\w)[a-z][a-z0-9+.-]*://[^\s/:@?#\"'<>{}]*:(?P<secret>[^\s/@\"'<>{}$%]{3,})@[\w.-]+")
#: What a unit holds, in lower case, that names a credential or has one.
_HINTS = (
    *("passw", "secret", "token", "api_key", "apikey", "access_key", "accesskey", "auth", "credential", "pwd"),
    *("private key", "private_key", "privatekey", "wandb_key", "wandbkey", "://"),
    *(marker.lower() for _, markers, _ in _ISSUED for marker in markers),
)
#: Names of variables, arguments, keys and attributes that hold credentials.
_NAME = re.compile(
    r"(?i)(?:^|.*_)(?:password|passwd|pwd|secret|secret_?key|api_?key|api_?secret|access_?key(?:_id)?"
    r"|auth_?token|access_?token"
    r"|api_?token|hf_?token|wandb_?key|github_?token|bearer_?token|client_?secret|private_?key|use_auth_token|token)$"
)
#: Names that look like these and hold a word of a vocabulary, a name, a file, a place.
_NO_NAME = re.compile(
    r"(?i)(?:^|_)(?:pad|bos|eos|sep|cls|mask|unk|unknown|special|start|end|stop|next|prev|first|last|begin"
    r"|image|img|video|audio"
    r"|placeholder|text|word|char|prefix|suffix|target|trigger|initializer|modifier|class|instance|prompt|tool"
    r"|num|max|min"
    r"|new|old|sub|system|user|assistant|think|eot|eod|eom|fim|blank|null|delimiter|separator|style|concept"
    r"|csrf)_?tokens?(?:_|$)"
    r"|(?:^|_)(?:attempted|guessed|candidate|tried|weak|strong|common|random|wrong|typed|input|sample|entered)_"
    r"|tokeniz|_token_?id|token_type|(?:^|_)(?:name|file|path|url|env|var|field|header|prefix|id)$"
)
_PLACEHOLDER = re.compile(
    r"(?i)your|my[-_ ]|example|dummy|fake|placeholder|change[-_]?me|replace|insert|enter|todo|fixme|redacted"
    r"|removed|hidden|django-insecure"
    r"|xxx|\*\*\*|\.\.\.|…|<[^>]*>|^\[.*\]$|^\$|\{\{|\{\w*\}|test|sample|mock|not[-_]?(?:set|needed|used|a)"
    r"|^none$|^null$|^empty$"
    r"|^(?:password|passwd|secret|token|key|pass|api[-_]?key|admin|root|guest|user|postgres|default|anonymous"
    r"|string|str)\d*$|paste|here"
    r"|^(?P<c>.)(?P=c)*$|^(?:0?123456789?0?|abc(?:def)?(?:123)?|foo|bar|baz|spam|qwerty|hunter2|letmein)$"
)


class HardcodedCredential(Rule):
    """A password, token or key is written in the code.

    ## What it does
    Finds values that have the form of an issued credential (keys of AWS, Google, OpenAI and Anthropic, tokens of
    Hugging Face, GitHub, GitLab, Slack and PyPI, private keys), URLs with a password in them, and literals that are
    given to names such as `password`, `api_key` or `hf_token` and look like a real value. Placeholders
    (`"YOUR_API_KEY"`, `"<token>"`, `"changeme"`), words of a vocabulary (`pad_token="<pad>"`), names of environment
    variables are left alone, and in tests all but tokens and keys of services. The message never shows the value.

    Ruff's `S105` to `S107` go by names alone, so they report `pad_token = "<pad>"` and miss issued keys and passwords
    in URLs.

    ## Why is this bad
    Whoever can read the repository, one of its clones, an image built from it or a notebook sent by mail can use the
    credential. It stays in the history after it is removed from the code, so it has to be revoked.

    ## Example
    ```python
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql://churn:winter-harbour@db.acme.internal:5432/crm")
    ```

    ## Use instead
    ```python
    import os

    import sqlalchemy

    engine = sqlalchemy.create_engine(os.environ["CRM_URL"])
    ```

    ## References
    - CWE-798: Use of hard-coded credentials, https://cwe.mitre.org/data/definitions/798.html
    """

    name = "hardcoded-credential"
    category = "security"
    severity = Severity.ERROR
    kinds = ("script", "notebook", "test")
    sources = {"bandit": "B105, B106, B107", "ruff": "S105, S106, S107"}

    @on_unit
    def check(self, ctx: Context) -> None:
        """Look at the strings of a unit that names a credential at all."""
        lowered = ctx.unit.text.lower()
        if not any(hint in lowered for hint in _HINTS):
            return
        for node in ctx.model.nodes(cst.SimpleString):
            text = ctx.model.literal(node)
            if not isinstance(text, str) or len(text) < 6 or _is_docstring(node, ctx):
                continue
            what = _credential(text, ctx) or (None if ctx.is_test else _named(node, text, ctx))
            if what is not None:
                self._report(node, what, ctx)
        for part in ctx.model.nodes(cst.FormattedStringText):
            what = _credential(part.value, ctx)
            if what is not None:
                self._report(ctx.model.parent(part) or part, what, ctx)
        for cell in ctx.unit.cells:
            for magic in cell.magics:
                what = _credential(magic.text, ctx)
                if what is not None:
                    self._report(magic.range, what, ctx)

    def _report(self, place: cst.CSTNode | Range, what: str, ctx: Context) -> None:
        ctx.report(
            place,
            f"{what[0].upper()}{what[1:]} is written in the code, and everybody who can read the repository can use it",
            help="Revoke it, and read the new one from the environment or a secret store",
        )


def _credential(text: str, ctx: Context) -> str | None:
    """Return what credential stands in a text, as its form tells; keys and URLs that tests make up open nothing."""
    issued = _issued(text)
    if ctx.is_test:
        return issued if issued != _PRIVATE_KEY else None
    return issued or _in_url(text)


def _issued(text: str) -> str | None:
    for what, markers, pattern in _ISSUED:
        match = pattern.search(text) if any(marker in text for marker in markers) else None
        if match is not None and not _PLACEHOLDER.search(match[0]) and len(set(match[0])) > 9:
            return what
    return None


def _in_url(text: str) -> str | None:
    match = _URL_PASSWORD.search(text) if "://" in text else None
    if match is None or _PLACEHOLDER.search(match["secret"]) or "example." in match[0]:
        return None
    user = match[0].partition("://")[2].partition(":")[0]
    is_default = match["secret"] == user or "@localhost" in match[0] or "@127.0.0.1" in match[0]
    return None if is_default else "the password in this URL"


def _named(node: cst.SimpleString, text: str, ctx: Context) -> str | None:
    """Return what a string is that is given to the name of a credential and looks like one."""
    name = _name_of(node, ctx)
    if name is None or not _NAME.match(name) or _NO_NAME.search(name) or not _plausible(text):
        return None
    if name.lower() == "token" and (len(text) < 20 or _entropy(text) < 3.5):  # as likely a word of some vocabulary
        return None
    return f"the value of `{name}`"


def _name_of(node: cst.SimpleString, ctx: Context) -> str | None:
    """Return the name that a string is directly given to: a variable, an attribute, a key, an argument."""
    parent = ctx.model.parent(node)
    if isinstance(parent, (cst.Assign, cst.AnnAssign)):
        target = parent.targets[0].target if isinstance(parent, cst.Assign) else parent.target
        if isinstance(target, cst.Subscript) and isinstance(target.slice[0].slice, cst.Index):
            key = ctx.model.literal(target.slice[0].slice.value)
            return key if isinstance(key, str) else None
        if isinstance(target, cst.Attribute):
            return target.attr.value
        return target.value if isinstance(target, cst.Name) else None
    if isinstance(parent, cst.Arg):
        return parent.keyword.value if parent.keyword is not None else None
    if isinstance(parent, cst.DictElement) and parent.value is node:
        key = ctx.model.literal(parent.key)
        return key if isinstance(key, str) else None
    return None


def _plausible(text: str) -> bool:
    """Tell whether a value can be a real credential: no prose, no placeholder, no identifier, no plain word."""
    if (
        len(text) < 8
        or re.search(r"\s", text)
        or _PLACEHOLDER.search(text)
        or text.startswith(("/", "./", "http", "~"))
    ):
        return False
    if re.fullmatch(r"[A-Za-z]+(?:[_.-][A-Za-z]+)*", text):  # a word, an identifier, the name of a variable
        return len(text) >= 20 and re.search(r"[a-z][A-Z]", text) is not None and _entropy(text) > 3.8
    return _entropy(text) > 2.8


def _entropy(text: str) -> float:
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def _is_docstring(node: cst.SimpleString, ctx: Context) -> bool:
    return isinstance(ctx.model.parent(node), cst.Expr)
