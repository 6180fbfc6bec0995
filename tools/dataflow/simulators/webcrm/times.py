"""Times as webCRM shows and reads them: whole seconds with the offset of London, and a date for "no date".

Rules: webCRM's API (the raw answers show London time for tenants elsewhere); tools/docs/decisions/0511-webcrm-values.md.
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

NULL = "0001-01-01T00:00:00+00:00"
LONDON = ZoneInfo("Europe/London")


@lru_cache(maxsize=4096)
def shown(seconds: int) -> str:
    """Seconds since the epoch as `2026-06-01T10:00:00+01:00`. Raises ValueError before 1902 and after 9999."""
    if seconds < -2_145_916_800:
        raise ValueError("times begin in 1902")
    try:
        return datetime.datetime.fromtimestamp(seconds, LONDON).isoformat()
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=4096)
def instant(text: str) -> float | None:
    """ISO 8601 text as seconds since the epoch, None for the null date; without an offset it is London time. Raises ValueError."""
    moment = datetime.datetime.fromisoformat(text.strip())
    if moment.year == 1:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
    return moment.timestamp()


def taken(text: str) -> str:
    """A time in a request as it is kept. Raises ValueError."""
    seconds = instant(text)
    return NULL if seconds is None else shown(int(seconds // 1))


def date_taken(text: str) -> str:
    """The same where only the date counts, which is London's: midnight, without an offset."""
    kept = taken(text)
    return f"{kept[:10]}T00:00:00+00:00"


def local(seconds: int, hours: int) -> str:
    """`03-06-2024&nbsp;15:07`, as in the histories: a tenant's own time, so many hours ahead of London."""
    moment = datetime.datetime.fromtimestamp(seconds, LONDON) + datetime.timedelta(hours=hours)
    return moment.strftime("%d-%m-%Y&nbsp;%H:%M")
