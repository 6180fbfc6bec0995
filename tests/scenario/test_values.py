from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from dataflow.scenario.values import editable, new_value

if TYPE_CHECKING:
    from dataflow.scenario.reading import Reading


@pytest.mark.parametrize("system", ["webcrm", "customerp"])
def test_new_value_says_something_new_in_every_field(reading: Reading, system: str) -> None:
    seen = 0
    for flow in reading.flows:
        for row in flow.rows:
            if not editable(row, system):
                continue
            member = row.member(system)
            record: dict[str, object] = {"OrganisationAddress": "Gate 1\r\nInngang B", "UserName": "Kari Anne Moe"}
            forms = [reading.normal(row, member, record)]
            for number in (1, 2, 3):
                change = new_value(reading, row, system, record, number)
                assert set(change) <= set(reading.properties(row, system))
                record |= change
                forms.append(reading.normal(row, member, record))
            assert None not in forms[1:]
            assert all(a != b for a, b in itertools.pairwise(forms)), (row.golden, forms)
            seen += 1
    assert seen > 40


def test_the_other_half_of_a_field_is_left_alone(reading: Reading) -> None:
    rows = {
        row.golden: row for flow in reading.flows for row in flow.rows if row.webcrm_member == "webcrm-organisation"
    }
    record = {"OrganisationAddress": "Gate 1\r\nInngang B\r\nPostboks 3"}
    street = new_value(reading, rows["street"], "webcrm", record, 7)
    assert reading.normal(rows["street-more"], "webcrm-organisation", street) == "Inngang B\nPostboks 3"
    more = new_value(reading, rows["street-more"], "webcrm", record, 7)
    assert reading.normal(rows["street"], "webcrm-organisation", more) == "Gate 1"


def test_every_row_that_goes_both_ways_can_be_edited_on_both_sides(reading: Reading) -> None:
    rows = [row for flow in reading.flows for row in flow.rows if row.way == "both"]
    assert rows
    assert [row.golden for row in rows if not (editable(row, "webcrm") and editable(row, "customerp"))] == []
