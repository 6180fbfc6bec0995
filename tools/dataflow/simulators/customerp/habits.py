"""What one ERP does and another does not."""

from __future__ import annotations

from dataclasses import dataclass

from dataflow.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    number_products: bool = True
    """Whether a product that is made without a number gets one."""
    largest_page: int | None = None
    """The most records of a page, however many are asked for; None is as many as the contract allows."""
    token_life: int = 3600
    """Seconds for which an access token is good."""

    def __post_init__(self) -> None:
        """Raises UsageError for what is no habit."""
        if type(self.number_products) is not bool:
            raise UsageError("number_products is true or false")
        for name, value in (("largest_page", self.largest_page), ("token_life", self.token_life)):
            if not ((type(value) is int and value > 0) or (value is None and name == "largest_page")):
                raise UsageError(f"{name} is a number from 1 on, not {value}")
