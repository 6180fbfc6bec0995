"""What one ERP does and another does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    number_products: bool = True
    """Whether a product that is made without a number gets one."""
    largest_page: int | None = None
    """The most records of a page, however many are asked for; None is as many as the contract allows."""
    token_life: int = 3600
    """Seconds for which an access token is good."""
