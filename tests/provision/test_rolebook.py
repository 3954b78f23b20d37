"""Reading roles from their folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from rangectl.errors import RangeError
from rangectl.plan.spec import RoleSpec
from rangectl.provision.rolebook import Rolebook
from tests.provision.contract import write_role


def test_the_earlier_folder_wins(tmp_path: Path) -> None:
    write_role(tmp_path / "a", "one", "mine")
    write_role(tmp_path / "b", "one", "theirs")
    files = Rolebook(tmp_path / "a", tmp_path / "b").read(RoleSpec("one"))
    assert b"mine" in files["tasks/main.yml"].content


def test_programs_are_told_from_files(tmp_path: Path) -> None:
    write_role(tmp_path, "one")
    program = tmp_path / "one" / "files" / "run"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    files = Rolebook(tmp_path).read(RoleSpec("one"))
    assert files["files/run"].program
    assert not files["tasks/main.yml"].program


def test_the_mode_a_checkout_happens_to_have_does_not_count(tmp_path: Path) -> None:
    write_role(tmp_path, "one")
    before = Rolebook(tmp_path).read(RoleSpec("one"))
    (tmp_path / "one/tasks/main.yml").chmod(0o664)
    assert Rolebook(tmp_path).read(RoleSpec("one")) == before


def test_a_role_without_variables_says_so(tmp_path: Path) -> None:
    write_role(tmp_path, "one")
    (tmp_path / "one/meta/argument_specs.yml").write_text("argument_specs: {main: {options: {}}}")
    with pytest.raises(RangeError) as caught:
        Rolebook(tmp_path).read(RoleSpec("one", (("colour", "red"),)))
    assert caught.value.hint == "it has: none"


def test_no_variable_moves_a_role_out_of_its_builder(tmp_path: Path) -> None:
    write_role(tmp_path, "one")
    (tmp_path / "one/meta/argument_specs.yml").unlink(missing_ok=True)
    with pytest.raises(RangeError, match='no variable "ansible_connection"'):
        Rolebook(tmp_path).read(RoleSpec("one", (("ansible_connection", "local"),)))
