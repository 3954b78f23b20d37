"""A smoke test's outcome as JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from rangectl.app.smoke import Case


def write(path: Path, cases: Sequence[Case]) -> None:
    """Write one suite for each topology, one case for each step."""
    report = JUnitXml("rangectl smoke")
    for topology, steps in groupby(cases, key=lambda case: case.topology):
        suite = TestSuite(topology)
        for step in steps:
            case = TestCase(step.step, classname=topology, time=round(step.seconds, 3))
            if step.trouble:
                failure = Failure(step.trouble.partition("\n")[0], step.step)
                failure.text = step.trouble
                case.result = [failure]
            suite.add_testcase(case)
        report.add_testsuite(suite)
    report.write(str(path), pretty=True)
