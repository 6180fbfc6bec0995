import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dataflow.cli import main

TESTDATA = Path(__file__).parents[2] / "testdata"
SIMULATE = [sys.executable, "-m", "dataflow.cli", "simulate", "webcrm"]


@pytest.fixture
def simulate():
    """Start `dataflow simulate webcrm` and wait until it says where it is: (process, what it said by name)."""
    processes = []

    def start(*options):
        process = subprocess.Popen([*SIMULATE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        settings = {}
        while "webcrm-application-token" not in settings:
            words = process.stdout.readline().split()
            assert words or process.poll() is None
            if len(words) == 2:
                settings[words[0]] = words[1]
        return process, settings

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def session_of(settings):
    session = requests.Session()
    session.trust_env = False
    url, token = settings["webcrm-base-url"], settings["webcrm-application-token"]
    answer = session.post(f"{url}/Auth/ApiLogin", data={"authCode": token}, timeout=30)
    session.headers["Authorization"] = f"Bearer {answer.json()['AccessToken']}"
    return session, url


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_there_and_stops_at_once(simulate, number):
    process, settings = simulate("--seed-from", str(TESTDATA), "--fault", "503,path=^/Users")
    session, url = session_of(settings)
    with session:
        assert url.startswith("http://127.0.0.1:")
        assert session.get(f"{url}/Organisations", timeout=30).json()[0]["OrganisationName"] == "webCRM A/S"
        assert [session.get(f"{url}/Users", timeout=30).status_code for _ in range(2)] == [503, 200]
        # The connection is open all the while.
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out.splitlines()[-1], err) == (0, "The simulator has stopped.", "")


def test_what_it_holds_is_kept_in_a_file(simulate, tmp_path, capsys):
    file = tmp_path / "crm.sqlite"
    process, settings = simulate("--data", str(file), "--generate", "organisations=3,persons=4", "--token", "mine")
    assert settings["webcrm-application-token"] == "mine"
    session, url = session_of(settings)
    with session:
        session.put(f"{url}/Persons/3", json={"PersonTitle": "Sjef"}, timeout=30)
        process.kill()
        process.communicate()
    _, settings = simulate("--data", str(file), "--no-rate-limit")
    session, url = session_of(settings)
    with session:
        assert session.get(f"{url}/Persons/3", timeout=30).json()["PersonTitle"] == "Sjef"
        assert {session.get(f"{url}/Auth", timeout=30).status_code for _ in range(260)} == {200}
    assert main(["simulate", "webcrm", "--data", str(file), "--generate", "5"]) == 2
    assert "holds rows already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "rest"], 'did you mean "reset"'),
        (["--generate", "x"], "is no size"),
        (["--seed-from", "no-such-folder"], "has no webcrm"),
        (["--host", "0.0.0.0"], "needs --token"),
        (["--port", "700000"], "is no port"),
        (["--data", "no/such/file"], "cannot be used"),
    ],
)
def test_what_makes_no_sense(options, message, capsys):
    assert main(["simulate", "webcrm", *options]) == 2
    assert message in capsys.readouterr().err
