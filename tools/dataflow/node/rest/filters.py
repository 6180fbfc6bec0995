"""The filters that Jinja has on the platform beyond its own.

Rules: hub/documentation/jinja_filters.rst: those named like functions of DTL give what these give; decision 0432.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl.functions.byte_strings import base64_decode, base64_encode, to_bytes
from dataflow.dtl.functions.dates import datetime_, datetime_format
from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataflow.dtl.values import Value

# What `datetime_format` writes when it is not told, as in the platform's own example.
FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_CHECKS = frozenset({"verify_aud", "verify_iss", "verify_exp", "verify_iat", "verify_nbf", "strict_aud"})


def _datetime(value: Value) -> Value:
    return datetime_(None, value)


def _datetime_format(value: Value, *arguments: str) -> Value:
    """`value | datetime_format("%Y")` or `value | datetime_format("Europe/Oslo", "%Y")`, the arguments in DTL's order."""
    zone, form = arguments if len(arguments) == 2 else (None, *(arguments or (FORMAT,)))
    return datetime_format(zone, form, value)


def _jwt_decoder(fetch: Callable[[str], Any]) -> Callable[..., dict[str, Any]]:
    def decode_jwt(
        token: str | bytes,
        *,
        key: str | None = None,
        jwks_url: str | None = None,
        algorithms: Sequence[str] = ("RS256",),
        verify: bool = True,
        require: str | Sequence[str] = (),
        detached_payload: bytes | None = None,
        audience: str | Sequence[str] | None = None,
        issuer: str | Sequence[str] | None = None,
        leeway: float = 0,
        **checks: bool,
    ) -> dict[str, Any]:
        """The claims of a token. Raises PumpFailed when it, or its signature, is not good."""
        try:
            import jwt
        except ImportError:
            raise PumpFailed("decode_jwt needs PyJWT; install it with: pip install 'webcrm-customerp[node]'") from None
        if unknown := checks.keys() - _CHECKS:
            raise PumpFailed(f"decode_jwt knows no argument {', '.join(sorted(unknown))}")
        needed = [require] if isinstance(require, str) else list(require)
        options: Any = {"verify_signature": verify, "require": needed, **checks}
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key or "" if jwks_url is None else _published_key(jwt, fetch, jwks_url, token),
                algorithms=list(algorithms),
                options=options,
                detached_payload=detached_payload,
                audience=audience,
                issuer=issuer,
                leeway=leeway,
            )
        except jwt.PyJWTError as error:
            raise PumpFailed(f"decode_jwt refuses the token: {type(error).__name__}") from None
        return claims

    return decode_jwt


def _published_key(jwt: Any, fetch: Callable[[str], Any], url: str, token: str | bytes) -> Any:
    """The key that a token was signed with, among those an address gives."""
    if not url.lower().startswith("https://"):
        raise PumpFailed("decode_jwt: jwks_url has to be an HTTPS address")
    wanted = jwt.get_unverified_header(token).get("kid")
    keys = jwt.PyJWKSet.from_dict(fetch(url)).keys
    found = next((one for one in keys if wanted in (None, one.key_id)), None)
    if found is None:
        raise PumpFailed("decode_jwt: jwks_url does not give the key that the token was signed with")
    return found.key


def filters(fetch: Callable[[str], Any]) -> dict[str, Callable[..., Any]]:
    """By name; `fetch` gives the JSON at an address."""
    return {
        "base64_decode": base64_decode,
        "base64_encode": base64_encode,
        "bytes": to_bytes,
        "datetime": _datetime,
        "datetime_format": _datetime_format,
        "decode_jwt": _jwt_decoder(fetch),
    }
