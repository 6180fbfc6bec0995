"""configuration-systems-url.rst: `verify_ssl`, `custom_ca_pem_chain`; configuration-metadata.rst: its default."""

import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dataflow.errors import CallFailed
from dataflow.node.rest.call import Call
from node.rest.conftest import client_of, rest_system


def certificate():
    """A certificate for this machine that nobody has signed, and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2120, 1, 1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem).decode(), private.decode()


@pytest.fixture(scope="module")
def pem():
    return certificate()


@pytest.fixture
def secured(serve, pem, tmp_path):
    (tmp_path / "both.pem").write_text("".join(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    return serve(lambda request: {"ok": 1}, tls=context)


def answer(config, **options):
    one = client_of(config, **options)
    return one.client.connection.exchange(lambda: Call("test", "GET", one.client.connection.address("x")))[1]


def test_certificates_are_not_verified_unless_that_is_wanted(secured):
    assert answer(rest_system(secured)).json() == {"ok": 1}


@pytest.mark.parametrize("metadata", [None, {"global_defaults": {"verify_ssl": True}}])
def test_a_certificate_that_nobody_has_signed_is_refused(secured, metadata):
    wanted = {"verify_ssl": True} if metadata is None else {}
    with pytest.raises(CallFailed, match="the certificate or the encryption was refused"):
        answer(rest_system(secured, **wanted), metadata=metadata)
    assert secured.requests == []


def test_a_system_goes_before_the_default_of_the_node(secured):
    assert answer(rest_system(secured, verify_ssl=False), metadata={"global_defaults": {"verify_ssl": True}}).ok


def test_certificates_can_be_trusted_by_name(secured, pem):
    assert answer(rest_system(secured, verify_ssl=True, custom_ca_pem_chain=pem[0])).json() == {"ok": 1}
    with pytest.raises(CallFailed, match="the certificate"):
        answer(rest_system(secured, verify_ssl=True, custom_ca_pem_chain=certificate()[0]))
