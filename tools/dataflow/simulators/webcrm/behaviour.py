"""Switches for what the public sources on webCRM leave open. The defaults are guesses.

Rules: tools/docs/decisions/0512-webcrm-unknowns.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    rate_limit: int | None = 250
    """Requests in any 60 seconds; None is without limit."""
    token_life: int = 3600
    """Seconds for which an access token is good."""
    json_login: bool = False
    """Whether a login may be JSON."""
    failed_login: Literal[400, 200] = 400
    """Status of a login with a wrong token; its body says `IsError` either way."""
    null_clears: bool = False
    """Whether null in a PUT empties a member; otherwise it is as if it were not there."""
    long_text: Literal["refuse", "cut"] = "refuse"
    """What becomes of texts over the published length."""
    big_page: Literal["refuse", "cap"] = "refuse"
    """What becomes of a Size over `largest_page`, and of a Page or Size that is no positive number."""
    largest_page: int = 1000
    moved: Literal["ignore", "refuse"] = "ignore"
    """What becomes of a PUT that gives a person or an opportunity another organisation."""
    patched: Literal["id", "empty", "nothing"] = "id"
    """What PATCH answers for a row that was updated: its id, an empty text, or nothing at all."""
    undeletable: Literal[405, 404] = 405
    """Status of a DELETE where webCRM has none."""
    lines_touch_header: bool = False
    """Whether a change of a line moves the UpdatedAt of its opportunity or delivery."""
    lines_set_value: bool = True
    """Whether a change of a line recomputes the OrderValue of its opportunity or delivery."""
    numbering: bool = False
    """Whether the tenant has webCRM number opportunities and deliveries; two deliveries with one number then lock each other."""
    unique: frozenset[str] = frozenset()
    """The OrganisationExtraCustom fields that the tenant has made unique."""
    levels: dict[int, str] = field(default_factory=lambda: {1: "Emne", 5: "Tilbud sendt", 13: "Vunnet", 14: "Tapt"})
    """The tenant's pipeline levels and their names."""
    won_level: int | None = 13
    """The level that makes an opportunity a delivery."""
    token_name: str = "sesam"
    """Name of the application token; what it writes is by `api2 <name>`."""
    hours_from_london: int = 1
    """Where the tenant's own clock is, for the histories."""
