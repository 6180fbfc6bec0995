"""configuration-sinks-http-endpoint.rst, -csv.rst, -xml.rst; hub/swagger_public.yaml (/publishers)."""

import io
import zipfile

import pytest

from node.pipes import endpoint, reader, receiver

CSV = {"type": "csv_endpoint", "columns": ["_id", "name"]}
XML = {"type": "xml_endpoint", "wrapper": "all"}
TWO = ({"_id": "1", "name": "a"}, {"_id": "2", "name": "b, c"}, {"_id": "3", "_deleted": True})


@pytest.fixture
def published(client):
    client.configure(
        receiver("a"),
        endpoint("j", "a", ["copy", "*"], ["add", "asked", "_B.who"]),
        reader("c", "a", sink=CSV),
        reader("f", "a", sink={**CSV, "filename": "names.csv"}),
        reader("e", "a", sink={"type": "excel_endpoint", "columns": ["_id", "name"], "filename": "names.xlsx"}),
        reader("x", "a", ["add", "<p>", ["dict", "name", "_S.name", "<b>", "_S._id"]], sink=XML),
    )
    client.deliver("a", *TWO)
    return client


def test_json(published):
    found = published.get("/publishers/j/entities", params={"who": "me", "limit": 2}).json()
    assert [(one["_id"], one["asked"], one["_updated"]) for one in found] == [("1", "me", 0), ("2", "me", 1)]
    assert published.ids("/publishers/j/entities", since=0) == ["2"]
    assert published.get("/publishers/j/entities").headers["content-type"] == "application/json"


def test_csv(published):
    answer = published.get("/publishers/c/csv")
    assert answer.content == b'_id,name\r\n1,a\r\n2,"b, c"\r\n'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "content-disposition" not in answer.headers


def test_xml(published):
    answer = published.get("/publishers/x/xml/")
    assert answer.text == '<all><p><b name="a">1</b></p><p><b name="b, c">2</b></p></all>'
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"


def test_excel(published):
    answer = published.get("/publishers/e/excel")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''names.xlsx"


def test_office_programs_ask_what_is_allowed(published):
    for path in ("/publishers/c/csv/", "/publishers/e/excel/", "/publishers/x/xml/"):
        answer = published.options(path)
        assert (answer.status_code, answer.headers["allow"]) == (200, "GET, HEAD, OPTIONS")
    assert published.options("/publishers/nobody/csv/").status_code == 404


def test_a_file_name_makes_it_a_download(published):
    shown = published.get("/publishers/f/csv").headers["content-disposition"]
    assert shown == "attachment; filename*=utf-8''names.csv"
    shown = published.get("/publishers/c/csv/a%20b%22.csv").headers["content-disposition"]
    assert shown == "attachment; filename*=utf-8''a%20b%22.csv"


def test_what_is_not_published(published, problem):
    assert "its sink is no csv_endpoint" in problem(published.get("/publishers/j/csv"), 404)["detail"]
    unknown = problem(published.get("/publishers/j/sdshare-collection"), 501)["detail"]
    assert "does not publish sdshare-collection" in unknown
    assert "no excel_endpoint" in problem(published.get("/publishers/c/excel"), 404)["detail"]
    assert (
        "linked" in problem(published.get("/publishers/c/csv", params={"linked_excel_file": "x.xlsx"}), 501)["detail"]
    )
    problem(published.get("/publishers/j/pdf"), 404)
    problem(published.get("/publishers/nobody/csv"), 404)


def test_entities_that_are_no_xml(client, problem):
    client.configure(receiver("a"), reader("x", "a", sink=XML))
    client.deliver("a", {"_id": "1", "name": "n"})
    assert 'entity "1" needs one property in <>' in problem(client.get("/publishers/x/xml"), 500)["detail"]
