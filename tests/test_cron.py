"""hub/cron-expressions.rst; tools/docs/decisions/0424-cron-expressions.md."""

from datetime import UTC, datetime

import pytest

from dataflow.cron import Cron, CronError
from node.pipes import findings, reader


def ns(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def following(expression, start, count):
    """The moments after one, as text."""
    found, moment = [], ns(start)
    for _ in range(count):
        moment = Cron(expression).after(moment)
        if moment is None:
            return [*found, None]
        found.append(datetime.fromtimestamp(moment // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "moments"),
    [
        # The examples of the documentation; Sunday, 2024-11-24, 10:00 comes before.
        ("0 12 * * ?", ["2024-11-24 12:00", "2024-11-25 12:00"]),
        ("15 10 ? * *", ["2024-11-24 10:15", "2024-11-25 10:15"]),
        ("15 10 * * ? *", ["2024-11-24 10:15", "2024-11-25 10:15"]),
        ("15 10 * * ? 2016", [None]),
        ("15 10 * * ? 2026", ["2026-01-01 10:15", "2026-01-02 10:15"]),
        ("* 14 * * ?", ["2024-11-24 14:00", "2024-11-24 14:01"]),
        ("0/5 14 * * ?", ["2024-11-24 14:00", "2024-11-24 14:05"]),
        ("0/30 14,18 * * ?", ["2024-11-24 14:00", "2024-11-24 14:30", "2024-11-24 18:00"]),
        ("0-1 14 * * ?", ["2024-11-24 14:00", "2024-11-24 14:01", "2024-11-25 14:00"]),
        ("10,44 14 ? 3 WED", ["2025-03-05 14:10", "2025-03-05 14:44", "2025-03-12 14:10"]),
        ("15 10 ? * MON-FRI", ["2024-11-25 10:15", "2024-11-26 10:15"]),
        ("15 10 15 * ?", ["2024-12-15 10:15", "2025-01-15 10:15"]),
        ("15 10 L * ?", ["2024-11-30 10:15", "2024-12-31 10:15", "2025-01-31 10:15", "2025-02-28 10:15"]),
        ("15 10 ? * 6L", ["2024-11-29 10:15", "2024-12-27 10:15"]),
        ("15 10 ? * 6L 2002-2005", [None]),
        ("0 12 1/5 * ?", ["2024-11-26 12:00", "2024-12-01 12:00", "2024-12-06 12:00"]),
        ("11 11 11 11 ?", ["2025-11-11 11:11", "2026-11-11 11:11"]),
        # Everything else.
        ("* * * * *", ["2024-11-24 10:01", "2024-11-24 10:02"]),
        ("59 23 31 12 *", ["2024-12-31 23:59", "2025-12-31 23:59"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 30 2 *", [None]),
        ("0 0 * JAN-FEB ?", ["2025-01-01 00:00", "2025-01-02 00:00"]),
        ("0 0 ? * sun", ["2024-12-01 00:00", "2024-12-08 00:00"]),
        ("0 0 ? * 0", ["2024-12-01 00:00", "2024-12-08 00:00"]),
        ("0 0 ? * L5", ["2024-11-29 00:00", "2024-12-27 00:00"]),
        ("0 0 ? * LFRI", ["2024-11-29 00:00", "2024-12-27 00:00"]),
        ("0 0 ? * FRIL", ["2024-11-29 00:00", "2024-12-27 00:00"]),
        ("0 0 10,L * ?", ["2024-11-30 00:00", "2024-12-10 00:00"]),
        ("0 8-16/4 * * *", ["2024-11-24 12:00", "2024-11-24 16:00", "2024-11-25 08:00"]),
        # Where the day of the month and of the week both say something, one of them is enough.
        ("0 0 1 * 1", ["2024-11-25 00:00", "2024-12-01 00:00", "2024-12-02 00:00"]),
    ],
)
def test_moments(expression, moments):
    assert following(expression, "2024-11-24T10:00:00", len(moments)) == moments


def test_the_next_moment_is_always_later():
    at = ns("2024-11-24T12:00:00")
    assert Cron("0 12 * * ?").after(at - 1) == at
    assert Cron("0 12 * * ?").after(at) == ns("2024-11-25T12:00:00")
    assert Cron("* * * * *").after(at + 59_999_999_999) == at + 60_000_000_000


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("* * * *", "4 fields"),
        ("0 * * * * * *", "7 fields"),
        ("60 * * * *", '"60" is no minute'),
        ("* 24 * * *", '"24" is no hour'),
        ("* * 0 * *", '"0" is no day of month'),
        ("* * * 13 *", '"13" is no month'),
        ("* * * * 7", '"7" is no day of week'),
        ("* * * * * 1969", '"1969" is no year'),
        ("a * * * *", '"a" is no minute'),
        ("5-1 * * * *", '"5-1" is no minute'),
        ("*/0 * * * *", '"*/0" is no minute'),
        ("1,,2 * * * *", '"1,,2" is no minute'),
        ("? * * * *", '"?" is no minute'),
        ("L * * * *", '"L" is no minute'),
        ("* * 15W * *", '"15W" is no day of month'),
        ("15 10 ? * 6#3", '"6#3" is no day of week'),
        ("* * * * 8L", '"8L" is no day of week'),
        ("٥ * * * *", "is no minute"),
    ],
)
def test_what_is_no_cron_expression_says_which_part(expression, part):
    with pytest.raises(CronError) as caught:
        Cron(expression)
    assert part in str(caught.value)


@pytest.mark.parametrize("name", ["cron_expression", "rescan_cron_expression"])
def test_a_pipe_whose_expression_cannot_be_read_is_a_finding(name):
    found = findings(reader("p", "a", pump={name: "* * * *"}))
    assert [(one.code, one.pointer) for one in found] == [("DF205", f"/pump/{name}")]
    assert findings(reader("p", "a", pump={name: "0 12 * * ?"})) == []
    assert findings(reader("p", "a", pump={name: "$ENV(when)"}), env={"when": "0 12 * * ?"}) == []
