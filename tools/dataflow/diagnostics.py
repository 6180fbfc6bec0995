"""Diagnostics: what is wrong in a user's files, as data. Rendering lives in `report/`, raising in `errors.FindingsError`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


# Stable codes: a released code keeps its meaning for ever and is never used again for anything else.
# 1xx files and JSON, 2xx shape of the configuration, 3xx references, 4xx DTL, 5xx mappings and generation,
# 6xx expected output and test specs, 7xx what happened in a run, 8xx what works but should not be so (80x security, 81x settings,
# 82x namespaces, 83x and 84x data flow, 85x REST, 86x names), 9xx suppressions.
CODES: dict[str, str] = {
    "DF101": "file cannot be read",
    "DF102": "not valid JSON",
    "DF103": "key given twice in one object",
    "DF104": "not valid YAML",
    "DF105": "not UTF-8",
    "DF106": "not a number that JSON knows (NaN, Infinity)",
    "DF107": "not in the platform's canonical format",
    "DF108": "comma after the last element",
    "DF109": "comment in JSON",
    "DF110": "byte order mark",
    "DF201": "property has the wrong type",
    "DF202": "required property is missing",
    "DF203": "unknown property",
    "DF204": "unknown component type",
    "DF205": "value is not one of those allowed",
    "DF206": "file name and _id differ",
    "DF207": "component id given twice",
    "DF208": "deprecated property or type",
    "DF301": "dataset that no pipe writes",
    "DF302": "system that does not exist",
    "DF303": "environment variable without a value",
    "DF304": "dataset written by more than one pipe",
    "DF305": "test data without a pipe that receives it",
    "DF306": "variable or secret written wrongly",
    "DF307": "variable without a value in another profile",
    "DF308": "variable that nothing uses",
    "DF309": "system that no pipe uses",
    "DF310": "system of the wrong type",
    "DF401": "unknown DTL function",
    "DF402": "wrong number of arguments",
    "DF403": "unknown rule",
    "DF404": "transform where an expression belongs, or the reverse",
    "DF405": "hops cannot be joined",
    "DF406": "rule applied in a way it does not allow",
    "DF407": "argument of the wrong type",
    "DF408": "malformed DTL",
    "DF409": "cyclic rule",
    "DF410": "unknown variable or dataset alias",
    "DF411": "constant expression fails",
    "DF412": "value of a type the function ignores",
    "DF413": "rule that is never applied",
    "DF414": "branch that is never reached",
    "DF415": "transform that is never reached",
    "DF416": "text that looks like a path",
    "DF417": "path where a name belongs",
    "DF418": "filter that keeps the deleted entities alone",
    "DF419": "arguments that look swapped",
    "DF420": "deprecated function",
    "DF421": "values that are never equal",
    "DF422": "identifiers of different namespaces",
    "DF423": "path into nothing",
    "DF424": "join beside another join",
    "DF425": "value that is another one every time",
    "DF426": "value that never comes",
    "DF427": "changes of the source taken for changes of the system",
    "DF428": "hops that look for deleted entities",
    "DF501": "mapping is malformed",
    "DF502": "generated pipe differs from its mapping",
    "DF503": "pipe without a mapping",
    "DF504": "row of a mapping that the pipes do not carry",
    "DF601": "test spec is malformed",
    "DF602": "expected file is missing",
    "DF603": "pipe without a test spec",
    "DF604": "test spec for a pipe that cannot be tested",
    "DF605": "checklist line not understood",
    "DF606": "expected file beside a test spec that is ignored",
    "DF607": "scenario is malformed",
    "DF608": "expected file without a test spec",
    "DF609": "checklist section that does not agree with itself",
    "DF619": "test that needs a real system",
    "DF701": "entity broke a transform",
    "DF702": "pipe failed",
    "DF703": "run did not come to rest",
    "DF704": "function ignored a value",
    "DF801": "secret in clear text",
    "DF802": "secret in an environment variable",
    "DF803": "certificate that is not verified",
    "DF804": "secret in an operation of a pipe",
    "DF805": "foreign host without encryption",
    "DF806": "secret in a profile",
    "DF811": "merge source of version 1",
    "DF812": "equality instead of equality_sets",
    "DF813": "lookup that counts as a change",
    "DF814": "settings that exclude each other",
    "DF815": "continuation that does nothing",
    "DF816": "signalling turned off",
    "DF817": "merge by names",
    "DF821": "namespaces removed before a dataset",
    "DF822": "alternatives that differ in namespaces",
    "DF823": "dependency tracking undone by namespaces",
    "DF824": "mixture of several systems",
    "DF830": "systems joined from point to point",
    "DF831": "circle of pipes that wait for each other",
    "DF832": "share without a collect loop",
    "DF833": "batch size of a pipe that looks its own output up",
    "DF834": "dependency tracking in a share",
    "DF835": "log that a full run deletes from",
    "DF836": "completeness that waits for itself",
    "DF837": "filter that becomes a deletion",
    "DF838": "hops whose changes go unnoticed",
    "DF839": "hops after the first transform",
    "DF840": "emit_children beside other transforms",
    "DF841": "dead letters of two pipes in one dataset",
    "DF842": "completeness and rescans",
    "DF843": "dataset that is populated from the start",
    "DF844": "inbound pipe without a schedule",
    "DF845": "deletions that are never seen",
    "DF846": "empty source accepted",
    "DF847": "log looked up by an id that changes",
    "DF848": "two shares with one operation",
    "DF849": "insert without a look at the log",
    "DF851": "status codes",
    "DF852": "paging",
    "DF853": "error expression that is never looked at",
    "DF854": "malformed template",
    "DF855": "payload given twice",
    "DF856": "answers thrown away",
    "DF861": "name",
    "DF862": "dataset of another name than its pipe",
    "DF863": "impossible dataset",
    "DF864": "name of a microservice",
    "DF901": "suppression that suppresses nothing",
    "DF902": "suppression that has expired",
    "DF903": "malformed list of suppressions",
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `line` and `column` count from 1; `pointer` is an RFC 6901 JSON pointer ("" is the whole file).

    `trace` has the way to a fault in a run, one line per expression and value met.
    """

    code: str
    message: str
    file: str | None = None
    pointer: str | None = None
    line: int | None = None
    column: int | None = None
    severity: Severity = Severity.ERROR
    expected: str | None = None
    hint: str | None = None
    trace: str | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown diagnostic code {self.code}")

    @property
    def place(self) -> str:
        """`file:line:column`, as far as known."""
        parts = [self.file or "", str(self.line or ""), str(self.column or "")]
        return ":".join(p for p in parts if p)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint naming the closest known name, or None when nothing is close enough to be worth saying."""
    # Few commands end in a misspelt name.
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f'did you mean "{close[0]}"?' if close else None
