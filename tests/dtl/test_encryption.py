"""Encryption: round trips that keep types, ciphertext that stays the same, foreign and broken ciphertext, secrets."""

import base64
import json
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from dataflow.dtl.functions.encryption import _derived
from dataflow.errors import DtlError
from dtl.expressions import text, text_of


@pytest.mark.parametrize(
    "value",
    [
        "elm",
        "",
        "æøå",
        False,
        0,
        2.0,
        10**30,
        "~f1.50",
        "~t2024-06-03T10:00:00.123456789Z",
        "~:tree:elm",
        "~bZmly",
        [],
        ["a", None, 1],
        {"b": [1.5, {"a": "~rurn:x"}]},
    ],
)
def test_what_is_encrypted_comes_back_with_its_type(value):
    assert text_of(["decrypt", "sesame", ["encrypt", "sesame", "_S.v"]], {"v": value}) == text(value)
    assert text_of(["is-bytes", ["encrypt", "sesame", "_S.v"]], {"v": value}) == "true"


def test_null_stays_null():
    assert text_of(["encrypt", "sesame", None]) == "null"
    assert text_of(["decrypt", "sesame", None]) == "null"


def test_ciphertext_is_a_fernet_token_of_time_zero_that_depends_on_key_and_value_alone():
    token = base64.b64decode(json.loads(text_of(["encrypt", "sesame", "elm"]))[2:])
    raw = base64.urlsafe_b64decode(token)
    other = base64.urlsafe_b64decode(base64.b64decode(json.loads(text_of(["encrypt", "sesame", "oak"]))[2:]))
    assert raw[:9] == b"\x80" + bytes(8)
    assert raw[9:25] == other[9:25]
    assert raw[25:] != other[25:]
    assert Fernet(base64.urlsafe_b64encode(_derived("sesame")[0])).decrypt(token) == b'"elm"'


def test_ciphertext_is_pinned_so_that_an_upgrade_does_not_change_every_entity():
    token = base64.b64decode(json.loads(text_of(["encrypt", "sesame", "elm"]))[2:]).decode()
    assert token == (
        "gAAAAAAAAAAA0KWJnu1thIDU5Zw9D8Yxzw3k_NdVx5RRKidtbQcLJxvEayoKNE0N_fmbMcZSOYH0DeiEDdU8Z3ZA3j-3gMZZmQ=="
    )


def test_key_order_does_not_change_ciphertext():
    one = text_of(["encrypt", "sesame", "_S."], {"a": 1, "b": 2})
    assert one == text_of(["encrypt", "sesame", "_S."], {"b": 2, "a": 1})


def test_what_was_not_encrypted_with_the_key_is_ignored():
    source = {"v": ["elm", 5, "~bZmly", None]}
    assert text_of(["decrypt", "sesame", "_S.v"], source) == "[]"
    assert text_of(["decrypt", "sesame", "elm"]) == "null"
    assert text_of(["decrypt", "sesam", ["encrypt", "sesame", "elm"]]) == "null"
    mixed = ["list", ["encrypt", "sesame", 80], "x", ["encrypt", "sesame", False]]
    assert text_of(["decrypt", "sesame", mixed]) == "[80, false]"


def test_secrets_stand_in_keys_and_whole_values():
    secrets = {"key": "sesame", "word": "elm"}
    assert text_of(["decrypt", "sesame", ["encrypt", "$SECRET(key)", "$SECRET(word)"]], secrets=secrets) == text("elm")
    assert text_of(["decrypt", "<sesame>", ["encrypt", "<$SECRET(key)>", "a $SECRET(word)"]], secrets=secrets) == text(
        "a $SECRET(word)"
    )
    assert text_of(["decrypt", "k", ["encrypt", "k", "$SECRET(unknown)"]], secrets=secrets) == text("$SECRET(unknown)")


def test_a_missing_secret_and_a_key_that_is_no_string_are_errors_without_the_key_in_them():
    with pytest.raises(DtlError, match='"gone" has no value'):
        text_of(["encrypt", "$SECRET(gone)", "elm"])
    with pytest.raises(DtlError, match="KEY must be a string"):
        text_of(["encrypt", "_S.missing", "elm"])


@pytest.fixture(scope="module")
def rsa_keys():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "private": private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
        "pkcs8": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public": private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "word": "elm",
    }


@pytest.mark.parametrize("private", ["$SECRET(private)", "$SECRET(pkcs8)"])
def test_rsa_maps_over_strings(rsa_keys, private):
    encrypted = ["encrypt-pki", "$SECRET(public)", "_S.v"]
    source = {"v": ["elm", 5, "æ" * 95, "", "~:a:b"]}
    assert text_of(["is-bytes", encrypted], source, secrets=rsa_keys) == "true"
    assert text_of(["decrypt-pki", private, encrypted], source, secrets=rsa_keys) == text(["elm", "æ" * 95, ""])
    assert text_of(["decrypt-pki", private, encrypted], {"v": "$SECRET(word)"}, secrets=rsa_keys) == text("elm")
    assert text_of(["decrypt-pki", private, encrypted], {"v": None}, secrets=rsa_keys) == "null"


def test_rsa_is_oaep_with_sha_256(rsa_keys):
    made = load_pem_public_key(rsa_keys["public"].encode()).encrypt(b"elm", OAEP(MGF1(SHA256()), SHA256(), None))
    source = {"v": "~b" + base64.b64encode(made).decode()}
    assert text_of(["decrypt-pki", "$SECRET(private)", "_S.v"], source, secrets=rsa_keys) == text("elm")


def test_rsa_faults(rsa_keys):
    assert text_of(["decrypt-pki", "$SECRET(private)", ["list", "~bZmly", "elm"]], secrets=rsa_keys) == "[]"
    with pytest.raises(DtlError, match="too long"):
        text_of(["encrypt-pki", "$SECRET(public)", "_S.v"], {"v": "x" * 191}, secrets=rsa_keys)
    with pytest.raises(DtlError, match="PUBLIC_KEY is not an RSA key"):
        text_of(["encrypt-pki", "$SECRET(private)", "elm"], secrets=rsa_keys)
    with pytest.raises(DtlError, match="PRIVATE_KEY is not an RSA key"):
        text_of(["decrypt-pki", "$SECRET(public)", "elm"], secrets=rsa_keys)
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(DtlError, match="PUBLIC_KEY is not an RSA key"):
        text_of(["encrypt-pki", "$SECRET(curve)", "elm"], secrets={"curve": pem})


@pytest.fixture
def pgp_keys(datadir):
    return {
        "public": (datadir / "public.asc").read_text(),
        "private": (datadir / "private.asc").read_text(),
        "pass": "birch bark",
    }


def test_openpgp_maps_over_strings(pgp_keys):
    encrypted = ["encrypt-pgp", "$SECRET(public)", "_S.v"]
    decrypted = ["decrypt-pgp", "$SECRET(private)", "$SECRET(pass)", encrypted]
    assert text_of(["matches", "-----BEGIN PGP MESSAGE-----*", encrypted], {"v": "elm"}, secrets=pgp_keys) == "true"
    assert text_of(decrypted, {"v": ["elm", 5, "æ" * 5000, ""]}, secrets=pgp_keys) == text(["elm", "æ" * 5000, ""])
    assert text_of(decrypted, {"v": "elm"}, secrets=pgp_keys) == text("elm")
    assert text_of(decrypted, {"v": None}, secrets=pgp_keys) == "null"


def test_openpgp_faults(pgp_keys):
    decrypt = ["decrypt-pgp", "$SECRET(private)", "$SECRET(pass)"]
    assert text_of([*decrypt, ["list", "elm", "-----BEGIN PGP MESSAGE-----\n", 5]], secrets=pgp_keys) == "[]"
    with pytest.raises(DtlError, match="PASSPHRASE does not unlock") as caught:
        text_of(["decrypt-pgp", "$SECRET(private)", "birch", "elm"], secrets=pgp_keys)
    assert "Stack" not in str(caught.value)
    for key in ("$SECRET(private)", "-----BEGIN PGP PUBLIC KEY BLOCK-----"):
        with pytest.raises(DtlError, match="PUBLIC_KEY is not an OpenPGP key"):
            text_of(["encrypt-pgp", key, "elm"], secrets=pgp_keys)


def test_an_openpgp_key_without_a_passphrase_takes_any():
    import pysequoia

    key = pysequoia.Tsk.generate("Nobody <nobody@example.org>")
    secrets = {"private": str(key), "public": str(key.extract_certificate())}
    call = ["decrypt-pgp", "$SECRET(private)", "", ["encrypt-pgp", "$SECRET(public)", "elm"]]
    assert text_of(call, secrets=secrets) == text("elm")


def test_a_missing_openpgp_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysequoia", None)
    with pytest.raises(DtlError, match="pip install pysequoia"):
        text_of(["encrypt-pgp", "$SECRET(k)", "elm"], secrets={"k": "x"})


def test_importing_dtl_does_not_import_what_only_some_functions_need():
    heavy = "cryptography pysequoia phonenumbers"
    code = f"import sys, dataflow.dtl.functions; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
