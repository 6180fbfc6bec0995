"""What goes wrong in real configurations, and which rule tells of it; or why nobody can tell without running the package.

The items are those of the notes this repository was written by, sections 6 (pitfalls of a node) and 7 (what a consultant would
criticise), in a few words of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dataflow.project import read_project
from dataflow.rules import RULES, Selection, validate
from package_files import dtl, pipe, write_package

if TYPE_CHECKING:
    from pathlib import Path

# Ids of rules, or a reason in words. Several ids look at it from several sides.
RENAMED = {
    "base_url": "DF208",
    "merge without a version": "DF811",
    "equality": "DF812",
    "set-initial-offset": "DF203",
    "names with hyphens": "DF203",
    "use_dead_letter_dataset": "DF208",
    "prefilters": "DF203",
    "curie, lookup, reference, ni-collapse, ni-expand, uri-expand": "DF420",
    "access_token_property": "DF208",
    "lower_keys, diff_datasets": "DF208",
    "short_config": "DF203",
    "removed products": "They are used outside of packages.",
}
DEFAULTS = {
    "side_effects": "DF813",
    "allowed_status_codes": "The default is what one expects again; given ones are looked at by DF851.",
    "payload of a pipe and an operation": "DF855",
    "paging that ends with an identical answer": "What a system answers is known in a run.",
    "signalling": "DF816",
    "batches of a REST sink": "One entity a request is the default, and what one expects.",
    "checkpoint_interval": "It matters only after a crash; nothing in a package says how much may be done again.",
    "compaction": "How many versions are kept shows in a dataset, not in a package.",
    "verify_ssl": "DF803",
    "strict templates": "DF854; whether a property is there is known in a run.",
    "a missing _id": "An entity that comes without one is known in a run, which says so.",
}
SEMANTICS = {
    1: "DF837",
    2: "DF418 DF426 DF406",
    3: "Which properties the records of a system have is known in a run.",
    4: "DF821",
    5: "DF822",
    6: "DF412; the type of an id that comes from a system is known in a run.",
    7: "DF421",
    8: "DF424 DF405",
    9: "DF411; whether a value fits the format is known in a run, which tells of ignored values.",
    10: "What a pipe has processed before its rules were changed is no part of a package.",
    11: "DF843",
    12: "DF842",
    13: "DF838 DF839 DF823 DF406",
    14: "DF427",
    15: "DF845 DF815",
    16: "DF840",
    17: "How numbers look that a system answers with is known in a run.",
    18: "DF847",
    19: "DF824",
    20: "To reset a dataset is something people do, and no package says.",
}
DELETED = {
    "merges leave deleted entities out": "What is deleted is known in a run.",
    "hops never see them": "DF428",
    "merge drops properties that begin with _": "It is what one wants; the scenarios look at what becomes of deletions.",
    "a log is never deleted": "DF835",
    "ignore_deletes hides them": "It is the default of the client; the scenarios look at what becomes of deletions.",
    "$replaced": "Which entities move is known in a run.",
}
CRITICISED = {
    1: "DF830",
    2: "DF856",
    3: "DF832 DF833 DF849",
    4: "DF848",
    5: "DF425",
    6: "Whether a lookup stands before an update on purpose, a person has to say.",
    7: "DF846; `dataflow plan` is the dry run.",
    8: "DF837 DF835 DF845",
    9: "Which property is a foreign key is known from the mapping, which the checklist looks at.",
    10: "DF821 DF822 DF422",
    11: "DF817",
    12: "DF801 DF802 DF803 DF804 DF806",
    13: "Where logic belongs is a matter of taste.",
    14: "DF604 DF608 DF603",
    15: "DF619",
    16: "DF816 DF844",
    17: "Who looks at failed writes is agreed on outside of a package.",
    18: "`dataflow generate --check` compares pipes with their mappings.",
    19: "How a package is uploaded is no part of it.",
    20: "The checklist looks at the documents.",
}
TABLES = {
    "renamed": RENAMED,
    "defaults": DEFAULTS,
    "semantics": SEMANTICS,
    "deleted": DELETED,
    "criticised": CRITICISED,
}
ALL = [(f"{table}: {item}", text) for table, items in TABLES.items() for item, text in items.items()]


@pytest.mark.parametrize(("item", "text"), ALL, ids=[item for item, _ in ALL])
def test_each_has_a_rule_or_a_reason(item: str, text: str) -> None:
    ids = [word.rstrip(";.") for word in text.split() if word.startswith("DF")]
    assert set(ids) <= RULES.keys()
    assert ids or text.endswith(".")


def test_none_is_left_out() -> None:
    assert list(SEMANTICS) == list(CRITICISED) == list(range(1, 21))


REST = {"_id": "s", "type": "system:rest", "verify_ssl": True}
OLD: dict[str, list[dict[str, Any]]] = {
    "DF208 /base_url": [{**REST, "base_url": "https://x.example.com/"}],
    "DF208 /custom_auth/access_token_property": [
        {**REST, "url_pattern": "https://x.example.com/%s", "custom_auth": {"access_token_property": "t"}}
    ],
    "DF208 /pump/use_dead_letter_dataset": [pipe("p", pump={"use_dead_letter_dataset": True})],
    "DF208 /source/type": [pipe("p", {"type": "diff_datasets", "datasets": ["p", "p"]})],
    "DF208 /transform/type": [pipe("p", transform={"type": "lower_keys"})],
    "DF203 /source/prefilters": [pipe("p", {"type": "dataset", "dataset": "p", "prefilters": {}})],
    "DF203 /sink/set-initial-offset": [pipe("p", sink={"type": "dataset", "set-initial-offset": "onload"})],
    "DF203 /short_config": [pipe("p", short_config="x")],
    "DF811 /source": [pipe("p", {"type": "merge", "datasets": ["p p"]})],
    "DF812 /source/equality": [
        pipe("p", {"type": "merge", "datasets": ["p p", "q q"], "version": 2, "equality": [["eq", "p.x", "q.x"]]})
    ],
    **{
        f"DF420 /transform/rules/default/0/2/0 {name}": [pipe("p", transform=dtl(["add", "x", [name, *arguments]]))]
        for name, arguments in {
            "curie": ["a", "_S.b"],
            "lookup": ["p", "_S.b"],
            "reference": ["p", "_S.b"],
            "ni-collapse": ["_S.b"],
            "ni-expand": ["_S.b"],
            "uri-expand": ["_S.b"],
        }.items()
    },
}


@pytest.mark.parametrize("wanted", OLD)
def test_what_is_old_is_told_where_it_stands(wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_package(tmp_path, *OLD[wanted])
    found = {f"{one.code} {one.pointer}" for one in validate(read_project(tmp_path), Selection()).findings}
    assert " ".join(wanted.split()[:2]) in found
