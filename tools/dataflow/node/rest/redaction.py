"""Keeps secrets out of everything that is shown: traces, messages, logs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

HIDDEN = "***"
# Characters of a header that are kept.
HEADER = 1000
SENSITIVE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})


class Redactor:
    """Replaces secrets by `***`: those that `known` gives at the moment, and all that it has learnt, such as tokens."""

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known
        self._learnt: tuple[str, ...] = ()
        self._latest: tuple[str, ...] | None = None
        self._pattern, self._longest = _pattern(())

    def learn(self, *secrets: str) -> None:
        self._learnt = tuple(dict.fromkeys((*self._learnt, *secrets)))

    def __call__(self, text: str, limit: int | None = None) -> str:
        """The text without secrets, cut off after `limit` characters; a secret that lies across the cut is not shown in part."""
        self._prepare()
        return self._redacted(text, limit)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers without secrets; of those that are there to carry one only the name is left."""
        self._prepare()
        return {
            name: HIDDEN if name.lower() in SENSITIVE_HEADERS else self._redacted(value, HEADER)
            for name, value in headers.items()
        }

    def _prepare(self) -> None:
        secrets = (*self._known(), *self._learnt)
        if secrets != self._latest:
            self._latest = secrets
            self._pattern, self._longest = _pattern(tuple(s for s in secrets if s))

    def _redacted(self, text: str, limit: int | None) -> str:
        if limit is None or len(text) <= limit:
            return self._pattern.sub(HIDDEN, text)
        parts: list[str] = []
        at = 0
        for found in self._pattern.finditer(text, 0, limit + self._longest):
            if found.start() >= limit:
                break
            parts += [text[at : found.start()], HIDDEN]
            at = found.end()
        return "".join([*parts, text[at:limit], "…"])


def _pattern(secrets: tuple[str, ...]) -> tuple[re.Pattern[str], int]:
    """What finds secrets, as they are and as they look in URLs, forms and JSON; and the length of the longest."""
    forms = {form for s in secrets for form in (s, quote(s, safe=""), quote(s), quote_plus(s), json.dumps(s)[1:-1])}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    # Without secrets: something that is never found.
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)"), max(map(len, forms), default=0)
