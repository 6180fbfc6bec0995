"""configuration-systems-url.rst: what files need of a URL system."""

import pytest

from dataflow.errors import PumpFailed
from dataflow.node.files.fetch import fetched


def test_addresses(web):
    web.files |= {"/a/file.csv": b"1", "/file.csv": b"2", "/b/file.csv": b"3"}
    assert fetched(web.reach(url_pattern=f"{web.url}/a/%s"), "web", "file.csv") == b"1"
    assert fetched(web.reach(url_pattern=f"{web.url}/a/"), "web", "file.csv") == b"1"
    assert fetched(web.reach(url_pattern=None, base_url=f"{web.url}/b/"), "web", "file.csv") == b"3"
    assert fetched(web.reach(), "web", f"{web.url}/file.csv") == b"2"


def test_headers_and_credentials(web):
    web.files["/x"] = b""
    reach = web.reach(headers={"X-Key": "$SECRET(pw)"}, authentication="basic", username="u", password="$SECRET(pw)")
    fetched(reach, "web", "x")
    ((_, headers),) = web.asked
    assert (headers["X-Key"], headers["Authorization"]) == ("s3cr3t", "Basic dTpzM2NyM3Q=")


def test_failures_say_what_was_asked_for_and_no_secret(web):
    with pytest.raises(PumpFailed, match='system "web": nothing cannot be read: 404 Not Found'):
        fetched(web.reach(), "web", "nothing")
    closed = web.reach(url_pattern="http://$SECRET(pw):x@127.0.0.1:1/%s")
    with pytest.raises(PumpFailed, match='system "web": x cannot be read: ConnectionError') as caught:
        fetched(closed, "web", "x")
    assert "s3cr3t" not in str(caught.value)
    with pytest.raises(PumpFailed, match='"web" is a system:rest; files are read from a system:url'):
        fetched(web.reach(type="system:rest"), "web", "x")
    with pytest.raises(PumpFailed, match='there is no system "other"'):
        fetched(web.reach(), "other", "x")
