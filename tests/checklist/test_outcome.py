"""What waivers do to an outcome."""

from datetime import date

from dataflow.results import Result, Verdict
from report.checklist_outcomes import FAILS, PERSONS, outcome, waiver


def test_rows_have_names_that_stay():
    names = [row.name for row in outcome().every_row()]
    assert names[:3] == ["persons-contact.linked-once", "persons-contact.first-name.to-customerp", FAILS]


def test_a_row_that_fails_keeps_its_flow_from_holding():
    bare = outcome()
    assert [bare.holds(flow) for flow in bare.flows] == [False, True]
    assert not bare.sound


def test_a_waiver_lets_a_row_fail_and_names_it():
    waived = outcome(waiver(FAILS))
    assert waived.sound
    assert [row.name for row in waived.every_row() if row.waiver] == [FAILS]
    assert waived.unused == []


def test_a_pattern_covers_many_rows_and_only_those_that_need_it():
    waived = outcome(waiver("persons-contact.*"))
    assert [row.name for row in waived.every_row() if row.waiver] == [FAILS]


def test_a_waiver_counts_on_its_last_day_and_not_after():
    assert outcome(waiver(FAILS, until=date(2026, 11, 2))).sound
    over = waiver(FAILS, until=date(2026, 11, 1))
    expired = outcome(over)
    assert not expired.sound
    assert expired.expired == [over]
    assert [row.name for row in expired.every_row() if row.waiver] == []


def test_an_expired_waiver_fails_even_when_its_row_passes():
    assert not outcome(waiver("persons-contact.email.*", until=date(2026, 11, 1)), waiver(FAILS)).sound


def test_a_waiver_that_nothing_needs_is_told_and_no_failure():
    idle = waiver("persons-contact.email.to-customerp")
    waived = outcome(waiver(FAILS), idle)
    assert waived.unused == [idle]
    assert waived.sound


def test_of_a_part_only_waivers_for_its_rows_can_be_unused():
    idle, elsewhere = waiver("persons-contact.email.*"), waiver("products-product.price.*")
    part = outcome(waiver(FAILS), idle, elsewhere, flows=(PERSONS,), partial=True)
    assert part.unused == [idle]


def test_of_a_whole_run_a_waiver_for_no_row_at_all_is_unused():
    mistyped = waiver("person-contact.*")
    assert outcome(waiver(FAILS), mistyped).unused == [mistyped]


def test_expected_output_counts():
    failed = Result("expect:x", "x", Verdict.FAIL, "differs")
    assert not outcome(waiver(FAILS), expected=(failed,)).sound
