"""Chapter "Encryption": a password (Fernet), an RSA key pair, an OpenPGP key pair.

`encrypt` gives the same token for the same key and value, as a node does: timestamp zero and an initialisation vector that
depends on the key alone, so that an unchanged entity stays unchanged (node-semantics, section 3.1). Key derivation and RSA
padding are not documented; decision 0108 says which were chosen. `decrypt*` ignore what was not made with their key.
`$SECRET(name)` stands for a secret in keys and passphrases, and in a value to encrypt when it is all of it.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dataflow.dtl import kinds, transit
from dataflow.dtl.mapping import IGNORED, each, first
from dataflow.dtl.registry import Chapter, Example
from dataflow.errors import DataflowError, DtlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.context import Context
    from dataflow.dtl.values import Value

encryption = Chapter("Encryption", "dtl-functions-encryption.rst")

_SECRET = re.compile(r"\$SECRET\(([^()]+)\)")
_SALT = b"webcrm-customerp encrypt"
_ROUNDS = 100_000


def _key(ctx: Context, value: Value, name: str) -> str:
    """A key or passphrase with secrets filled in; DtlError when it is no string or a secret has no value."""
    text = first(value)
    if type(text) is not str:
        raise DtlError(f"{name} must be a string")
    for secret in _SECRET.findall(text):
        if secret not in ctx.secrets:
            raise DtlError(f'the secret "{secret}" has no value')
    return _SECRET.sub(lambda match: ctx.secrets[match[1]], text)


def _plaintext(ctx: Context, value: str) -> str:
    """The value to encrypt: a secret when it names one that exists, so that entities' data never fails for its looks."""
    match = _SECRET.fullmatch(value)
    return ctx.secrets.get(match[1], value) if match else value


@lru_cache(maxsize=64)
def _derived(password: str) -> tuple[bytes, bytes]:
    """(Fernet key of 32 bytes, initialisation vector of 16) of a password; slow on purpose, hence remembered."""
    import hashlib

    material = hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), _SALT, _ROUNDS, dklen=48)
    return material[:32], material[32:]


def _token(password: str, payload: bytes) -> bytes:
    """A Fernet token by its specification (version 0x80, time, vector, AES-128-CBC, HMAC-SHA256), with a fixed time and vector.

    The library's own writer takes neither.
    """
    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key, vector = _derived(password)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key[16:]), modes.CBC(vector)).encryptor()
    ciphertext = encryptor.update(padder.update(payload) + padder.finalize()) + encryptor.finalize()
    message = b"\x80" + bytes(8) + vector + ciphertext
    import hmac

    return base64.urlsafe_b64encode(message + hmac.digest(key[:16], message, "sha256"))


@encryption.expression(
    "encrypt",
    "KEY(string{1}) VALUES(value-expression{1})",
    context=True,
    flags={"secrets"},
    gives=kinds.BYTES,
    examples=[
        Example(["is-bytes", ["encrypt", "open sesame", ["list", "elm", 5]]], True),
        Example(["eq", ["encrypt", "open sesame", "elm"], ["encrypt", "open sesame", "elm"]], True),
        Example(["encrypt", "open sesame", None], None),
    ],
)
def encrypt(ctx: Context, key: Value, values: Value) -> Value:
    """One bytes value, a Fernet token, of all VALUES with their types; the same each time. Null stays null."""
    if values is None:
        return None
    value = _plaintext(ctx, values) if type(values) is str else values
    return _token(_key(ctx, key, "KEY"), transit.dumps(value, sort_keys=True).encode("utf-8"))


@encryption.expression(
    "decrypt",
    "KEY(string{1}) VALUES(value-expression{1})",
    context=True,
    flags={"secrets"},
    accepts=kinds.BYTES,
    examples=[
        Example(
            ["decrypt", "$SECRET(k)", ["encrypt", "$SECRET(k)", ["list", "elm", "~f1.50"]]],
            ["elm", "~f1.50"],
            secrets={"k": "x"},
        ),
        Example(["decrypt", "open", ["encrypt", "sesame", "elm"]], None),
        Example(["decrypt", "open", ["list", ["encrypt", "open", 5], "elm"]], [5]),
    ],
)
def decrypt(ctx: Context, key: Value, values: Value) -> Value:
    """What was encrypted with the same KEY, with its type; a value that is not such a token is ignored."""
    from cryptography.fernet import Fernet, InvalidToken

    fernet = Fernet(base64.urlsafe_b64encode(_derived(_key(ctx, key, "KEY"))[0]))

    def one(value: Value) -> Value:
        if type(value) is not bytes:
            return IGNORED
        try:
            return transit.loads(fernet.decrypt(value))
        except (InvalidToken, ValueError, DataflowError):
            return IGNORED

    return each(values, one)


@lru_cache(maxsize=64)
def _rsa_key(pem: str, private: bool) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    name = "PRIVATE_KEY" if private else "PUBLIC_KEY"
    try:
        key = load_pem_private_key(pem.encode(), None) if private else load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DtlError(f"{name} is not an RSA key in PEM format") from error
    if not isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        raise DtlError(f"{name} is not an RSA key")
    return key


def _oaep() -> Any:
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    return padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)


@encryption.expression(
    "encrypt-pki",
    "PUBLIC_KEY(string{1}) VALUES(value-expression{1})",
    context=True,
    flags={"secrets", "random"},
    accepts=kinds.STRING,
    gives=kinds.BYTES,
    examples=[
        Example(["encrypt-pki", "no key", "elm"], kind="error"),
        Example(["encrypt-pki", "$SECRET(public)", "elm"], kind="error"),
    ],
)
def encrypt_pki(ctx: Context, key: Value, values: Value) -> Value:
    """The bytes of each string, encrypted for the owner of an RSA public key in PEM format; other values are ignored.

    Fails for a string longer than the key allows: 190 bytes with a key of 2048 bits.
    """
    public = _rsa_key(_key(ctx, key, "PUBLIC_KEY"), False)

    def one(value: Value) -> Value:
        if type(value) is not str:
            return IGNORED
        try:
            return public.encrypt(_plaintext(ctx, value).encode("utf-8"), _oaep())
        except ValueError as error:
            raise DtlError("the string is too long for an RSA key; use encrypt-pgp") from error

    return each(values, one)


@encryption.expression(
    "decrypt-pki",
    "PRIVATE_KEY(string{1}) VALUES(value-expression{1})",
    context=True,
    flags={"secrets"},
    accepts=kinds.BYTES,
    gives=kinds.STRING,
    examples=[Example(["decrypt-pki", "no key", "~bZmly"], kind="error")],
)
def decrypt_pki(ctx: Context, key: Value, values: Value) -> Value:
    """The strings that bytes from `encrypt-pki` hold, by the RSA private key in PEM format; other values are ignored."""
    private = _rsa_key(_key(ctx, key, "PRIVATE_KEY"), True)

    def one(value: Value) -> Value:
        if type(value) is not bytes:
            return IGNORED
        try:
            return private.decrypt(value, _oaep()).decode("utf-8")
        except ValueError:
            return IGNORED

    return each(values, one)


def _pysequoia() -> Any:
    try:
        import pysequoia
    except ImportError as error:
        raise DtlError("OpenPGP needs the package pysequoia: pip install pysequoia") from error
    return pysequoia


def _armoured(name: str, key: str, header: str, read: Callable[[bytes], Any]) -> Any:
    """A key from its ASCII armour; the library reports every fault as a RuntimeError that has its own stack in it."""
    if header in key:
        try:
            return read(key.encode("utf-8"))
        except RuntimeError:
            pass
    raise DtlError(f'{name} is not an OpenPGP key that starts with "{header}-----"') from None


@encryption.expression(
    "encrypt-pgp",
    "PUBLIC_KEY(string{1}) VALUES(value-expression{1})",
    context=True,
    flags={"secrets", "random"},
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[Example(["encrypt-pgp", "no key", "elm"], kind="error")],
)
def encrypt_pgp(ctx: Context, key: Value, values: Value) -> Value:
    """An OpenPGP message in ASCII armour of each string, for the owner of a PGP public key; other values are ignored."""
    pgp = _pysequoia()
    recipient = _armoured("PUBLIC_KEY", _key(ctx, key, "PUBLIC_KEY"), "-----BEGIN PGP PUBLIC KEY", pgp.Cert.from_bytes)

    def one(value: Value) -> Value:
        if type(value) is not str:
            return IGNORED
        try:
            message: bytes = pgp.encrypt(_plaintext(ctx, value).encode("utf-8"), [recipient])
        except RuntimeError:
            raise DtlError("PUBLIC_KEY cannot encrypt: it has no usable encryption key") from None
        return message.decode("ascii")

    return each(values, one)


@encryption.expression(
    "decrypt-pgp",
    "PRIVATE_KEY(string{1}) PASSPHRASE(string{1}) VALUES(value-expression{1})",
    context=True,
    flags={"secrets"},
    accepts=kinds.STRING,
    gives=kinds.STRING,
    examples=[Example(["decrypt-pgp", "no key", "passphrase", "elm"], kind="error")],
)
def decrypt_pgp(ctx: Context, key: Value, passphrase: Value, values: Value) -> Value:
    """The strings that OpenPGP messages hold, by a PGP private key and its passphrase; other values are ignored."""
    decryptor = _unlocked(_key(ctx, key, "PRIVATE_KEY"), _key(ctx, passphrase, "PASSPHRASE"))
    pgp = _pysequoia()

    def one(value: Value) -> Value:
        if type(value) is not str:
            return IGNORED
        try:
            content: bytes = pgp.decrypt(value.encode("utf-8"), decryptor=decryptor).bytes
            return content.decode("utf-8")
        except (RuntimeError, UnicodeError):
            return IGNORED

    return each(values, one)


@lru_cache(maxsize=16)
def _unlocked(key: str, passphrase: str) -> Any:
    """What decrypts with a private key; unlocking is slow on purpose. A key without a passphrase takes any PASSPHRASE."""
    secret = _armoured("PRIVATE_KEY", key, "-----BEGIN PGP PRIVATE KEY", _pysequoia().Tsk.from_bytes)
    try:
        return secret.decryptor(passphrase)
    except RuntimeError as error:
        if "is not encrypted" in str(error):
            return secret.decryptor()
    raise DtlError("PASSPHRASE does not unlock PRIVATE_KEY")
