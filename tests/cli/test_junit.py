"""Smoke's report is one that CI servers accept."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from junitparser.xunit2 import JUnitXml

from rangectl.app.smoke import Case
from rangectl.cli.junit import write

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "junit.xsd"))
CASES = (
    Case("minimal", "up", 3.21789, None, said="7 changes"),
    Case("minimal", "checks", 0.1, "no answer\nfrom web01"),
    Case("minimal", "reset", 0.0, None, skipped="not run: checks failed"),
    Case("broken", "validate", 0.0, "broken.yaml:1:1: not YAML"),
)


def written(tmp_path: Path, *cases: Case) -> Path:
    path = tmp_path / "out.xml"
    write(path, cases)
    return path


def test_a_report_keeps_to_the_schema(tmp_path: Path) -> None:
    SCHEMA.validate(str(written(tmp_path, *CASES)))


def test_a_report_of_nothing_keeps_to_the_schema(tmp_path: Path) -> None:
    SCHEMA.validate(str(written(tmp_path)))


def test_the_schema_bites(tmp_path: Path) -> None:
    path = written(tmp_path, *CASES)
    path.write_text(path.read_text().replace('failures="1"', ""))
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate(str(path))


def test_a_report_counts_what_passed_failed_and_was_not_run(tmp_path: Path) -> None:
    report = JUnitXml.fromfile(str(written(tmp_path, *CASES)))
    assert (report.tests, report.failures, report.time) == (4, 2, 3.318)
    first, second = report
    assert (first.name, first.tests, first.failures, first.skipped) == ("minimal", 3, 1, 1)
    assert (second.name, second.failures) == ("broken", 1)
    up, checks, reset = first
    assert (up.is_passed, up.system_out) == (True, "7 changes")
    assert (checks.result[0].message, checks.result[0].text) == ("no answer", CASES[1].trouble)
    assert reset.is_skipped


def test_whatever_a_service_answers_the_report_is_xml(tmp_path: Path) -> None:
    hostile = "".join(map(chr, range(0x120))) + "\ufffe\ud800]]></failure><!--"
    path = written(tmp_path, Case("minimal", "checks", 1e-9, hostile, said=hostile))
    SCHEMA.validate(str(path))
    ((case,),) = JUnitXml.fromfile(str(path))
    assert case.result[0].text.endswith("]]></failure><!--")


def test_what_was_interrupted_is_an_error_and_no_failure(tmp_path: Path) -> None:
    cut = Case("minimal", "up", 0.0, "interrupted", interrupted=True)
    path = written(tmp_path, cut)
    SCHEMA.validate(str(path))
    report = JUnitXml.fromfile(str(path))
    assert (report.tests, report.errors, report.failures) == (1, 1, 0)
