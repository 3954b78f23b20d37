"""Content addresses of images."""

from __future__ import annotations

from rangectl.plan.images import RoleFile, base_tag, role_tags
from rangectl.plan.spec import RoleSpec

BASE = base_tag(b"debian")
WEB = {"tasks/main.yml": RoleFile(b"- ping:"), "files/run": RoleFile(b"#!/bin/sh", program=True)}
FILES = {"base": {"tasks/main.yml": RoleFile(b"[]")}, "web": WEB}


def tags(*roles: RoleSpec, files: dict[str, dict[str, RoleFile]] = FILES) -> tuple[str, ...]:
    return role_tags(BASE, [(role, files[role.name]) for role in roles])


def test_the_same_goes_in_and_the_same_tag_comes_out() -> None:
    again = {"files/run": WEB["files/run"], "tasks/main.yml": WEB["tasks/main.yml"]}
    other_order = {**FILES, "web": again}
    assert tags(RoleSpec("web")) == tags(RoleSpec("web"), files=other_order)


def test_stacks_that_begin_alike_share_their_first_tags() -> None:
    short = tags(RoleSpec("base"))
    long = tags(RoleSpec("base"), RoleSpec("web"))
    assert long[:1] == short
    assert len(set(long)) == 2


def test_the_order_of_roles_matters() -> None:
    one = tags(RoleSpec("base"), RoleSpec("web"))
    assert one[-1] != tags(RoleSpec("web"), RoleSpec("base"))[-1]


def test_variables_matter_and_their_order_does_not() -> None:
    ab = RoleSpec("web", (("a", 1), ("b", "x")))
    ba = RoleSpec("web", (("b", "x"), ("a", 1)))
    assert tags(ab) == tags(ba)
    assert tags(ab) != tags(RoleSpec("web", (("a", 2), ("b", "x"))))


def test_a_number_and_its_text_are_different_variables() -> None:
    assert tags(RoleSpec("web", (("a", 1),))) != tags(RoleSpec("web", (("a", "1"),)))


def test_content_path_and_being_a_program_matter() -> None:
    plain = tags(RoleSpec("web"))
    variants: list[dict[str, RoleFile]] = [
        {**WEB, "tasks/main.yml": RoleFile(b"- ping: ")},
        {"tasks/other.yml": WEB["tasks/main.yml"], "files/run": WEB["files/run"]},
        {**WEB, "files/run": RoleFile(b"#!/bin/sh")},
        {**WEB, "extra": RoleFile(b"")},
    ]
    seen = {tags(RoleSpec("web"), files={"web": variant}) for variant in variants}
    assert plain not in seen
    assert len(seen) == len(variants)


def test_another_base_makes_another_tag() -> None:
    role = [(RoleSpec("web"), WEB)]
    assert role_tags(base_tag(b"a"), role) != role_tags(base_tag(b"b"), role)


def test_bytes_cannot_move_from_one_file_to_the_next() -> None:
    one = {"a": RoleFile(b"xy"), "b": RoleFile(b"z")}
    two = {"a": RoleFile(b"x"), "b": RoleFile(b"yz")}
    assert tags(RoleSpec("web"), files={"web": one}) != tags(RoleSpec("web"), files={"web": two})
