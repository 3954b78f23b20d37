"""Role images on a real engine, from roles small enough for a test."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rangectl.errors import RangeError
from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress, Tell
from rangectl.provision import owner
from rangectl.provision.engine_cli import DockerCli
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.provision.shelf import EngineShelf
from tests.provision.contract import ONE, ImagesContract, Said, ShelfContract, write_role

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.aside]


class OwnImages(RoleImages):
    """Remembers what it built, so that a test can take it away."""

    def __init__(self, root: Path, state: Path) -> None:
        super().__init__(Rolebook(root), state)
        self.mine: list[str] = []

    def _build(
        self,
        tag: str,
        below: str,
        roles: tuple[RoleSpec, ...],
        tell: Tell,
    ) -> str:
        self.mine.append(tag)
        return super()._build(tag, below, roles, tell)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnImages]:
    images = OwnImages(tmp_path_factory.mktemp("roles"), tmp_path_factory.mktemp("state"))
    yield images
    for tag in reversed(images.mine):
        if images.docker.image(tag):
            images.docker.run("rmi", "--force", tag)


def builders(docker: DockerCli) -> set[str]:
    mine = f"label={owner.OWNER}={owner.me()}"
    return set(docker.run("ps", "-aq", "--filter", mine).split())


def folders() -> set[Path]:
    return set(owner.scratch().glob(f"rangectl-build-{owner.me()}*"))


class TestRoleImages(ImagesContract, ShelfContract):
    @pytest.fixture
    def shelf(self, images: OwnImages) -> EngineShelf:
        return EngineShelf(images.docker)

    @pytest.fixture
    def images(self, shared: OwnImages, root: Path) -> OwnImages:
        """Unlike each other's, these tests' roles, so that each builds its own."""
        for name in ("one", "two"):
            write_role(root, name, f"word-{time.time_ns()}")
        shared.book = Rolebook(root)
        return shared

    def test_an_image_holds_what_its_roles_made_and_no_trace_of_it(self, images: OwnImages) -> None:
        blue = RoleSpec("one", (("colour", "blue"),))
        made = images.ensure("debian", (blue,), Said())
        assert read(images.docker, made, "cat /etc/one").endswith(" blue")
        traces = (
            "ls -A /root/.ansible /root/.ssh /usr/sbin/policy-rc.d /etc/ssh/ssh_host* "
            "/etc/apt/apt.conf.d/99mmdebstrap /tmp/* /run/build 2>/dev/null; "
            "cat /etc/machine-id; find /var/lib/apt/lists /var/cache/apt /var/log -type f -size +0"
        )
        assert read(images.docker, made, f"{traces}; true") == ""
        config = images.docker.run("inspect", "--format", "{{json .Config.Env}}", made)
        assert config.strip() == f'["PATH={PATH}"]'
        assert not builders(images.docker)
        assert not folders()

    def test_a_role_that_fails_says_where_and_leaves_nothing(
        self, images: OwnImages, root: Path
    ) -> None:
        (root / "one/tasks/main.yml").write_text(
            "- name: Go wrong\n  ansible.builtin.command: sh -c 'echo too bad >&2; exit 3'\n"
        )
        with pytest.raises(RangeError) as caught:
            images.ensure("debian", (ONE,), Said())
        for part in ('role "one" failed in task "Go wrong"', "one/tasks/main.yml:1", "too bad"):
            assert part in str(caught.value)
        assert images.docker.image(images.tag("debian", (ONE,))) is None
        assert not builders(images.docker)
        assert not folders()

    def test_a_cancelled_build_leaves_nothing(self, images: OwnImages, root: Path) -> None:
        (root / "one/tasks/main.yml").write_text(
            "- name: Take long\n  ansible.builtin.command: sleep 300\n"
        )
        said = Said()

        def tell(progress: Progress) -> None:
            said(progress)
            if progress.text == "Take long":
                images.stop.set()

        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            images.ensure("debian", (ONE,), tell)
        images.stop.clear()
        assert time.monotonic() - began < 60
        assert not builders(images.docker)
        assert not folders()


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def read(docker: DockerCli, image: str, script: str) -> str:
    return docker.run(
        *["run", "--rm", "--network", "none", "--label", "rangectl.test=images"],
        *["--entrypoint", "/bin/sh", image, "-c", script],
    ).strip()


SLEEPY = "- name: Take long\n  ansible.builtin.command: sleep 300\n"
SCRIPT = """
import sys
from pathlib import Path
from rangectl.plan.spec import RoleSpec
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
images = RoleImages(Rolebook(Path(sys.argv[1])), Path(sys.argv[2]))
images.ensure("debian", (RoleSpec("one"),), lambda said: print(said.text, flush=True))
"""


def stop_a_build(folder: Path, docker: DockerCli, how: signal.Signals) -> int:
    """Run a build in a process of its own, and stop it in its task; return its pid."""
    write_role(folder, "one", f"word-{time.time_ns()}")
    (folder / "one/tasks/main.yml").write_text(SLEEPY)
    command = [sys.executable, "-c", SCRIPT, str(folder), str(folder / "state")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as build:  # noqa: S603
        assert build.stdout is not None
        assert any("Take long" in line for line in build.stdout)
        assert len(of(docker, build.pid)) == 2
        build.send_signal(how)
        build.communicate(timeout=60)
    return build.pid


def of(docker: DockerCli, pid: int) -> list[str]:
    """List what builds of that process have, or left."""
    form = f'{{{{.ID}}}} {{{{.Label "{owner.OWNER}"}}}}'
    text = docker.run("ps", "-a", "--filter", "label=rangectl.kind=builder", "--format", form)
    rows = [*text.splitlines(), *map(str, owner.scratch().glob("rangectl-build-*"))]
    return [row for row in rows if f".{pid}." in row]


def test_what_a_killed_build_left_is_swept(docker: DockerCli, tmp_path: Path) -> None:
    """It cannot clear up itself, but any other command may before this one does."""
    pid = stop_a_build(tmp_path, docker, signal.SIGKILL)
    owner.sweep(docker)
    end = time.monotonic() + 10
    while (left := of(docker, pid)) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []


def test_an_interrupted_build_leaves_nothing(docker: DockerCli, tmp_path: Path) -> None:
    pid = stop_a_build(tmp_path, docker, signal.SIGINT)
    assert of(docker, pid) == []


@pytest.fixture
def docker() -> DockerCli:
    return DockerCli()
