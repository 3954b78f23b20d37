"""What roles there are, and which variables they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """A variable of a role, as its `meta/argument_specs.yml` has it; no choices: anything goes."""

    type: str = "str"
    choices: tuple[str, ...] = ()
    required: bool = False


Roles = Mapping[str, Mapping[str, Argument] | None]
"""The roles that exist, with their variables; None for one that does not say what it takes."""
