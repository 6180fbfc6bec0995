"""The fixed phrases of the "X to Y Dataflow" documents, one entry per kind of statement: how each is written, and how it is found.

The phrases are the format; they are those of the published documents (datanav/docs, `technical/`). Blanks do not count, so that the
two that always follow "it" in a condition, and the one left by a system without a name, are no matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

EVERY = "Every {source} will be synchronized with a {target}."
WHEN = "{condition}, it  will be synchronized with a {target}."
LINK_FIRST = "Before any synchronization can take place, a link between a {source} and a {target} must be established."
CREATE_IF_CONNECTED = (
    "A new {target} will be created from a {source} if it is connected to a {connected} "
    "that is synchronized into {system}."
)
MERGE_EXISTING = "If a matching {target} already exists, the {source} will be merged with the existing one."
CREATE_NEW = "If no matching {target} is found, a new {target} will be created."
MERGE_KEYS = "A {source} will merge with a {target} if one of the following property combinations match:"
KEEP = (
    "Once a link between a {source} and a {target} is established, it will keep in sync between the two systems, "
    "regardless of where it is edited."
)
PROPERTIES = "The following properties are synchronized between a {source} and a {target}:"

# In the order in which a section may have them; the condition comes last in reading, because it takes whatever stands before it.
STATEMENTS = (
    EVERY,
    LINK_FIRST,
    CREATE_IF_CONNECTED,
    MERGE_EXISTING,
    CREATE_NEW,
    MERGE_KEYS,
    KEEP,
    PROPERTIES,
    WHEN,
)

# The orders of statements that a section can have; there is no other in any published document.
SHAPES = (
    (EVERY, KEEP, PROPERTIES),
    (LINK_FIRST, MERGE_KEYS, KEEP, PROPERTIES),
    (LINK_FIRST, CREATE_IF_CONNECTED, KEEP, PROPERTIES),
    (EVERY, MERGE_EXISTING, CREATE_NEW, MERGE_KEYS, KEEP, PROPERTIES),
    (WHEN, KEEP, PROPERTIES),
    (LINK_FIRST, CREATE_IF_CONNECTED, MERGE_KEYS, KEEP, PROPERTIES),
    (WHEN, MERGE_EXISTING, CREATE_NEW, MERGE_KEYS, KEEP, PROPERTIES),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that was found: which phrase it is, and what stands in its places."""

    phrase: str
    fields: dict[str, str]


def squeezed(text: str) -> str:
    """Text with every run of blanks as one."""
    return " ".join(text.split())


def find(text: str) -> Statement | None:
    """The statement that a paragraph is; None for a sentence of no known kind."""
    line = squeezed(text)
    for phrase in STATEMENTS:
        found = _pattern(phrase).fullmatch(line)
        if found:
            return Statement(phrase, found.groupdict())
    return None


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    """The phrase with a group for each place; a place that comes again must hold the same."""
    seen: set[str] = set()
    parts = []
    for index, part in enumerate(re.split(r"\{(\w+)\}", squeezed(phrase))):
        if index % 2 == 0:
            # Some documents have "beeing" in front of the verb.
            parts.append(re.escape(part).replace("synchronized", "(?:bee?ing )?synchronized"))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(f"(?P<{part}>.+?)")
    return re.compile("".join(parts))
