"""Every rule of the contract, by what it is about; each module has its own in RULES, as data beside the code that tries them."""

from __future__ import annotations

from dataflow.simulators.contract.rules import access, changing, creating, deleting, forms, lines, listing, reading

RULES = tuple(
    rule for module in (access, listing, creating, reading, changing, lines, forms, deleting) for rule in module.RULES
)
