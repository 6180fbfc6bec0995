"""Which rules count: chosen and left out by their ids or the beginnings of ids, or by the name of a family."""

from __future__ import annotations

from dataclasses import dataclass

from dataflow.diagnostics import did_you_mean
from dataflow.errors import UsageError
from dataflow.rules.rule import RULES, Rule

ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Selection:
    """`select` are the only ones that count, when there are any; what is in `ignore` does not in any case."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def counts(self, code: str) -> bool:
        """Whether findings of this id are told."""
        return self.allows(code) and (bool(self.select) or code not in RULES or RULES[code].usual)

    def allows(self, code: str) -> bool:
        """The same, apart from whether it is usual to look for them."""
        if any(_fits(code, one) for one in self.ignore):
            return False
        return not self.select or any(_fits(code, one) for one in self.select)


def selection(select: str | None, ignore: str | None) -> Selection:
    """From lists with commas. Raises UsageError for what fits no rule."""
    chosen = Selection(_parts(select), _parts(ignore))
    for one in (*chosen.select, *chosen.ignore):
        if not any(_fits(code, one) for code in RULES):
            known = [*RULES, *sorted({rule.family for rule in RULES.values()})]
            hint = did_you_mean(one, known) or "`dataflow rules` lists them"
            raise UsageError(f'no rule fits "{one}"; {hint}')
    return chosen


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()


def _fits(code: str, part: str) -> bool:
    rule: Rule | None = RULES.get(code)
    return part == ALL or code.startswith(part) or (rule is not None and rule.family == part)
