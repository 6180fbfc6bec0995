"""Rules about secrets, and about talking to systems safely."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Severity
from dataflow.rules.rule import Family, Found, inbound, system
from dataflow.rules.texts import strings
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.rules.package import Package

family = Family("security")

# Names under which secrets are given, whatever stands before them; "token_url" and the like are none.
_SECRET = re.compile(
    r"(?:^|[-_.])(?:password|passwd|pwd|secret|token|api-?_?key|private-?_?key|access-?_?key|jwt|credentials?)$|password$|secret$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^(?:authorization|proxy-authorization|cookie|.*(?:token|secret|api-?key|subscription-key|password))$",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"://[^/@:\s$]+:([^/@\s$]+)@")
_JINJA = re.compile(r"\{\{|\{%")
_FILE = re.compile(r"^[\w./\\-]+\.(?:json|pem|key|crt|cer|p12|pfx|jks|txt)$", re.IGNORECASE)


def _literal(value: Any) -> bool:
    """Whether a value is given as it is: no secret, variable or template, nor the name of the file it stands in."""
    return (
        type(value) is str
        and value != ""
        and "$SECRET(" not in value
        and "$ENV(" not in value
        and not _JINJA.search(value)
        and not _FILE.match(value)
    )


def _secrets(value: Any, pointer: str = "", header: bool = False) -> Iterator[tuple[str, str, Any]]:
    """Pointer, name and value of everything that by its name is a secret."""
    for key, inner in value.items() if type(value) is dict else ():
        here = f"{pointer}/{escaped(key)}"
        if (_HEADER if header else _SECRET).search(key) and type(inner) is str:
            yield here, key, inner
        elif key == "initial_refresh_token" and type(inner) is dict:
            yield from ((f"{here}/{escaped(name)}", name, one) for name, one in inner.items())
        else:
            yield from _secrets(inner, here, header=key == "headers")


# Their names end like secrets, but they hold the name of a property or an operation.
_NAMES = frozenset(
    {"access_token_property", "refresh_token_property", "get_token_operation", "get_refresh_token_operation"}
)


@family.rule(
    "DF801",
    severity=Severity.ERROR,
    page="documentation/service-configuration/systems/configuration-systems.rst",
    bad=inbound("erp-order", type="sql", table="orders")
    | system("erp", "system:mysql", host="db.example.com", database="erp", username="sesam", password="hunter2"),
    good=inbound("erp-order", type="sql", table="orders")
    | system(
        "erp", "system:mysql", host="db.example.com", database="erp", username="sesam", password="$SECRET(erp-password)"
    ),
)
def secret_in_clear_text(package: Package) -> Iterator[Found]:
    """A password, token or key that stands in the file of a system, where everybody who can read the configuration,
    or its history, finds it. Give it to the platform's secrets manager and write `$SECRET(name)`.
    """
    for one in package.systems:
        for pointer, name, value in _secrets(one.document.value):
            if name not in _NAMES and _literal(value):
                message = f'"{name}" stands here in clear text'
                yield Found(one.document, pointer, message, expected="$SECRET(name)")
        for pointer, value in strings(one.document.value):
            if "://" in value and _USERINFO.search(value):
                message = "a password stands in this address in clear text"
                yield Found(one.document, pointer, message, expected="://$SECRET(username):$SECRET(password)@")


@family.rule(
    "DF802",
    page="documentation/service-configuration/environment-variables/environment-variables.rst",
    bad=inbound("erp-order", type="sql", table="orders")
    | system(
        "erp", "system:mysql", host="db.example.com", database="erp", username="sesam", password="$ENV(erp-password)"
    )
    | {"test-env.json": {"erp-password": ""}},
    good=inbound("erp-order", type="sql", table="orders")
    | system(
        "erp", "system:mysql", host="db.example.com", database="erp", username="sesam", password="$SECRET(erp-password)"
    ),
)
def secret_in_a_variable(package: Package) -> Iterator[Found]:
    """A secret that is kept in an environment variable. Variables can be read back by everybody who may see the
    configuration; secrets cannot.
    """
    for one in package.systems:
        for pointer, name, value in _secrets(one.document.value):
            if type(value) is str and "$ENV(" in value and "$SECRET(" not in value and name not in _NAMES:
                message = f'"{name}" is kept in an environment variable'
                yield Found(one.document, pointer, message, expected="$SECRET(name)")


@family.rule(
    "DF803",
    page="documentation/service-configuration/systems/configuration-systems-url.rst",
    bad=inbound("erp-order") | system(verify_ssl=False),
    good=inbound("erp-order") | system(),
)
def certificate_not_verified(package: Package) -> Iterator[Found]:
    """`verify_ssl` is false unless it is given, so nobody makes sure that the server at the other end is the right
    one. Set it to true in the system, or for all systems in `global_defaults` of the service metadata.
    """
    defaults = package.project.metadata.get("global_defaults")
    usual = defaults.get("verify_ssl", False) if type(defaults) is dict else False
    for one in package.systems:
        config = one.config
        if config.get("type") not in ("system:rest", "system:url") or config.get("verify_ssl", usual) is not False:
            continue
        address = config.get("url_pattern", config.get("base_url"))
        if type(address) is str and not address.lower().startswith("http:"):
            pointer = "/verify_ssl" if "verify_ssl" in one.document.value else ""
            message = f'system "{one.id}" does not verify the certificate of the server'
            yield Found(one.document, pointer, message, 'set "verify_ssl": true')


_LIST = {"list": {"url": "orders", "method": "GET", "params": {"key": "$SECRET(erp-key)"}}}


@family.rule(
    "DF804",
    severity=Severity.ERROR,
    page="documentation/service-configuration/pipes/configuration-sources-rest.rst",
    bad=inbound("erp-order", type="rest", operation="list", operations=_LIST) | system(kind="system:rest"),
    good=inbound("erp-order", type="rest", operation="list") | system(kind="system:rest", operations=_LIST),
)
def secret_in_an_operation_of_a_pipe(package: Package) -> Iterator[Found]:
    """Secrets are allowed in the operations of a system alone. In those of a pipe `$SECRET(...)` is not replaced: the
    text itself is sent.
    """
    for one in package.pipes:
        if "$SECRET(" not in one.document.text:
            continue
        for part in package.parts(one):
            if type(part.config) is not dict:
                continue
            for name in ("operations", "payload"):
                yield from (
                    Found(
                        one.document,
                        pointer,
                        "a secret is not replaced in a pipe",
                        "move the operation to the system",
                    )
                    for pointer, text in strings(part.config.get(name), f"{part.pointer}/{name}")
                    if "$SECRET(" in text
                )


_HTTP = re.compile(r"^http://([^/:\s]+)", re.IGNORECASE)
_NEAR = re.compile(
    r"^(?:localhost|127\..*|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|\[?::1\]?|[^.]+|.*\.(?:local|localhost|internal|test|lan))$",
    re.IGNORECASE,
)


@family.rule(
    "DF805",
    page="documentation/service-configuration/systems/configuration-systems-url.rst",
    bad=inbound("erp-order") | system(url_pattern="http://erp.example.com/%s"),
    good=inbound("erp-order") | system(url_pattern="https://erp.example.com/%s"),
)
def unencrypted(package: Package) -> Iterator[Found]:
    """A system on another network that is talked to by plain `http:`: everybody on the way can read and change what is sent,
    passwords included.
    """
    for one in package.systems:
        for name in ("url_pattern", "base_url"):
            address = one.config.get(name)
            host = _HTTP.match(address) if type(address) is str else None
            if host is not None and "$" not in host[1] and "{" not in host[1] and not _NEAR.match(host[1]):
                yield Found(one.document, f"/{name}", f"{host[1]} is talked to without encryption", "use https:")


@family.rule(
    "DF806",
    page="documentation/service-configuration/environment-variables/environment-variables.rst",
    bad=inbound("erp-order", url="orders?key=$ENV(erp-api-key)")
    | system()
    | {"test-env.json": {"erp-api-key": "hunter2"}},
    good=inbound("erp-order") | system(headers={"Api-Key": "$SECRET(erp-api-key)"}),
)
def secret_in_a_profile(package: Package) -> Iterator[Found]:
    """A variable that by its name is a secret has its value in a profile, which is a file among others."""
    for profile in package.profiles.values():
        for name, value in profile.value.items():
            if _SECRET.search(name) and type(value) is str and value:
                message = f'"{name}" looks like a secret and stands here in clear text'
                yield Found(
                    profile, f"/{escaped(name)}", message, "give it to the secrets manager, and use $SECRET(name)"
                )
