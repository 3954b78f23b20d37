"""The page of file formats, and the schemas that editors get."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # has no types, and is for this test alone
import pytest
import yaml

from rangectl.model.base import DURATION_PATTERN
from rangectl.model.parse.schemas import schema
from rangectl.model.reference import reference

ROOT = Path(__file__).parents[2]


def test_the_reference_page_is_what_the_models_say() -> None:
    written = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
    assert written == reference(), "stale: run script/reference"


def test_every_key_of_every_part_is_in_the_reference() -> None:
    page = reference()
    for kind in ("topology", "exercise", "traffic"):
        root = schema(kind)
        for shape in (root, *root["$defs"].values()):
            assert all(f"| `{key}` |" in page for key in shape.get("properties", {}))


def test_the_schema_takes_segments_by_name_alone() -> None:
    long, short = schema("topology")["$defs"]["Host"]["properties"]["segments"]["anyOf"]
    assert (long["type"], short["type"]) == ("object", "array")


def test_the_schema_takes_roles_by_name_and_with_variables() -> None:
    kinds = [one["type"] for one in schema("topology")["$defs"]["RoleUse"]["anyOf"]]
    assert kinds == ["object", "string", "object"]


def test_durations_are_those_of_files_not_iso() -> None:
    text = str(schema("exercise"))
    assert "'format': 'duration'" not in text
    assert re.search(DURATION_PATTERN, "90s")
    assert not re.search(DURATION_PATTERN, "PT90S")


@pytest.mark.parametrize("file", sorted((ROOT / "topologies").glob("*.yaml")), ids=lambda f: f.stem)
def test_editors_find_no_fault_with_what_is_shipped(file: Path) -> None:
    jsonschema.validate(yaml.safe_load(file.read_text()), schema("topology"))


@pytest.mark.parametrize(
    "spoiled", ["count: three", 'count: "${}"', "group: 7", "kind: [a]", "init: systemds"]
)
def test_editors_mark_what_is_wrong(spoiled: str) -> None:
    text = (ROOT / "topologies/wide.yaml").read_text().replace('count: "${each}"', spoiled)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), schema("topology"))
