"""The package with something taken out of it that it cannot do without: a scenario must notice."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Change = Callable[[str, Any], Any]

_FOUND_BODY = (["is-not-null", "_S.response_body.Message"], ["eq", "_S.response_body.IsError", True])


def broken(root: Path, folder: Path, name: str) -> Path:
    """A copy of the package in `folder` with one break. Raises AssertionError when nothing was there to break."""
    for part in ("pipes", "systems", "testdata"):
        shutil.copytree(root / part, folder / part)
    for path in (*root.glob("*-env.json"), root / "node-metadata.conf.json"):
        shutil.copy(path, folder / path.name)
    change, count = BREAKS[name][0], 0
    for path in sorted((folder / "pipes").glob("*.conf.json")):
        before = path.read_text("utf-8")
        pipe = json.loads(before)
        after = change(pipe["_id"], pipe)
        if after != json.loads(before):
            path.write_text(json.dumps(after), "utf-8")
            count += 1
    assert count, f"{name}: no pipe was changed"
    return folder


def _replaced(value: Any, replace: Callable[[Any], Any]) -> Any:
    """`value` with everything in it, from the inside out, put through `replace`."""
    if type(value) is dict:
        value = {key: _replaced(child, replace) for key, child in value.items()}
    elif type(value) is list:
        value = [_replaced(child, replace) for child in value]
    return replace(value)


def _rules(pipe: Any) -> Iterator[dict[str, Any]]:
    transforms = pipe.get("transform", [])
    for transform in transforms if type(transforms) is list else [transforms]:
        if transform["type"] == "dtl":
            yield transform["rules"]


def _insert_at_once(pipe_id: str, pipe: Any) -> Any:
    def at_once(value: Any) -> Any:
        return "insert" if type(value) is list and value[:1] == ["if"] and value[2:] == ["find", "insert"] else value

    return _replaced(pipe, at_once)


def _whole_records(pipe_id: str, pipe: Any) -> Any:
    if pipe_id.endswith("-share"):
        for rules in _rules(pipe):
            if "compared" in rules:
                rules["compared"] = [["copy", "*"]]
    return pipe


def _newest_record(pipe_id: str, pipe: Any) -> Any:
    stamp = "_R._T._stamp"
    return _replaced(
        pipe, lambda value: stamp if type(value) is list and value[:1] == ["case"] and stamp in value else value
    )


def _whole_payload(pipe_id: str, pipe: Any) -> Any:
    def always(value: Any) -> Any:
        if type(value) is list and value[:1] == ["if"] and str(value[1]).startswith("['neq', '_S.wanted."):
            return value[2]
        return value

    return _replaced(pipe, always)


def _large_batches(pipe_id: str, pipe: Any) -> Any:
    return {**pipe, "batch_size": 100} if pipe_id.endswith("-share") else pipe


def _filter_what_waits(pipe_id: str, pipe: Any) -> Any:
    def filtered(value: Any) -> Any:
        if type(value) is list and value[:2] == ["add-if", "$discard"]:
            return ["filter", ["is-empty", "_T._reasons"]]
        return value

    return _replaced(pipe, filtered) if pipe_id.endswith("-transform") else pipe


def _filter_what_has_no_number(pipe_id: str, pipe: Any) -> Any:
    if pipe_id == "webcrm-product-enrich":
        number = "_S.$ENV(webcrm-product-number-field)"
        for rules in _rules(pipe):
            rules["default"].append(["filter", ["and", ["is-not-null", number], ["neq", number, ""]]])
    return pipe


def _status_alone(pipe_id: str, pipe: Any) -> Any:
    def without(value: Any) -> Any:
        if type(value) is list:
            return [child for child in value if child not in _FOUND_BODY]
        return value

    return _replaced(pipe, without) if pipe_id.endswith("-share") else pipe


# Each with the scenario that notices it, and words it says.
BREAKS: dict[str, tuple[Change, str, str]] = {
    "no lookup before an insert": (_insert_at_once, "answer-lost-in-webcrm", "there are 3 webcrm-organisation, not 2"),
    "the newest record wins": (_newest_record, "both-edited-different-properties", "OrganisationName is 'Fjord'"),
    "whole records are compared": (_whole_records, "edited-in-webcrm", "Name is 'Fjord', not 'Fjell'"),
    "whole records are sent": (_whole_payload, "edited-right-before-put", "OrganisationCity is 'Bergen', not 'Voss'"),
    "a share works in batches": (_large_batches, "lines-alike", "there are 1 webcrm-quotationline, not 2"),
    "what waits is filtered": (_filter_what_waits, "becomes-delivery", "$operation is 'discard-deletes-not-enabled'"),
    "what lacks a key is filtered": (
        _filter_what_has_no_number,
        "product-number-cleared",
        "there are 0 customerp-product",
    ),
    "an error in the body is ignored": (_status_alone, "refused-in-body", "$success is True, not False"),
}
