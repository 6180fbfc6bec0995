"""A demo that is served, and a browser to look at it with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dataflow.demo.server import Server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def served():
    with Server(ROOT, 0) as server:
        yield server


@pytest.fixture
def demo(served):
    """As it is at the beginning."""
    with served.session.lock:
        served.session.begin()
    served.proving.forget()
    return served


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium; tests that want it are skipped where there is none.

    Playwright has an event loop in this thread as long as it lasts, which is therefore no longer than its module.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("there is no Chromium here: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root, which containers like to be, Chromium does not start with its sandbox.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()
