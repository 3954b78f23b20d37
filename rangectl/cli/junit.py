"""A smoke test's outcome as JUnit XML, as Jenkins's schema (junit-10) has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from rangectl.app.smoke import Case

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(path: Path, cases: Sequence[Case]) -> None:
    """Write one suite for each topology, one case for each step."""
    report = JUnitXml("rangectl smoke")
    for topology, steps in groupby(cases, key=lambda case: case.topology):
        suite = TestSuite(topology)  # type: ignore[no-untyped-call] # the library's
        for step in steps:
            suite.add_testcase(_case(step))
        report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call] # the library's
    report.write(str(path), pretty=True)


def _case(step: Case) -> TestCase:
    case = TestCase(step.step, classname=step.topology, time=round(step.seconds, 3))
    if step.trouble:
        text = _shown(step.trouble)
        kind = Error if step.interrupted else Failure
        failure = kind(text.partition("\n")[0], step.step)
        failure.text = text
        case.result = [failure]
    elif step.skipped:
        case.result = [Skipped(_shown(step.skipped))]
    if step.said:
        case.system_out = _shown(step.said)
    return case


def _shown(text: str) -> str:
    """Return a text without what XML cannot hold: a service may answer with anything."""
    return _NO_XML.sub("\ufffd", text)
