from __future__ import annotations

import pytest

from dataflow.diagnostics import CODES, Diagnostic, did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("uper", ["upper", "lower", "uuid"], "upper"),
        ("erp-orders", ["erp-order", "crm-order"], "erp-order"),
        ("schedule_intervall", ["schedule_interval", "cron_expression"], "schedule_interval"),
        ("set-initial-offset", ["set_initial_offset", "deletion_tracking"], "set_initial_offset"),
    ],
)
def test_the_closest_name_is_meant(name: str, known: list[str], meant: str) -> None:
    assert did_you_mean(name, known) == f'did you mean "{meant}"?'


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("x", ["upper", "lower"]),
        ("parse", ["datetime-parse", "json-parse"]),
        ("webcrm-person-all", ["customerp-order-share", "global-product"]),
        ("anything", []),
    ],
)
def test_what_is_far_from_everything_gets_no_hint(name: str, known: list[str]) -> None:
    assert did_you_mean(name, known) is None


def test_a_code_has_to_be_known() -> None:
    with pytest.raises(ValueError, match="unknown diagnostic code DF000"):
        Diagnostic("DF000", "x")
    assert all(code[:2] == "DF" and code[2:].isdecimal() and len(code) == 5 for code in CODES)
    assert len(set(CODES.values())) == len(CODES)
