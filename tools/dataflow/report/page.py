"""Pages that need nothing else: templates with one style, whoever shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from dataflow.dtl.transit import encode
from dataflow.report.results import shown
from dataflow.scenario.normal import plain

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[-:./])(?=\w)")


@cache
def environment(package: str) -> jinja2.Environment:
    """Templates of the package's folder `pages`, and those of reports: `style.css.j2`, `evidence.html.j2`."""
    import jinja2

    loader = jinja2.ChoiceLoader(
        [jinja2.PackageLoader(package, "pages"), jinja2.PackageLoader("dataflow.report", "pages")]
    )
    made = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    made.filters |= {"shown": shown, "readable": readable, "breakable": breakable, "day": day}
    made.tests["nothing"] = lambda value: value in (None, "")
    return made


def page(name: str, *, package: str = "dataflow.report", **values: Any) -> str:
    """A template of a package filled in."""
    return environment(package).get_template(name).render(**values)


def readable(value: Any) -> str:
    """A value as people write it: text as it is, everything else as JSON."""
    known = plain(value)
    if type(known) is str:
        return known.replace("\r\n", "\n")
    return str(known) if type(encode(known)) is str else shown(known)


def day(moment: str) -> str:
    """An instant in ISO text as people write it: `26 November 2026, 15:04 UTC`."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def breakable(name: str) -> Markup:
    """A name that may be broken where a word of it ends: `Opportunity<wbr>Currency<wbr>Name`."""
    from markupsafe import Markup

    return Markup("<wbr>").join(_BREAKS.split(name))
