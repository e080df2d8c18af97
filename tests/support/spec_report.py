"""`pytest --spec-report`: which rows of the protocol's checklist are proven by tests that passed.

A test names its rows with `@pytest.mark.spec("CONN-4")`. A row counts as proven when at least one of its
tests passed and none failed; a skipped test, or one that is expected to fail, proves nothing.
The ids travel in each report's `user_properties`, so that the process that controls parallel workers
knows them too. Ids only: the rows' texts stay where they are written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum

import pytest

_ID = re.compile(r"([A-Z]+)-([1-9][0-9]*)")
_PROPERTY = "spec"


class Verdict(IntEnum):
    """What the phases of a test come to; the worst one counts."""

    PASSED = 0
    PROVES_NOTHING = 1
    FAILED = 2


class SpecReport:
    """Collects the verdict of every test that names a row, and prints the two lists."""

    def __init__(self) -> None:
        self._verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        verdict = _verdict(report)
        for name, row in report.user_properties:
            if name == _PROPERTY:
                tests = self._verdicts[str(row)]
                tests[report.nodeid] = max(verdict, tests.get(report.nodeid, Verdict.PASSED))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        proven = {row for row, tests in self._verdicts.items() if _proves(tests.values())}
        terminalreporter.section(f"checklist: {len(proven)} rows proven")
        for line in _by_section(proven):
            terminalreporter.write_line(line)
        if unproven := set(self._verdicts) - proven:
            terminalreporter.section(f"named by tests, not proven: {len(unproven)}")
            for line in _by_section(unproven):
                terminalreporter.write_line(line)


def _verdict(report: pytest.TestReport) -> Verdict:
    if report.failed:
        return Verdict.FAILED
    return Verdict.PROVES_NOTHING if report.skipped or hasattr(report, "wasxfail") else Verdict.PASSED


def _proves(verdicts: Iterable[Verdict]) -> bool:
    known = set(verdicts)
    return Verdict.PASSED in known and Verdict.FAILED not in known


def _by_section(rows: Iterable[str]) -> list[str]:
    sections: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        section, _, number = row.partition("-")
        sections[section].append(int(number))
    return [
        " ".join(f"{section}-{number}" for number in sorted(numbers))
        for section, numbers in sorted(sections.items())
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--spec-report`."""
    parser.addoption(
        "--spec-report", action="store_true", help="print the checklist rows that passing tests prove"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Report once: in the only process, or in the one that controls the workers."""
    config.addinivalue_line("markers", "spec(*ids): the checklist rows that the test proves")
    if config.getoption("--spec-report") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SpecReport(), "clawtank-spec-report")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test's rows where its reports carry them.

    Raises:
        pytest.UsageError: If a row's id is not one.
    """
    for item in items:
        rows = {row for mark in item.iter_markers("spec") for row in mark.args}
        for row in sorted(rows):
            if not _ID.fullmatch(row):
                raise pytest.UsageError(f"{item.nodeid}: {row!r} is not a checklist id")
            item.user_properties.append((_PROPERTY, row))
