"""Keeps secrets out of everything that is shown: traces, messages, logs."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

HIDDEN = "***"
SENSITIVE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})


class Redactor:
    """Replaces secrets by `***`: those that `known` gives at the moment, and all that it has learnt, such as tokens."""

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known
        self._learnt: set[str] = set()

    def learn(self, *secrets: str) -> None:
        self._learnt.update(secrets)

    def __call__(self, text: str, limit: int | None = None) -> str:
        """The text without secrets, cut off after `limit` characters; a secret that lies across the cut is not shown in part."""
        pattern, longest = _pattern(frozenset(s for s in (*self._known(), *self._learnt) if s))
        if limit is None or len(text) <= limit:
            return pattern.sub(HIDDEN, text)
        parts: list[str] = []
        at = 0
        for found in pattern.finditer(text, 0, limit + longest):
            if found.start() >= limit:
                break
            parts += [text[at : found.start()], HIDDEN]
            at = found.end()
        return "".join([*parts, text[at:limit], "…"])

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers without secrets; of those that are there to carry one only the name is left."""
        return {
            name: HIDDEN if name.lower() in SENSITIVE_HEADERS else self(value, 1000) for name, value in headers.items()
        }


@lru_cache(maxsize=64)
def _pattern(secrets: frozenset[str]) -> tuple[re.Pattern[str], int]:
    """What finds secrets, as they are and as they look in URLs, forms and JSON; and the length of the longest."""
    forms = {form for s in secrets for form in (s, quote(s, safe=""), quote(s), quote_plus(s), json.dumps(s)[1:-1])}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    # Without secrets: something that is never found.
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)"), max(map(len, forms), default=0)
