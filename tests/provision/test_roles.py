"""Conventions that every role keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rangectl.plan.spec import RoleSpec
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped

BOOK = Rolebook(shipped("roles"))
ROLES = BOOK.known()


def test_the_roles_that_topologies_need_are_there() -> None:
    needed = {"base", "kit", "resolver", "router", "sinkhole", "web", "workstation"}
    assert needed <= set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_documented_and_says_its_variables(role: str) -> None:
    files = BOOK.read(RoleSpec(role))
    assert files["README.md"].content.startswith(f"# {role}\n".encode())
    spec = yaml.safe_load(files["meta/argument_specs.yml"].content)
    options = spec["argument_specs"]["main"]["options"]
    readme = files["README.md"].content.decode()
    assert all(f"`{name}`" in readme for name in options)


@pytest.mark.parametrize("role", ROLES)
def test_every_task_of_a_role_has_a_name(role: str) -> None:
    tasks = yaml.safe_load(BOOK.read(RoleSpec(role))["tasks/main.yml"].content)
    assert all(task["name"] for task in tasks)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_goes_into_a_host_names_the_orchestrator(role: str) -> None:
    for path, file in BOOK.read(RoleSpec(role)).items():
        assert b"rangectl" not in file.content.lower(), path


@pytest.mark.parametrize("role", ROLES)
def test_every_file_a_role_ships_is_used(role: str) -> None:
    files = BOOK.read(RoleSpec(role))
    words = b" ".join(c.content for p, c in files.items() if p.startswith(("tasks/", "defaults/")))
    put = [p for p in files if p.startswith(("files/", "templates/"))]
    assert all(Path(path).name.encode() in words for path in put)


def test_roles_are_found_in_the_checkout() -> None:
    assert (shipped("roles") / "base" / "tasks" / "main.yml").is_file()
