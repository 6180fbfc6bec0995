import signal
import socket
import subprocess
import sys

import pytest
import requests

from dataflow.cli import main

SERVE = [sys.executable, "-m", "dataflow.cli", "node", "serve", "--port", "0"]


@pytest.mark.parametrize("options", [[], ["--token", "a.b.c"]])
def test_it_says_where_it_is_answers_there_and_stops_at_once_on_ctrl_c(options):
    process = subprocess.Popen([*SERVE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        told = next(line for line in process.stdout if "export" in line).split()
        settings = dict(one.split("=", 1) for one in told[1:])
        assert settings["JWT"] == (options[1] if options else "e30.e30.e30")
        answer = requests.get(
            f"{settings['NODE']}/api/", headers={"Authorization": f"Bearer {settings['JWT']}"}, timeout=30
        )
        assert answer.json()["status"]["developer_mode"] is True
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out.splitlines()[-1], err) == (0, "The node has stopped.", "")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("options", "told", "run"),
    [
        ([], "Pumps run when they are told to. Nothing outside is contacted.", False),
        (["--no-schedule"], "Pumps run when they are told to. Nothing outside is contacted.", False),
        (["--schedule", "--reach"], "Pumps run when they are due. Systems outside are contacted.", True),
    ],
)
def test_schedules_and_reach_are_on_only_when_somebody_wants_them(options, told, run):
    process = subprocess.Popen([*SERVE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [next(process.stdout) for _ in range(4)]
        assert told in lines[1]
        node = lines[3].split()[1].removeprefix("NODE=")
        pump = {"run_at_startup": True}
        pipe = {"_id": "p", "type": "pipe", "source": {"type": "embedded", "entities": [{"_id": "1"}]}, "pump": pump}
        assert requests.put(f"{node}/api/config", json=[pipe], timeout=30).status_code == 200
        # While a pump runs nobody is told when it runs next, but it does not run for long.
        answers = (requests.get(f"{node}/api/pipes/p/pump", timeout=30).json() for _ in range(100))
        assert any(answer["runtime"]["next-run"] is not None for answer in answers) is run
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def test_with_a_folder_it_is_the_same_node_after_it_was_killed(tmp_path):
    pipe = {"_id": "a", "type": "pipe", "source": {"type": "http_endpoint"}}
    ids = []
    for number in range(2):
        process = subprocess.Popen([*SERVE, "--data", str(tmp_path)], stdout=subprocess.PIPE, text=True)
        try:
            lines = [next(process.stdout) for _ in range(4)]
            assert f"keeps everything in {tmp_path}" in lines[0]
            node = lines[3].split()[1].removeprefix("NODE=")
            if number == 0:
                assert requests.put(f"{node}/api/config", json=[pipe], timeout=30).status_code == 200
            url = f"{node}/api/receivers/a/entities"
            assert requests.post(url, json=[{"_id": str(number)}], timeout=30).status_code == 200
            ids.append([one["_id"] for one in requests.get(f"{node}/api/pipes/a/entities", timeout=30).json()])
            # One process at a time.
            assert main(["node", "serve", "--port", "0", "--data", str(tmp_path)]) == 2
        finally:
            process.kill()
            process.communicate()
    assert ids == [["0"], ["0", "1"]]


def test_a_port_that_is_taken(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["node", "serve", "--port", str(port)]) == 2
    assert f"port {port} of 127.0.0.1 cannot be had" in capsys.readouterr().err


def test_an_address_that_others_reach(capsys):
    assert main(["node", "serve", "--host", "0.0.0.0"]) == 2
    assert "needs --token" in capsys.readouterr().err
