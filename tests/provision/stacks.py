"""The stacks of roles that hosts are made of: built and booted together, for tests of roles."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from rangectl.plan.spec import RoleSpec
from rangectl.provision import ansible, apt, owner
from rangectl.provision.builder import builder
from rangectl.provision.images import RoleImages
from tests.provision.boot import Booted, booted

A = TypeVar("A")
R = TypeVar("R")
Stack = tuple[str, ...]

STACKS: tuple[Stack, ...] = (
    ("base", "resolver", "directory", "loghost"),
    ("base", "database", "webapp"),
    ("base", "fileserver", "backup"),
    ("base", "jump", "monitoring"),
    ("base", "mail", "webmail"),
    ("base", "wiki"),
    ("base", "proxy"),
    ("base", "dns"),
    ("base", "vpn"),
    ("base", "carrier"),
    ("base", "router"),
    ("base", "workstation"),
    ("base", "web"),
    ("base", "kit"),
    ("device",),
    ("sinkhole",),
)
"""As topologies stack them, so that tests and ranges share images. Every role is in one."""

_MEMORY = "192m"
_AT_ONCE = 3
_RECAP = re.compile(r"changed=(\d+)")


def stack_of(role: str) -> Stack:
    """Return the first stack that has this role."""
    return next(stack for stack in STACKS if role in stack)


def prefixes() -> tuple[Stack, ...]:
    """Return every layer of the stacks once, shorter ones first."""
    found = {stack[:size] for stack in STACKS for size in range(1, len(stack) + 1)}
    return tuple(sorted(found, key=lambda stack: (len(stack), stack)))


def build(images: RoleImages) -> dict[Stack, str]:
    """Build all layers of all stacks, some at once; return the image of each."""
    made: dict[Stack, str] = {}
    for size in sorted({len(stack) for stack in prefixes()}):
        level = [stack for stack in prefixes() if len(stack) == size]
        made.update(zip(level, at_once(lambda stack: ensure(images, stack), level), strict=True))
    return made


def ensure(images: RoleImages, stack: Stack) -> str:
    """Return the image of a stack."""
    return images.ensure("debian", tuple(RoleSpec(role) for role in stack), lambda _: None)


def changes(images: RoleImages, stack: Stack) -> int:
    """Apply the last role of a stack to its own image once more; return how many tasks changed."""
    role = RoleSpec(stack[-1])
    work = owner.work_folder()
    try:
        with builder(images.docker, ensure(images, stack), apt.of_this_machine(os.environ)) as made:
            folder = images.book.folder(role.name)
            ansible.apply(made, role, folder, work, lambda _: None, threading.Event())
        (said,) = work.glob("artifacts/*/stdout")
        return int(_RECAP.findall(said.read_text())[-1])
    finally:
        owner.remove_folder(work)


@contextmanager
def running(
    images: Mapping[Stack, str], files: Mapping[Stack, Mapping[str, str]]
) -> Iterator[dict[Stack, Booted]]:
    """Boot one host of each stack, all together."""
    with ExitStack() as hosts:

        def boot(stack: Stack) -> Booted:
            init = "/sbin/init" if "base" in stack else "/usr/local/sbin/main"
            caps = ("NET_ADMIN",) if "router" in stack else ()
            return hosts.enter_context(
                booted(images[stack], init, caps, files.get(stack, {}), _MEMORY)
            )

        yield dict(zip(STACKS, at_once(boot, STACKS), strict=True))


def at_once(act: Callable[[A], R], each: tuple[A, ...] | list[A]) -> list[R]:
    """Do something for each, a few at the same time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(act, each))


def everything(roles: Path) -> set[str]:
    """Return the names of all roles in a folder."""
    return {main.parents[1].name for main in roles.glob("*/tasks/main.yml")}
