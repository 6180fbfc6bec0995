"""Rules about references between files: variables, secrets and systems."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity, did_you_mean
from dataflow.effective import Part, Resolver
from dataflow.rules.rule import Family, Found, inbound, pipe, system
from dataflow.rules.texts import strings
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package
    from dataflow.source import Document

family = Family("references")

_MALFORMED = re.compile(
    r"\$\{(?:ENV|SECRET)\b|\$(?:ENV|SECRET)(?!\([^()]+\))|\$(?:env|Env|secret|Secret|ENVS|SECRETS|ENVIRONMENT)\([^()]*\)"
)
_VARIABLE = re.compile(r"\$ENV\(([^()]+)\)")


@family.rule(
    "DF306",
    severity=Severity.ERROR,
    page="documentation/service-configuration/environment-variables/environment-variables.rst",
    bad=inbound("erp-order", url="$ENV{orders}") | system(),
    good=inbound("erp-order", url="$ENV(orders)") | system() | {"test-env.json": {"orders": "orders.json"}},
)
def malformed(package: Package) -> Iterator[Found]:
    """A variable is written `$ENV(name)`, a secret `$SECRET(name)`. Written in another way it is not replaced, and
    the text goes on as it stands: as an address, a password, or a part of DTL.
    """
    for document in package.project.documents.values():
        if _MALFORMED.search(document.text) is None:
            continue
        for pointer, text in strings(document.value):
            wrong = _MALFORMED.search(text)
            if wrong is not None:
                kind = "SECRET" if "SECRET" in wrong[0].upper() else "ENV"
                message = f'"{wrong[0]}" is not replaced by anything'
                yield Found(document, pointer, message, expected=f"${kind}(name)")


@family.rule(
    "DF307",
    page="documentation/service-configuration/environment-variables/environment-variables.rst",
    bad=inbound("erp-order", url="$ENV(orders)")
    | system()
    | {"test-env.json": {"orders": "orders.json"}, "prod-env.json": {}},
    good=inbound("erp-order", url="$ENV(orders)")
    | system()
    | {"test-env.json": {"orders": "orders.json"}, "prod-env.json": {"orders": "v2/orders.json"}},
)
def missing_in_a_profile(package: Package) -> Iterator[Found]:
    """A variable that has a value in the profile at hand, but none in another one: what passes every test fails
    there. Alternatives that the other profile does not choose do not count. Likewise one that has a value in no profile
    at all, of a system that this profile does not use.
    """
    yield from _without_any_value(package)
    for name, profile in package.profiles.items():
        missing = package.project.env.keys() - profile.value.keys()
        if name == package.project.profile or not missing:
            continue
        users: dict[str, str] = {}
        for document in package.project.documents.values():
            if missing.isdisjoint(_VARIABLE.findall(document.text)):
                continue
            for variable in _needed(document, profile.value) & missing:
                users.setdefault(variable, document.file or "")
        for variable, user in sorted(users.items()):
            hint = did_you_mean(variable, profile.value) or f"{user} needs it"
            yield Found(profile, "", f'there is no "{variable}" here, which has a value in the other profile', hint)


def _without_any_value(package: Package) -> Iterator[Found]:
    known = {name for profile in package.profiles.values() for name in profile.value}
    told = {(one.file, one.pointer) for one in package.project.diagnostics if one.code == "DF303"}
    # With one profile alone, those of other nodes are kept elsewhere.
    for one in package.systems if len(package.profiles) > 1 else ():
        for missing in one.unresolved:
            names = _VARIABLE.findall(str(_at(one.original, missing.pointer or "")))
            if (missing.file, missing.pointer) not in told and not known & set(names):
                message = f'"{names[0]}" has a value in no profile'
                yield Found(one.document, missing.pointer or "", message, did_you_mean(names[0], known))


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if type(value) is list else value[key]
    return value


def _needed(document: Document, env: dict[str, Any]) -> set[str]:
    """The variables without a value that take effect in a component under a profile."""
    resolver = Resolver(document, env)
    filled = resolver.filled()
    for noun in ("source", "sink"):
        resolver.chosen(noun, Part(filled.get(noun), f"/{noun}"))
    list(resolver.steps(Part(filled.get("transform"), "/transform")))
    return {name for found in resolver.unresolved() for name in re.findall(r'"(.+)" has no value', found.message)}


@family.rule(
    "DF308",
    severity=Severity.INFO,
    page="documentation/service-configuration/environment-variables/environment-variables.rst",
    bad=pipe("erp-order") | {"test-env.json": {"orders": "orders.json"}},
    good=pipe("erp-order", pump={"mode": "$ENV(pump-mode)"}) | {"test-env.json": {"pump-mode": "manual"}},
)
def unused_variable(package: Package) -> Iterator[Found]:
    """A variable of a profile that nothing in the package uses: a leftover, or the misspelt name of one that is used."""
    if package.unreadable:
        return
    used = {name for document in package.project.documents.values() for name in _VARIABLE.findall(document.text)}
    for profile in package.profiles.values():
        for name in profile.value:
            if name not in used:
                hint = did_you_mean(name, used - profile.value.keys()) or "remove it"
                yield Found(profile, f"/{escaped(name)}", f'nothing uses "{name}"', hint)


@family.rule(
    "DF309",
    severity=Severity.INFO,
    page="documentation/service-configuration/systems/configuration-systems.rst",
    bad=pipe("erp-order") | system(),
    good=inbound("erp-order") | system(),
)
def unused_system(package: Package) -> Iterator[Found]:
    """A system that no pipe reads from or writes to, whatever the profile: a leftover, or pipes that name another one."""
    if package.unreadable:
        return
    used = {use.name for one in package.pipes for use, _ in one.systems}
    dynamic = any(
        "$ENV(" in json.dumps(part.config.get("system")) for one in package.pipes for part in package.parts(one)
    )
    for one in package.systems:
        if one.id not in used and not dynamic and one.config.get("type") != "system:microservice":
            yield Found(one.document, "/_id", f'no pipe uses system "{one.id}"', "remove it")


_SQL = frozenset(
    {
        *("system:mssql", "system:mssql-azure-dw", "system:mysql", "system:oracle", "system:oracle_tns"),
        *("system:postgresql", "system:sqlite", "system:sqlserver"),
    }
)
_URL = frozenset({"system:url", "system:rest"})
_WEB = _URL | {"system:microservice"}
_REST = frozenset({"system:rest"})

# (noun, type) -> the types of system it can use; a REST system extends a URL system.
_SYSTEMS = {
    ("source", "binary"): _URL,
    ("source", "csv"): _WEB,
    ("source", "json"): _WEB,
    ("source", "kafka"): {"system:kafka"},
    ("source", "ldap"): {"system:ldap"},
    ("source", "rdf"): _WEB,
    ("source", "rest"): _REST,
    ("source", "sdshare"): _WEB,
    ("source", "sparql"): _URL,
    ("source", "sql"): _SQL,
    ("transform", "http"): _WEB,
    ("transform", "rest"): _REST,
    ("transform", "template"): _REST,
    ("sink", "elasticsearch"): {"system:elasticsearch"},
    ("sink", "json"): _WEB,
    ("sink", "kafka"): {"system:kafka"},
    ("sink", "mail"): {"system:smtp"},
    ("sink", "rest"): _REST,
    ("sink", "sdshare"): _URL,
    ("sink", "sms"): {"system:twilio"},
    ("sink", "solr"): {"system:solr"},
    ("sink", "sparql"): _URL,
    ("sink", "sql"): _SQL,
}


_LIST = {"list": {"url": "orders", "method": "GET"}}


@family.rule(
    "DF310",
    severity=Severity.ERROR,
    page="documentation/service-configuration/systems/configuration-systems.rst",
    bad=inbound("erp-order", type="rest", operation="list", operations=_LIST) | system(),
    good=inbound("erp-order", type="rest", operation="list", operations=_LIST) | system(kind="system:rest"),
)
def wrong_type_of_system(package: Package) -> Iterator[Found]:
    """A source, transform or sink works with certain types of system alone: a REST source with a REST system, an SQL
    sink with a database.
    """
    for one in package.pipes:
        for use, part in one.systems:
            noun = use.pointer.split("/")[1]
            allowed = _SYSTEMS.get((noun, part.config.get("type")))
            used = package.project.systems.get(use.name)
            kind = used.config.get("type") if used is not None else None
            if allowed is not None and type(kind) is str and kind.startswith("system:") and kind not in allowed:
                message = f'{noun} "{part.config["type"]}" cannot use system "{use.name}", which is a {kind}'
                yield Found(one.document, use.pointer, message, expected=", ".join(sorted(allowed)))
