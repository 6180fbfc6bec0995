"""Scenarios as files, one each.

    title: An edit in webCRM reaches Customerp and does not come back
    given:
      webcrm-organisation:
      - {OrganisationId: 11, OrganisationName: Fjord}
    steps:
    - sync:
    - edit: webcrm-organisation 11
      set: {OrganisationName: Fjell}
    - sync:
    - expect:
        writes: [PATCH customerp /customers/*]
        records: {customerp-customer of webcrm-organisation 11: {Name: Fjell}}

A record is `MEMBER ID`, or `MEMBER of MEMBER ID` for the one that another is linked with. Unless `open` says why not, a scenario
ends with both systems in step, and with another sync that writes nothing. `env` sets variables of the package; `webcrm` and
`customerp` set switches of the simulated systems (the fields of Behaviour and Habits). What is `given` was last changed on 1 June
2026 unless it says otherwise; the first step is on 2 November 2026.

| Step | What happens |
| --- | --- |
| `sync:` (`rounds`) | both systems are collected and everything is done that follows, until there is nothing more to write |
| `edit: RECORD`, `set` (`before: REQUEST`) | somebody changes a record, at once or right before that request is answered |
| `create: MEMBER`, `with`; `delete: RECORD` | somebody makes a record, or deletes it |
| `advance: RECORD` | the system goes on by itself: an order to its next status, an opportunity to being a delivery |
| `wait: SECONDS` | time passes |
| `fault: SYSTEM`, `kind` ...; `no-faults: SYSTEM` | see simulators/faults.py |
| `kill: REQUEST` (`when: sent`) | the node dies when the request has been answered, or before the system saw it |
| `reset: PIPES` | pipes start from the beginning |
| `decide: PIPE` | an operator lets a pipe go on whose circuit breaker has tripped |
| `expect:` | `records`, `counts` by member, `logs` of the shares, `failed` pipes, `in-step`, `plan`, `drift`; of the last sync \
  `writes`, `requests` (how many of a kind) and `waited` (seconds at least) |
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dataflow.errors import UsageError
from dataflow.generate.reading import Reader
from dataflow.scenario.script import (
    Advance,
    Aim,
    Create,
    Decide,
    Delete,
    Edit,
    Expect,
    Kill,
    Ref,
    Reset,
    Scenario,
    Step,
    Sync,
    Trouble,
    Wait,
)
from dataflow.simulators import faults
from dataflow.simulators.customerp.habits import Habits
from dataflow.simulators.webcrm.behaviour import Behaviour
from dataflow.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from dataflow.scenario.script import Action

SYSTEMS = ("webcrm", "customerp")
_SWITCHES = {
    "webcrm": frozenset(one.name for one in fields(Behaviour)),
    "customerp": frozenset(one.name for one in fields(Habits)),
}
_RECORD = re.compile(r"(?P<member>\S+)(?: of (?P<other>\S+))? (?P<id>\d+(?:-\d+)?)")
_REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<system>webcrm|customerp) (?P<path>/\S*)")
_FAULT = ("method", "path", "nth", "count", "probability", "after", "seconds", "status", "retry_after", "rows")


def read_scenario(path: Path, members: Collection[str]) -> Scenario:
    """One scenario; `members` are those of the mappings. Raises FindingsError with every fault (DF101, DF104, DF607)."""
    script = _Script(Reader(read_yaml(path), "DF607"), members)
    scenario = script.scenario(path.stem)
    script.reader.finish()
    return scenario


class _Script:
    def __init__(self, reader: Reader, members: Collection[str]) -> None:
        self.reader = reader
        self._members = sorted(members)
        self._verbs: dict[str, tuple[Callable[[str, dict[str, Any]], Action], tuple[str, ...]]] = {
            "sync": (self._sync, ("rounds",)),
            "edit": (self._edit, ("set", "before")),
            "create": (self._create, ("with",)),
            "delete": (self._delete, ()),
            "advance": (self._advance, ()),
            "wait": (self._wait, ()),
            "fault": (self._fault, ("kind", *_FAULT)),
            "no-faults": (self._no_faults, ()),
            "kill": (self._kill, ("when",)),
            "reset": (self._reset, ()),
            "decide": (self._decide, ()),
            "expect": (self._expect, ()),
        }

    def scenario(self, name: str) -> Scenario:
        top = self.reader.mapping("", required=("title", "steps"), optional=("about", "env", "given", "open", *SYSTEMS))
        return Scenario(
            id=name,
            title=self.reader.text("/title"),
            file=self.reader.file,
            about=tuple(self.reader.texts("/about")) if "about" in top else (),
            env=self.reader.mapping("/env") if "env" in top else {},
            given=self._given() if "given" in top else {},
            steps=tuple(self._step(f"/steps/{i}") for i in range(len(self.reader.sequence("/steps")))),
            open=self.reader.text("/open") if "open" in top else None,
            switches={system: self._switches(system) for system in SYSTEMS if system in top},
        )

    def _switches(self, system: str) -> Mapping[str, Any]:
        wanted = self.reader.mapping(f"/{system}")
        for name in wanted.keys() - _SWITCHES[system]:
            self.reader.unknown(f"/{system}/{name}", "switch", name, sorted(_SWITCHES[system]))
        return wanted

    def _given(self) -> dict[str, tuple[Mapping[str, Any], ...]]:
        given = self.reader.mapping("/given")
        for member in given:
            self._member(f"/given/{member}", member)
        return {
            member: tuple(self.reader.mapping(f"/given/{member}/{i}") for i in range(len(records)))
            for member, records in ((m, self.reader.sequence(f"/given/{m}")) for m in given)
        }

    def _step(self, pointer: str) -> Step:
        step = self.reader.mapping(pointer)
        verbs = [verb for verb in step if verb in self._verbs]
        line = self.reader.line(pointer)
        if len(verbs) != 1:
            found = " and ".join(verbs) or "none"
            self.reader.fault(pointer, f"a step does one thing, this {found}", expected=", ".join(self._verbs))
            return Step(Wait(0), line)
        make, more = self._verbs[verbs[0]]
        self.reader.mapping(pointer, required=verbs, optional=more)
        return Step(make(f"{pointer}/{verbs[0]}", step), line)

    def _sync(self, pointer: str, step: dict[str, Any]) -> Sync:
        if step["sync"] is not None:
            self.reader.fault(
                pointer, f"a sync takes nothing, not {step['sync']!r}", expected="sync:, and rounds beside it"
            )
        rounds = step.get("rounds")
        if rounds is not None and (type(rounds) is not int or rounds < 1):
            self.reader.fault(
                f"{pointer.rpartition('/')[0]}/rounds", f"{rounds!r} is no number of rounds", expected="1 or more"
            )
            return Sync()
        return Sync(rounds)

    def _edit(self, pointer: str, step: dict[str, Any]) -> Edit:
        at = pointer.rpartition("/")[0]
        before = self._aim(f"{at}/before") if "before" in step else None
        return Edit(self._ref(pointer, step["edit"]), self.reader.mapping(f"{at}/set"), before)

    def _create(self, pointer: str, step: dict[str, Any]) -> Create:
        self._member(pointer, step["create"])
        return Create(str(step["create"]), self.reader.mapping(f"{pointer.rpartition('/')[0]}/with"))

    def _delete(self, pointer: str, step: dict[str, Any]) -> Delete:
        return Delete(self._ref(pointer, step["delete"]))

    def _advance(self, pointer: str, step: dict[str, Any]) -> Advance:
        return Advance(self._ref(pointer, step["advance"]))

    def _wait(self, pointer: str, step: dict[str, Any]) -> Wait:
        if type(step["wait"]) not in (int, float):
            self.reader.fault(pointer, f"{step['wait']!r} is no number of seconds", expected="a number")
            return Wait(0)
        return Wait(float(step["wait"]))

    def _fault(self, pointer: str, step: dict[str, Any]) -> Trouble:
        system = self.reader.one_of(pointer, SYSTEMS)
        try:
            return Trouble(system, faults.made({name: value for name, value in step.items() if name != "fault"}))
        except UsageError as error:
            self.reader.fault(pointer.rpartition("/")[0], str(error))
            return Trouble(system, None)

    def _no_faults(self, pointer: str, step: dict[str, Any]) -> Trouble:
        return Trouble(self.reader.one_of(pointer, SYSTEMS), None)

    def _kill(self, pointer: str, step: dict[str, Any]) -> Kill:
        when = "answered"
        if "when" in step:
            when = self.reader.one_of(f"{pointer.rpartition('/')[0]}/when", ("answered", "sent"))
        return Kill(self._aim(pointer), answered=when == "answered")

    def _reset(self, pointer: str, step: dict[str, Any]) -> Reset:
        return Reset(self.reader.text(pointer))

    def _decide(self, pointer: str, step: dict[str, Any]) -> Decide:
        return Decide(self.reader.text(pointer))

    def _expect(self, pointer: str, step: dict[str, Any]) -> Expect:
        known = ("records", "counts", "writes", "logs", "failed", "in-step", "plan", "drift", "requests", "waited")
        wanted = self.reader.mapping(pointer, optional=known)
        counts = self.reader.mapping(f"{pointer}/counts") if "counts" in wanted else {}
        for member in counts:
            self._member(f"{pointer}/counts/{member}", member)
        return Expect(
            records=self._refs(f"{pointer}/records") if "records" in wanted else {},
            counts=counts,
            writes=self._writes(f"{pointer}/writes") if "writes" in wanted else None,
            logs={ref: values or {} for ref, values in self._refs(f"{pointer}/logs").items()}
            if "logs" in wanted
            else {},
            failed=tuple(self.reader.texts(f"{pointer}/failed")) if "failed" in wanted else None,
            in_step=wanted.get("in-step") is True,
            plan=self.reader.mapping(f"{pointer}/plan") if "plan" in wanted else None,
            drift=self.reader.mapping(f"{pointer}/drift") if "drift" in wanted else None,
            requests=self._requests(f"{pointer}/requests") if "requests" in wanted else {},
            waited=wanted.get("waited"),
        )

    def _refs(self, pointer: str) -> dict[Ref, Mapping[str, Any] | None]:
        found: dict[Ref, Mapping[str, Any] | None] = {}
        for name, values in self.reader.mapping(pointer).items():
            below = f"{pointer}/{name}"
            if values is not None and type(values) is not dict:
                self.reader.fault(
                    below, f"{values!r} is no record", expected="properties and their values, or null for none"
                )
                values = None
            found[self._ref(below, name)] = values
        return found

    def _requests(self, pointer: str) -> dict[str, int]:
        wanted = self.reader.mapping(pointer)
        for text in wanted:
            self._request(f"{pointer}/{text}", text)
        return wanted

    def _writes(self, pointer: str) -> tuple[str, ...]:
        wanted = self.reader.texts(pointer)
        for index, text in enumerate(wanted):
            self._request(f"{pointer}/{index}", text)
        return tuple(sorted(wanted))

    def _aim(self, pointer: str) -> Aim:
        found = self._request(pointer, self.reader.text(pointer))
        return Aim(found["method"], found["system"], found["path"]) if found else Aim("GET", SYSTEMS[0], "/")

    def _request(self, pointer: str, text: str) -> re.Match[str] | None:
        found = _REQUEST.fullmatch(text)
        if found is None:
            self.reader.fault(pointer, f'"{text}" is no request', expected="METHOD SYSTEM /path")
        return found

    def _ref(self, pointer: str, text: object) -> Ref:
        found = _RECORD.fullmatch(str(text))
        if found is None:
            self.reader.fault(pointer, f"{text!r} is no record", expected="MEMBER ID, or MEMBER of MEMBER ID")
            return Ref(self._members[0], "0")
        for member in filter(None, (found["member"], found["other"])):
            self._member(pointer, member)
        return Ref(found["member"], found["id"], found["other"])

    def _member(self, pointer: str, name: object) -> None:
        if name not in self._members:
            self.reader.unknown(pointer, "member", str(name), self._members)


def scenario_files(folders: Iterable[Path]) -> list[Path]:
    """Every scenario in some files and folders, ordered by name."""
    found = {file for path in folders for file in ([path] if path.is_file() else path.rglob("*.yaml"))}
    return sorted(found, key=lambda path: (path.stem, path))
