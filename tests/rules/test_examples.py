"""The examples of the documentation: the bad one gives its rule alone, with the severity that is printed; the good one nothing."""

from __future__ import annotations

import pytest

from dataflow.rules import RULES, Selection
from dataflow.rules.examples import findings_of

EVERYTHING = Selection(select=("ALL",))


@pytest.mark.parametrize("code", RULES)
def test_examples(code: str) -> None:
    rule = RULES[code]
    assert {(one.code, one.severity) for one in findings_of(rule.bad, EVERYTHING)} == {(code, rule.severity)}
    assert findings_of(rule.good, EVERYTHING) == []


@pytest.mark.parametrize("code", RULES)
def test_explanations_are_sentences(code: str) -> None:
    text = RULES[code].text
    assert text[0].isupper() or text[0] == "`"
    assert text.rstrip().endswith((".", "?"))
    assert len(text) > 40
