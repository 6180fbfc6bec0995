"""Rules of which the reading of files, the schemas, the project and the DTL compiler see to the findings: what they
mean, and examples.
"""

from __future__ import annotations

from dataflow.diagnostics import Severity
from dataflow.rules.rule import Family, Files, dtl, inbound, pipe, system

_PIPES = "documentation/service-configuration/pipes/configuration-pipes.rst"
_SYSTEMS = "documentation/service-configuration/systems/configuration-systems.rst"

# --- files -----------------------------------------------------------------------------------------------------------

files = Family("files")
_GOOD = pipe("erp-order")


def _text(text: str | bytes) -> Files:
    return {"pipes/erp-order.conf.json": text}


files.found_elsewhere(
    "DF101",
    """A file that cannot be read: it is gone, is a folder, or nobody may read it.""",
    bad={"pipes/erp-order.conf.json/notes.txt": "a folder that is called like a file\n"} | pipe("erp-line"),
    good=_GOOD,
)
files.found_elsewhere(
    "DF102",
    """Text that is no JSON. The message says what is in the way at the first such place; comments and commas that are
    only too many have ids of their own.
    """,
    bad=_text('{\n  "_id": "erp-order"\n  "type": "pipe"\n}\n'),
    good=_GOOD,
)
files.found_elsewhere(
    "DF103",
    """A key that stands twice in one object. Most readers take the last value and forget the first.""",
    bad=_text('{\n  "_id": "erp-order",\n  "type": "pipe",\n  "source": {"type": "empty", "type": "empty"}\n}\n'),
    good=pipe("erp-order", {"type": "empty"}),
)
files.found_elsewhere(
    "DF105",
    """A file that is not UTF-8. Letters such as ø then come out as others, or not at all.""",
    bad=_text(
        '{"_id": "erp-order", "type": "pipe", "name": "Ordrestrøm", "source": {"type": "empty"}}'.encode("latin-1")
    ),
    good=pipe("erp-order", {"type": "empty"}, description="Ordrestrøm"),
)
files.found_elsewhere(
    "DF106",
    """A number that JSON does not know, or that is too large to be one.""",
    bad=_text(
        '{"_id": "erp-order", "type": "pipe", "source": {"type": "embedded", "entities": [{"_id": "1", "sum": NaN}]}}'
    ),
    good=pipe("erp-order", {"type": "embedded", "entities": [{"_id": "1", "sum": None}]}),
)
files.found_elsewhere(
    "DF107",
    """A file that is not in the form in which the client and a node write it. Whatever has been through a node then shows
    up as changed from end to end. `dataflow format` puts it into that form, `dataflow validate --fix` does too.
    """,
    severity=Severity.WARNING,
    usual=False,
    bad=_text('{\n  "type": "pipe",\n  "_id": "erp-order",\n  "source": {\n    "type": "empty"\n  }\n}\n'),
    good=pipe("erp-order", {"type": "empty"}),
)
files.found_elsewhere(
    "DF108",
    """A comma after the last element of a list or an object, which JSON does not allow.""",
    bad=_text('{\n  "_id": "erp-order",\n  "type": "pipe",\n  "source": {"type": "empty"},\n}\n'),
    good=pipe("erp-order", {"type": "empty"}),
)
files.found_elsewhere(
    "DF109",
    """A comment. JSON has none; components have the properties `comment` and `description`, and DTL has `["comment",
    ...]`.
    """,
    bad=_text('{\n  // every order\n  "_id": "erp-order",\n  "type": "pipe",\n  "source": {"type": "empty"}\n}\n'),
    good=pipe("erp-order", {"type": "empty"}, comment="every order"),
)
files.found_elsewhere(
    "DF110",
    """A byte order mark at the beginning of a component. The client fails to format such a file.""",
    severity=Severity.WARNING,
    bad=_text('\ufeff{\n  "_id": "erp-order",\n  "type": "pipe",\n  "source": {\n    "type": "empty"\n  }\n}\n'),
    good=pipe("erp-order", {"type": "empty"}),
)

# --- shape -----------------------------------------------------------------------------------------------------------

shape = Family("shape")

shape.found_elsewhere(
    "DF201",
    """A value of the wrong type: a number where a string belongs, one thing where a list of them does.""",
    page=_PIPES,
    bad=pipe("erp-order", batch_size="10"),
    good=pipe("erp-order", batch_size=10),
)
shape.found_elsewhere(
    "DF202",
    """A property that has to be there, or that something else needs, and is missing.""",
    page=_PIPES,
    bad=pipe("erp-order", {"type": "embedded"}),
    good=_GOOD,
)
shape.found_elsewhere(
    "DF203",
    """A property that nobody documents. A node passes over it in silence, so what it was to do is not done: as a rule
    it is misspelt.
    """,
    severity=Severity.WARNING,
    page=_PIPES,
    bad=pipe("erp-order", pump={"schedule_intervall": 60}),
    good=pipe("erp-order", pump={"schedule_interval": 60}),
)
shape.found_elsewhere(
    "DF204",
    """A component of a type that there is not, so that nobody knows what to do with it.""",
    page=_PIPES,
    bad=pipe("erp-order", {"type": "embeded", "entities": []}),
    good=pipe("erp-order", {"type": "embedded", "entities": []}),
)
shape.found_elsewhere(
    "DF205",
    """A value that is not one of those allowed: a mode there is not, a number out of range, an operation the system
    does not have, an alternative that is missing.
    """,
    page=_PIPES,
    bad=pipe("erp-order", pump={"mode": "on"}),
    good=pipe("erp-order", pump={"mode": "scheduled"}),
)
shape.found_elsewhere(
    "DF206",
    """A component whose file is called differently. The client downloads it into a file called after its `_id`, in
    lower case, and then there are two.
    """,
    severity=Severity.WARNING,
    bad={"pipes/orders.conf.json": pipe("erp-order")["pipes/erp-order.conf.json"]},
    good=_GOOD,
)
shape.found_elsewhere(
    "DF207",
    """Two components with the same `_id`, or with ids that differ in case alone.""",
    page="documentation/service-configuration/general/configuration-general.rst",
    bad=_GOOD | {"pipes/old/erp-order.conf.json": pipe("erp-order")["pipes/erp-order.conf.json"]},
    good=_GOOD | pipe("erp-order-old"),
)
shape.found_elsewhere(
    "DF208",
    """A property or a type that the platform keeps for old configurations and may take away.""",
    severity=Severity.WARNING,
    page="deprecations.rst",
    bad=pipe("erp-order", pump={"use_dead_letter_dataset": True}),
    good=pipe("erp-order", pump={"dead_letter_dataset": "erp-order-dead"}),
)

# --- references ------------------------------------------------------------------------------------------------------

references = Family("references")

references.found_elsewhere(
    "DF301",
    """A dataset that is read, looked into or waited for, and that no pipe writes: it stays empty for ever.""",
    bad=pipe("erp-order") | pipe("crm-order", {"type": "dataset", "dataset": "erp-orders"}),
    good=pipe("erp-order") | pipe("crm-order", {"type": "dataset", "dataset": "erp-order"}),
)
references.found_elsewhere(
    "DF302",
    """A system that does not exist, whether the alternative that names it takes effect or not.""",
    page=_SYSTEMS,
    bad=inbound("erp-order", "erp-api"),
    good=inbound("erp-order") | system(),
)
references.found_elsewhere(
    "DF303",
    """A variable without a value in this profile. Its name stays in the text as it is.""",
    page="documentation/service-configuration/environment-variables/environment-variables.rst",
    bad=pipe("erp-order", pump={"mode": "$ENV(pump-mode)"}) | {"test-env.json": {}},
    good=pipe("erp-order", pump={"mode": "$ENV(pump-mode)"}) | {"test-env.json": {"pump-mode": "manual"}},
)
references.found_elsewhere(
    "DF304",
    """A dataset that two pipes write. Each takes the other's entities for its own, and deletes them.""",
    bad=pipe("erp-order") | pipe("erp-order-old", sink={"type": "replicated_dataset", "dataset": "erp-order"}),
    good=pipe("erp-order") | pipe("erp-order-old"),
)

# --- DTL -------------------------------------------------------------------------------------------------------------

language = Family("dtl")


def _rules(*transforms: object, **rules: object) -> Files:
    return pipe("erp-order", transform=dtl(["copy", "*"], *transforms, **rules))


_LINES = {"datasets": ["erp-line l"], "where": [["eq", "_S._id", "l.order"]]}
_ERP_LINE = pipe("erp-line", {"type": "http_endpoint"})


def _hopping(*transforms: object, **rules: object) -> Files:
    reads = {"type": "dataset", "dataset": "crm-order"}
    orders = pipe("erp-order", reads, transform=dtl(["copy", "*"], *transforms, **rules))
    return orders | _ERP_LINE | pipe("crm-order", {"type": "http_endpoint"})


language.found_elsewhere(
    "DF401",
    """A function or transform that DTL does not have.""",
    bad=_rules(["add", "name", ["uper", "_S.name"]]),
    good=_rules(["add", "name", ["upper", "_S.name"]]),
)
language.found_elsewhere(
    "DF402",
    """A function with too few or too many arguments.""",
    bad=_rules(["rename", "name"]),
    good=_rules(["rename", "name", "title"]),
)
language.found_elsewhere(
    "DF403",
    """A rule that is applied and does not exist.""",
    bad=_rules(["add", "lines", ["apply", "line", "_S.lines"]]),
    good=_rules(["add", "lines", ["apply", "line", "_S.lines"]], line=[["copy", "*"]]),
)
language.found_elsewhere(
    "DF404",
    """A transform where an expression belongs, or the reverse.""",
    bad=_rules(["add", "name", ["rename", "title", "name"]]),
    good=_rules(["rename", "title", "name"]),
)
language.found_elsewhere(
    "DF405",
    """Hops without a join that leads from the source to each dataset: an `eq` with the one on its left and the other
    on its right.
    """,
    page="dtl/joins.rst",
    bad=_hopping(["add", "lines", ["hops", {"datasets": ["erp-line l"], "where": [["eq", "l.open", True]]}]]),
    good=_hopping(["add", "lines", ["hops", _LINES]]),
)
language.found_elsewhere(
    "DF406",
    """A rule applied in a way it does not allow: one with hops needs `apply-hops`, so that dependency tracking can
    follow it.
    """,
    page="dtl/dtl-functions-hops.rst",
    bad=_hopping(["add", "x", ["apply", "lines", "_S."]], lines=[["add", "lines", ["hops", _LINES]]]),
    good=_hopping(["add", "lines", ["hops", _LINES]]),
)
language.found_elsewhere(
    "DF407",
    """An argument of a type that the function does not take there.""",
    page="dtl/argument-types.rst",
    bad=_rules(["add", "code", ["substring", "2", "_S.code"]]),
    good=_rules(["add", "code", ["substring", 2, "_S.code"]]),
)
language.found_elsewhere(
    "DF408",
    """DTL of a form that it does not have: rules without `default`, keys of hops nobody knows, a list that is no call.""",
    bad=_hopping(["add", "lines", ["hops", {**_LINES, "retrun": "l._id"}]]),
    good=_hopping(["add", "lines", ["hops", {**_LINES, "return": "l._id"}]]),
)
language.found_elsewhere(
    "DF409",
    """A rule that applies itself to the very entity it is applied to, without end.""",
    bad=_rules(["add", "tree", ["apply", "node", "_S."]], node=[["add", "tree", ["apply", "node", "_S."]]]),
    good=_rules(["add", "tree", ["apply", "node", "_S."]], node=[["add", "tree", ["apply", "node", "_S.children"]]]),
)
language.found_elsewhere(
    "DF410",
    """A variable that has no value where it stands, such as `_` outside a function that goes over values.""",
    page="dtl/variables.rst",
    bad=_rules(["add", "name", ["upper", "_.name"]]),
    good=_rules(["add", "names", ["map", ["upper", "_.name"], "_S.people"]]),
)
language.found_elsewhere(
    "DF411",
    """A function that fails whatever the entity is, because the arguments that matter are constants.""",
    bad=_rules(["add", "day", ["datetime-parse", "%Q", "_S.day"]]),
    good=_rules(["add", "day", ["datetime-parse", "%Y-%m-%d", "_S.day"]]),
)
language.found_elsewhere(
    "DF412",
    """A value of a type that the function passes over in silence: it is not in the result.""",
    severity=Severity.WARNING,
    bad=_rules(["add", "title", ["concat", "Order ", 5]]),
    good=_rules(["add", "title", ["concat", "Order ", ["string", 5]]]),
)
language.found_elsewhere(
    "DF413",
    """A rule that is never applied, neither by the default rule nor by one that it leads to.""",
    severity=Severity.WARNING,
    bad=_rules(line=[["copy", "*"]]),
    good=_rules(["add", "lines", ["apply", "line", "_S.lines"]], line=[["copy", "*"]]),
)
language.found_elsewhere(
    "DF414",
    """A branch that is never taken: its condition, or the one before it, is decided beforehand.""",
    severity=Severity.WARNING,
    bad=_rules(["if", True, ["add", "open", True], ["add", "open", False]]),
    good=_rules(["if", ["eq", "_S.status", "open"], ["add", "open", True], ["add", "open", False]]),
)
language.found_elsewhere(
    "DF415",
    """A transform behind one that always ends the rule.""",
    severity=Severity.WARNING,
    bad=pipe("erp-order", transform=dtl(["discard"], ["copy", "*"])),
    good=pipe("erp-order", transform=dtl(["discard", ["eq", "_S.open", True]], ["copy", "*"])),
)
