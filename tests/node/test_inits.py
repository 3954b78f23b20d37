"""Which process is a container's first: never one that still stands in the machine's own root."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest

from rangectl.node.inits import GoneError, Inits
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped

pytestmark = pytest.mark.engine


_MOVES = "import os, time; os.mkdir('/x'); os.chroot('/x'); time.sleep(60)"


@pytest.fixture
def container(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    client = docker.from_env()
    image = RoleImages(Rolebook(shipped("roles")), tmp_path).ensure("debian", (), lambda _: None)
    made = client.containers.create(
        image,
        entrypoint=getattr(request, "param", ["/bin/sleep", "60"]),
        name=f"test-inits-{secrets.token_hex(4)}",
        labels={"rangectl.test": "inits"},
        network_mode="none",
    )
    try:
        yield str(made.id)
    finally:
        made.remove(force=True)
        client.close()


def roots_met(known: Inits, container: str) -> Iterator[bool]:
    """Start the container; yield for each look that finds its init whether it is in our root."""
    ours = Path("/").stat()
    with subprocess.Popen(["docker", "start", container], stdout=subprocess.DEVNULL) as starting:  # noqa: S603, S607
        end = time.monotonic() + 20
        found = 0
        while (starting.poll() is None or not found) and time.monotonic() < end:
            with suppress(GoneError, OSError), known.find(container).folder() as folder:
                yield os.path.samestat(os.stat("root/", dir_fd=folder), ours)
                found += 1


def test_no_init_is_found_before_it_left_the_machine_s_root(container: str) -> None:
    for _ in range(3):
        met = list(roots_met(Inits(), container))
        assert met
        assert not any(met)
        subprocess.run(["docker", "stop", "-t0", container], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607


@pytest.mark.parametrize("container", [["/usr/bin/python3", "-c", _MOVES]], indirect=True)
def test_a_first_process_that_moves_its_root_hides_nothing(container: str) -> None:
    subprocess.run(["docker", "start", container], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607
    known, init = Inits(), None
    end = time.monotonic() + 20
    while init is None and time.monotonic() < end:
        with suppress(GoneError):  # whoever started it may be going away just now
            init = known.find(container)
    assert init is not None
    while os.listdir(f"/proc/{init.pid}/root/") and time.monotonic() < end:  # noqa: PTH208
        time.sleep(0.1)
    assert os.listdir(f"/proc/{init.pid}/root/") == []  # noqa: PTH208
    with init.root() as root:
        assert os.stat("etc/passwd", dir_fd=root).st_size > 0
