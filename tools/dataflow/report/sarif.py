"""Findings as SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dataflow import __version__
from dataflow.diagnostics import CODES, Severity
from dataflow.report.text import in_order
from dataflow.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.diagnostics import Diagnostic

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """One run with its results, and the rules they are of."""
    found = in_order(diagnostics)
    codes = sorted({one.code for one in found})
    driver = {
        "name": "dataflow",
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code)) for one in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(code: str) -> dict[str, Any]:
    rule = RULES.get(code)
    described: dict[str, Any] = {"id": code, "shortDescription": {"text": CODES[code]}}
    if rule is not None:
        described["fullDescription"] = {"text": " ".join(rule.text.split())}
        described["help"] = {"text": f"`dataflow rules {code}` has examples."}
        described["defaultConfiguration"] = {"level": _LEVELS[rule.severity]}
        described["properties"] = {"tags": [rule.family]}
    return described


def _result(one: Diagnostic, index: int) -> dict[str, Any]:
    notes = [one.message, f"Expected: {one.expected}" if one.expected else "", one.hint or ""]
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": _LEVELS[one.severity],
        "message": {"text": "\n".join(note for note in notes if note)},
        # What stays the same while lines move.
        "partialFingerprints": {"dataflow/v1": _fingerprint(one)},
    }
    if one.file is not None:
        place: dict[str, Any] = {"artifactLocation": {"uri": quote(one.file), "uriBaseId": "%SRCROOT%"}}
        if one.line is not None:
            place["region"] = {"startLine": one.line, "startColumn": one.column or 1}
        location: dict[str, Any] = {"physicalLocation": place}
        if one.pointer:
            location["logicalLocations"] = [{"fullyQualifiedName": one.pointer}]
        result["locations"] = [location]
    return result


def _fingerprint(one: Diagnostic) -> str:
    text = "\0".join((one.code, one.file or "", one.pointer or "", one.message))
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).hexdigest()
