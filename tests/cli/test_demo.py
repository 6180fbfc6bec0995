import re
import signal
import subprocess
import sys

import requests

from dataflow.cli import main

DEMO = [sys.executable, "-m", "dataflow.cli", "demo", "--port", "0", "--no-browser"]


def test_it_says_where_it_is_answers_there_and_stops_at_once_on_ctrl_c():
    process = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = re.match(r"The demo is at (\S+), on this machine only", process.stdout.readline()).group(1)
        assert url.startswith("http://127.0.0.1:")
        assert requests.get(url, timeout=30).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out.splitlines()[-1], err) == (0, "The demo has stopped.", "")
    finally:
        process.kill()
        process.communicate()


def test_a_folder_without_a_package(tmp_path, capsys):
    assert main(["demo", "--no-browser", "--dir", str(tmp_path)]) == 2
    assert "node-metadata.conf.json" in capsys.readouterr().err
