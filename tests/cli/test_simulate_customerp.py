"""`dataflow simulate customerp`, as a server and as the check of one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import requests

from dataflow.cli import main
from dataflow.simulators.contract.description import FILE, read_description
from dataflow.simulators.customerp import Customerp

REPOSITORY = Path(__file__).parents[2]
SIMULATE = [sys.executable, "-m", "dataflow.cli", "simulate", "customerp"]


@pytest.fixture(autouse=True)
def in_the_package(monkeypatch):
    monkeypatch.chdir(REPOSITORY)


@pytest.mark.parametrize(
    ("options", "records"),
    [
        ([], "0 records"),
        (["--seed-from", "testdata"], "79 records"),
        (["--generate", "customers=2,contacts=3"], "5 records"),
    ],
)
def test_it_says_where_it_is_answers_there_and_stops_at_once_on_ctrl_c(options, records):
    process = subprocess.Popen(
        [*SIMULATE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    try:
        lines = [process.stdout.readline() for _ in range(7)]
        assert records in lines[0]
        told = dict(line.split() for line in lines if line.startswith("    "))
        credentials = (told["customerp-client-id"], told["customerp-client-secret"])
        form = {"grant_type": "client_credentials", "scope": told["customerp-scope"]}
        answer = requests.post(told["customerp-token-url"], data=form, auth=credentials, timeout=30)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        page = requests.get(f"{told['customerp-base-url']}/customers", headers=headers, timeout=30).json()
        assert page.keys() == {"Items", "Page", "PageSize", "HasMore"}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out.splitlines()[-1], err) == (0, "The simulator has stopped.", "")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--generate", "custmers=2"], "is no size"),
        (["--seed-from", "nowhere"], "nowhere has no customerp-...-all.json"),
        (["--host", "0.0.0.0"], "needs --token"),
        (["--no-rate-limit"], "Customerp has no limit"),
    ],
)
def test_what_makes_no_sense(capsys, options, told):
    assert main(["simulate", "customerp", *options]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_holds_records_is_not_filled_again(capsys, tmp_path):
    file = tmp_path / "erp.sqlite"
    customerp = Customerp(read_description(REPOSITORY / FILE), path=file)
    customerp.erp.add("customer")
    customerp.erp.close()
    assert main(["simulate", "customerp", "--data", str(file), "--generate", "3"]) == 2
    assert "holds records already" in capsys.readouterr().err


class TestCheck:
    @pytest.fixture
    def customerp(self):
        customerp = Customerp(read_description(REPOSITORY / FILE))
        yield customerp
        customerp.erp.close()

    @pytest.fixture
    def run(self, customerp, monkeypatch, capsys):
        monkeypatch.setenv("CUSTOMERP_CLIENT_ID", customerp.secrets["customerp-client-id"])
        monkeypatch.setenv("CUSTOMERP_CLIENT_SECRET", customerp.secrets["customerp-client-secret"])

        with customerp.served() as server:

            def check(*options, url=f"{server.url}/api/v1", operation="getProduct"):
                chosen = ["--operation", operation, "--made-up", "0"]
                code = main(["simulate", "customerp", "--check", url, *chosen, *options])
                out, err = capsys.readouterr()
                return code, out, err

            yield check

    def test_a_sound_server(self, run):
        code, out, err = run()
        assert code == 0
        assert err.startswith("The check makes 3 records or a few more of each kind")
        assert out.splitlines()[0] == "ok    getProduct  5 of 5 rules kept"
        assert out.splitlines()[-1].startswith("1 of 1 operation as the contract says (")

    def test_a_broken_server(self, run, customerp):
        customerp.erp.etag = lambda stored: str(stored.id)
        code, out, _ = run()
        assert code == 1
        assert out.startswith("FAIL  getProduct  ")
        assert "      form: every answer has the form of the contract\n" in out
        assert 'header ETag must fit ^"[^"]+"$: 1001' in out
        assert "0 of 1 operation as the contract says" in out

    def test_what_is_left_is_told(self, run):
        code, _, err = run(operation="getCustomer")
        assert code == 0
        assert "Left behind, because the contract has no way to delete them: customer 1001 (unlinked)" in err

    def test_for_programs(self, run, customerp):
        _, out, _ = run("--format", "json")
        report = json.loads(out)
        assert report["counts"] == {"pass": 5, "fail": 0, "unproven": 0, "skip": 0}
        assert {result["group"] for result in report["results"]} == {"getProduct"}
        customerp.erp.etag = lambda stored: str(stored.id)
        code, out, _ = run("--format", "junit")
        suite = ElementTree.fromstring(out)
        assert (code, suite.get("name")) == (1, "dataflow simulate customerp --check")
        assert {case.get("classname") for case in suite} == {"getProduct"}
        assert int(suite.get("failures")) > 0

    def test_values_of_the_erp(self, run, tmp_path, server_saw):
        file = tmp_path / "values.json"
        file.write_text('{"product": {"VatCode": "3"}}', "utf-8")
        assert run("--values", str(file))[0] == 0
        assert server_saw('"VatCode": "3"')
        file.write_text('{"prodct": {}}', "utf-8")
        code, _, err = run("--values", str(file))
        assert (code, 'there are values for "prodct"' in err) == (2, True)
        file.write_text("[]", "utf-8")
        code, _, err = run("--values", str(file))
        assert (code, "is no object of objects" in err) == (2, True)

    @pytest.fixture
    def server_saw(self, customerp):
        sent = []
        post = customerp.erp.post
        customerp.erp.post = lambda noun, values: sent.append(json.dumps(values, default=str)) or post(noun, values)
        return lambda text: any(text in body for body in sent)

    def test_a_token(self, run, customerp, monkeypatch):
        monkeypatch.delenv("CUSTOMERP_CLIENT_SECRET")
        code, _, err = run()
        assert (code, "no credentials: set CUSTOMERP_TOKEN" in err) == (2, True)
        customerp.tokens._until["given-by-hand"] = 2**63
        monkeypatch.setenv("CUSTOMERP_TOKEN", "given-by-hand")
        assert run()[0] == 0

    @pytest.mark.parametrize(
        ("options", "url", "told"),
        [
            ([], "https://erp.example.com/api/v1", "is not on this machine; --yes lets the check write there"),
            ([], "erp", "erp is no address of a server"),
            ([], "http://127.0.0.1:9/api/v1", "no access token"),
            (["--operation", "getProdct"], None, 'did you mean "getProduct"'),
            (["--trust", "nowhere.pem"], None, "nowhere.pem"),
        ],
    )
    def test_what_makes_no_sense(self, run, options, url, told):
        code, _, err = run(*options, **({} if url is None else {"url": url}))
        assert (code, told in err) == (2 if "nowhere" not in told else 1, True)

    def test_webcrm_has_no_contract(self, capsys):
        assert main(["simulate", "webcrm", "--check", "http://127.0.0.1:9"]) == 2
        assert "--check is for customerp" in capsys.readouterr().err
