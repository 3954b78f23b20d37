"""The JSON Schema of every kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from rangectl.model.exercise import Exercise
from rangectl.model.parse.documents import Kind
from rangectl.model.parse.published import published
from rangectl.model.topology import Topology
from rangectl.model.traffic import Profile

MODELS: Mapping[Kind, type[BaseModel]] = {
    "topology": Topology,
    "exercise": Exercise,
    "traffic": Profile,
}


def schema(kind: Kind, *, variables: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, with the short forms that it may use.

    With `variables`, one may stand where a value may.
    """
    return published(MODELS[kind].model_json_schema(), variables=variables)
