"""Docker Engines of the tests' own, in a mount namespace of their own: to be killed, filled, and on
cgroup v2.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound

from rangectl.model.parse.topologies import parse_topology
from rangectl.plan.expand import expand
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped

MIB = 1 << 20
_PATIENCE = 40.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CGROUP2 = "umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; "
_PIVOT = (
    "mount --bind {root} {root}; mkdir -p {root}{folder}; mount --bind {folder} {root}{folder}; "
    "for one in proc sys dev; do mount --rbind /$one {root}/$one; done; "
    "mount -t tmpfs none {root}/run; cd {root}; mkdir -p old; pivot_root . old; umount -l /old; "
)


def kill(pid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal to one process; return whether there was one.

    The engine says 0 for the process of a container that does not run, and 0, like -1, means whole
    groups to the kernel: the tests' own.
    """
    if pid <= 1:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def kill_container(client: docker.DockerClient, name: str) -> bool:
    """Kill the first process of a container; return whether it ran."""
    try:
        return kill(int(client.api.inspect_container(name)["State"]["Pid"]))
    except NotFound:
        return False


@dataclass
class OwnEngine:
    """A Docker Engine below a folder.

    With `size` (bytes), its data lie on a tmpfs of that size. `root` is the root of a system that
    has the engine, and `command` what starts it there: its last word is where it must listen.
    """

    folder: Path
    cgroup2: bool = False
    size: int | None = None
    root: Path | None = None
    command: tuple[str, ...] = ()
    keeper: subprocess.Popen[bytes] = field(init=False)
    process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Make the mount namespace, which outlives the engine."""
        self.data.mkdir(parents=True)
        ready = self.folder / "ready"
        setup = "set -e; mount --make-rprivate /; "
        setup += _CGROUP2 if self.cgroup2 else ""
        setup += f"mount -t tmpfs -o size={self.size} none {self.data}; " if self.size else ""
        setup += _PIVOT.format(root=self.root, folder=self.folder) if self.root else ""
        words = [
            "unshare",
            "--mount",
            "sh",
            "-c",
            f"{setup} touch {ready}; exec /bin/sleep infinity",
        ]
        self.keeper = subprocess.Popen(words, start_new_session=True)  # noqa: S603 - ours
        _until(ready.exists, "a mount namespace of its own", self.keeper)

    @property
    def data(self) -> Path:
        """The folder of the engine's data, as the engine sees it."""
        return self.folder / "data"

    @property
    def host(self) -> str:
        """Where it listens, as in DOCKER_HOST."""
        return f"unix://{self.folder}/sock"

    @contextmanager
    def client(self) -> Iterator[docker.DockerClient]:
        """Give a client of it."""
        with closing(docker.DockerClient(self.host, timeout=60)) as client:
            yield client

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of programs that are to use it."""
        return {**os.environ, "DOCKER_HOST": self.host, **more}

    def start(self) -> None:
        """Start it, as a service manager would: when nothing is left of the one before that ends
        with it, and again, where it ends at once.
        """
        with suppress(FileNotFoundError):
            below = Path("/proc", (self.folder / "exec/containerd/containerd.pid").read_text())
            _until(lambda: not below.exists(), "the end of the containerd of a killed engine", None)
        end = time.monotonic() + _PATIENCE
        while True:
            self._start()
            while self.process is not None and self.process.poll() is None:
                if self.answers():
                    return
                assert time.monotonic() < end, f"the engine never answered: {self.log}"
                time.sleep(0.1)
            assert time.monotonic() < end, f"the engine never came up: {self.log}"
            time.sleep(0.5)

    @property
    def log(self) -> str:
        """The last that it wrote."""
        return (self.folder / "log").read_text(errors="replace")[-1500:]

    def _start(self) -> None:
        for left in ("pid", "sock"):
            (self.folder / left).unlink(missing_ok=True)
        words = ["nsenter", "--mount", f"--target={self.keeper.pid}", "--"]
        words += self.command or self._dockerd
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - ours
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": _PATH, **_mark()},  # no TMPDIR: another root may lack it
            )

    @property
    def _dockerd(self) -> tuple[str, ...]:
        return (
            *("dockerd", "--host", self.host, "--data-root", str(self.data)),
            *("--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "pid")),
            *("--bridge", "none", "--iptables=false", "--ip6tables=false"),
        )

    def answers(self) -> bool:
        """Whether it answers."""
        try:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.settimeout(5)
                asked.connect(str(self.folder / "sock"))
                asked.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return b" 200 " in asked.recv(64)
        except OSError:
            return False

    def kill(self) -> None:
        """Kill it at once; what it started lives on, as with any engine."""
        if self.process is not None:
            kill(self.process.pid)
            self.process.wait()

    def break_off(self, container: str) -> None:
        """While it is down, have it find that it was removing a container when it was killed."""
        config = self._there / "containers" / container / "config.v2.json"
        read = json.loads(config.read_text())
        read["State"]["RemovalInProgress"] = True
        config.write_text(json.dumps(read))

    def fill(self) -> None:
        """Leave no byte free where its data lie."""
        with self._ballast.open("wb") as file:
            free = shutil.disk_usage(self._ballast.parent).free
            while free >= 4096:
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)
                free //= 2

    def drain(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _there(self) -> Path:
        """Its data, from without its mount namespace."""
        return Path(f"/proc/{self.keeper.pid}/root{self.data}")

    @property
    def _ballast(self) -> Path:
        return self._there / "ballast"

    def load(self, tar: Path) -> None:
        """Load images."""
        words = ["docker", "load", "--quiet", "--input", str(tar)]
        subprocess.run(words, env=self.environment(), check=True, capture_output=True)  # noqa: S603

    def close(self) -> None:
        """End it, with all that it ran, and remove its folder."""
        if self.process is not None:
            with suppress(DockerException, OSError):
                self._clear()
            kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        for pid in sorted(_with_children(_naming(self.folder)), reverse=True):
            kill(pid)
        kill(self.keeper.pid)
        self.keeper.wait()
        _until(lambda: not list(_naming(self.folder)), "the end of all it ran", None)
        shutil.rmtree(self.folder)

    def _clear(self) -> None:
        with closing(docker.DockerClient(self.host, timeout=10)) as client:
            api: Any = client.api
            for row in api.containers(all=True):
                with suppress(APIError):
                    api.remove_container(row["Id"], force=True, v=True)


def _mark() -> dict[str, str]:
    """Return what tells whose run of the tests a process is of."""
    return {key: os.environ[key] for key in ("RANGECTL_TEST_RUN",) if key in os.environ}


def _naming(folder: Path) -> Iterator[int]:
    """Find the processes that were started with this folder's name."""
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(folder) in place.read_bytes() and place.parent.name != str(os.getpid()):
                yield int(place.parent.name)


def _with_children(pids: Iterator[int]) -> set[int]:
    """Add the processes that these started."""
    found = set(pids)
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(place.read_text().rpartition(")")[2].split()[1]) in found:
                found.add(int(place.parent.name))
    return found - {os.getpid()}


def _until(true: Any, what: str, process: subprocess.Popen[bytes] | None) -> None:  # noqa: ANN401
    end = time.monotonic() + _PATIENCE
    while not true():
        ended = process is not None and process.poll() is not None
        assert not ended, f"ended before there was {what}"
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)


def image_tags(topology: Path) -> list[str]:
    """Return the tags of the images that a topology is made of."""
    images = RoleImages(Rolebook(shipped("roles")), Path("/nowhere"))
    hosts = expand(parse_topology(topology.read_text(), str(topology)))
    stacks = {(host.image, host.roles) for host in hosts} | {("debian", ())}
    return sorted({images.tag(base, roles) for base, roles in stacks})


def save(tags: Sequence[str], tar: Path, environment: Mapping[str, str] | None = None) -> None:
    """Save images of the machine's engine."""
    words = ["docker", "save", "--output", str(tar), *tags]
    subprocess.run(words, check=True, env=environment, capture_output=True)  # noqa: S603 - ours
