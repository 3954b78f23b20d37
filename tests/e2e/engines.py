"""Other engines than the machine's own, each in the root of a system that has it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rangectl.provision import apt
from tests.e2e.program import RANGECTL
from tests.own_engine import OwnEngine, image_tags, save

_LONG = 900


@dataclass(frozen=True)
class Kind:
    """An engine: the Debian release that has it, its packages, and whether it needs cgroup v2."""

    suite: str
    packages: tuple[str, ...]
    cgroup2: bool = False
    podman: bool = False

    def command(self, folder: Path) -> tuple[str, ...]:
        """Return what starts it, where that is not what starts dockerd."""
        if not self.podman:
            return ()
        return (
            *("podman", "--root", f"{folder}/data", "--runroot", f"{folder}/exec"),
            *("--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file"),
            *("system", "service", "--time", "0", f"unix://{folder}/sock"),
        )


KINDS = {
    "docker-13": Kind("trixie", ("docker.io", "iptables")),
    "docker-13-cgroup2": Kind("trixie", ("docker.io", "iptables"), cgroup2=True),
    "podman-12": Kind("bookworm", ("podman", "runc", "iptables"), podman=True),
    "podman-13": Kind("trixie", ("podman", "runc", "iptables"), cgroup2=True, podman=True),
}


def bootstrap(kind: Kind, root: Path) -> None:
    """Make the root of a system that has the engine, from the machine's own Debian mirror."""
    access = apt.of_this_machine(os.environ)
    options = [part for option in access.options for part in ("--aptopt", option)]
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(kind.packages)}"]
    sources = access.sources.replace(apt.SUITE, kind.suite).encode()
    subprocess.run(  # noqa: S603 - arguments are ours
        [*words, *options, kind.suite, str(root), "-"], input=sources, check=True, timeout=_LONG
    )


_PODMAN = {
    "policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}',
    "containers.conf": '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
    "pids_limit = 0\n",
}
"""What a bare Podman lacks: leave to load images, and no limits that a machine may refuse."""


def _configure(root: Path) -> None:
    folder = root / "etc/containers"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _PODMAN.items():
        (folder / name).write_text(text)


def trial(kind: Kind, folder: Path, topology: Path) -> tuple[bool, str]:
    """Take a topology through its whole life on such an engine; return whether all went well."""
    bootstrap(kind, folder / "root")
    if kind.podman:
        _configure(folder / "root")
    subprocess.run([RANGECTL, "image", "build", topology], check=True, timeout=_LONG)  # noqa: S603 - ours
    save(image_tags(topology), folder / "images.tar")
    engine = OwnEngine(
        folder / "engine",
        cgroup2=kind.cgroup2,
        root=folder / "root",
        command=kind.command(folder / "engine"),
    )
    try:
        engine.start()
        engine.load(folder / "images.tar")
        with engine.client() as client:
            version = client.version()
        done = subprocess.run(  # noqa: S603 - the program under test
            [RANGECTL, "smoke", str(topology)],
            env=engine.environment(RANGECTL_HOME=str(folder / "home")),
            capture_output=True,
            text=True,
            timeout=_LONG,
            check=False,
        )
    except (subprocess.SubprocessError, AssertionError, OSError) as error:
        said = getattr(error, "stderr", b"") or b""
        return False, f"{error} {said.decode(errors='replace')[-600:]}\n{engine.log}"
    finally:
        engine.close()
    said_last = "\n".join(done.stdout.splitlines()[-8:])
    return done.returncode == 0, f"engine {version['Version']}: {said_last}"
