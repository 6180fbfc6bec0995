"""The checklist run while people watch: every result as soon as it is known, and the report when all are."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dataflow.checklist.binding import Binding, read_words
from dataflow.checklist.checks.direction import directions
from dataflow.checklist.facts import package_document
from dataflow.checklist.live.runner import run_live
from dataflow.checklist.outcome import Outcome
from dataflow.checklist.secrecy import without_secrets
from dataflow.checklist.waivers import FILE as WAIVERS
from dataflow.checklist.waivers import read_waivers
from dataflow.checklist.wording import row_title
from dataflow.clock import Clock
from dataflow.errors import DataflowError
from dataflow.report.checklist_forms import rendered
from dataflow.report.checklist_page import headline
from dataflow.scenario.world import Stage, World

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.report.picture import Picture
    from dataflow.results import Result
    from dataflow.scenario.reading import Reading


class Proving:
    """One run at a time, in two systems of its own. `state` is "idle", "running", "done" or "failed"; `said` is what it does."""

    def __init__(self, root: Path, reading: Reading, picture: Picture) -> None:
        """Raises FindingsError for a document or a binding that cannot be read, UsageError without docutils."""
        self._root = root
        self._reading = reading
        self._picture = picture
        self._document, _ = package_document(root)
        self._words = read_words(root)
        self._binding = Binding(reading, self._words)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.state = "idle"
        self.said = ""
        self.outcome: Outcome | None = None
        self.report: str | None = None
        self._seen: dict[str, Result] = {}

    def start(self) -> None:
        """Run it, unless it is running already."""
        with self._lock:
            if self.state == "running":
                return
            self.state, self.said, self.outcome, self.report = "running", "starting both systems", None, None
            self._seen = {}
            self._thread = threading.Thread(target=self._run, name="checklist", daemon=True)
            self._thread.start()

    def forget(self) -> None:
        """As if it had never run; one that is running comes to its end first."""
        self.wait()
        self.state, self.said, self.outcome, self.report, self._seen = "idle", "", None, None, {}

    def wait(self) -> None:
        """Until it has come to an end."""
        if self._thread is not None:
            self._thread.join()

    def rows(self) -> dict[str, list[tuple[str, Result | None]]]:
        """By title of flow, in the document's order: every row and direction with its title, and its result once there is one."""
        outcome, seen = self.outcome, dict(self._seen)
        if outcome is not None:
            return {flow.title: [(one.title, one) for one in flow.results] for flow in outcome.flows}
        found: dict[str, list[tuple[str, Result | None]]] = {}
        for section in self._document.flows:
            bound = self._binding.bind(section)
            if bound is not None:
                found[section.title] = [
                    (row_title(self._reading, row, way), seen.get(".".join((bound.flow.title, row.golden, way.id))))
                    for row in bound.flow.rows
                    for way in directions(row)
                ]
        return found

    def _run(self) -> None:
        said, state = "the run broke off", "failed"
        try:
            outcome = self._outcome()
            self.report = rendered("html", outcome, picture=self._picture)
            self.outcome = outcome
            said, state = headline(outcome), "done"
        except DataflowError as error:
            said = str(error)
        finally:
            self.said, self.state = said, state

    def _outcome(self) -> Outcome:
        with Stage(self._root) as stage:
            world = World(stage)
            reports = run_live(
                self._document, world, self._reading, words=self._words, tell=self._tell, seen=self._keep
            )
            world.close()
            secrets = [secret for system in stage.systems.values() for secret in system.secrets.values()]
        at = datetime.fromtimestamp(Clock().now_ns() // 1_000_000_000, UTC)
        waivers = read_waivers(self._root / WAIVERS)
        return Outcome(self._document.title, "live", at, without_secrets(reports, secrets), waivers)

    def _tell(self, text: str) -> None:
        self.said = text

    def _keep(self, result: Result) -> None:
        self._seen[result.id] = result
