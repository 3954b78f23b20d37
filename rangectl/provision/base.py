"""The base image "debian": on the engine already, else pulled, else bootstrapped."""

from __future__ import annotations

import select
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.plan.images import base_tag
from rangectl.progress import Progress, Tell
from rangectl.provision import locks
from rangectl.provision.apt import KEYRING, SUITE, AptAccess
from rangectl.provision.builder import PATH, SCRUB, builder
from rangectl.provision.engine_cli import DockerCli, Image

PACKAGES = (
    "ca-certificates",
    "dbus",
    "debian-archive-keyring",
    "iproute2",
    "openssh-client",
    "openssh-server",
    "procps",
    "python3",
    "python3-apt",
    "systemd",
    "systemd-sysv",
    "tzdata",
)
BASES = {"debian": f"debian:{SUITE}"}
_RECIPE = "1"
_ANSWER_WITHIN = 15
_PULL_WITHIN = 600


def tag(name: str) -> str:
    """Return the content address of a base; a RangeError lists the known ones."""
    if name not in BASES:
        message = f'unknown base image "{name}"'
        raise RangeError(message, hint=f"known: {', '.join(sorted(BASES))}")
    return base_tag("\n".join([_RECIPE, name, BASES[name], *PACKAGES, SCRUB]).encode())


def ensure(docker: DockerCli, name: str, apt: AptAccess, lock: Path, tell: Tell) -> Image:
    """Return the base image, made first if the engine lacks it."""
    wanted = tag(name)
    if found := docker.image(wanted):
        return found
    with locks.held(lock, wanted.rpartition(":")[2]):
        if found := docker.image(wanted):
            return found
        source = _source(docker, name, apt, tell)
        tell(Progress(f"base {name}", "installing what every host has"))
        try:
            _finish(docker, source, wanted, apt)
        finally:
            if source != BASES[name]:
                docker.run("rmi", "--no-prune", source)
    made = docker.image(wanted)
    if made is None:
        message = f"the base image {wanted} vanished while it was made"
        raise RangeError(message, hint="is something pruning images? try again")
    return made


def _finish(docker: DockerCli, source: str, wanted: str, apt: AptAccess) -> None:
    """Bring a bare Debian to what every base holds, however it came."""
    with builder(docker, source, apt) as made:
        made.sh(
            "set -e; apt-get update -qq; apt-get install -y -qq "
            f"--no-install-recommends {' '.join(PACKAGES)} >/dev/null"
        )
        made.commit(wanted, {"rangectl.base": wanted.rpartition(":")[2]})


def _source(docker: DockerCli, name: str, apt: AptAccess, tell: Tell) -> str:
    """Return an image to start from: present, pulled or bootstrapped."""
    public = BASES[name]
    if docker.image(public):
        return public
    tell(Progress(f"base {name}", f"asking a registry for {public}"))
    why = _pull(docker, public)
    if why is None:
        return public
    tell(Progress(f"base {name}", f"no registry ({why}); bootstrapping Debian from its mirror"))
    return _bootstrap(docker, f"rangectl/bootstrap:{int(time.time())}", apt)


def _pull(docker: DockerCli, public: str) -> str | None:
    """Pull an image; return why it cannot be had, or None. A silent registry is soon given up."""
    with subprocess.Popen(  # noqa: S603 - fixed arguments
        [docker.program(), "pull", public],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=docker.env,
    ) as pull:
        try:
            if pull.stdout is None or not select.select([pull.stdout], [], [], _ANSWER_WITHIN)[0]:
                return f"none answered within {_ANSWER_WITHIN} s"
            output, _ = pull.communicate(timeout=_PULL_WITHIN)
        except subprocess.TimeoutExpired:
            return f"it took longer than {_PULL_WITHIN} s"
        finally:
            with suppress(ProcessLookupError):
                pull.kill()
    if pull.returncode == 0:
        return None
    words = output.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return words[-1][:160]


def _bootstrap(docker: DockerCli, name: str, apt: AptAccess) -> str:
    """Bootstrap Debian from the machine's mirror into an image of that name."""
    program = shutil.which("mmdebstrap")
    if program is None:
        message = f"no image {BASES['debian']}: no registry answers, and mmdebstrap is missing"
        hint = f"apt install mmdebstrap, or `docker load` an image tagged {BASES['debian']}"
        raise EnvironmentUnfitError(message, hint=hint)
    if not Path(KEYRING).exists():
        message = f"no image {BASES['debian']}: no registry answers, and {KEYRING} is missing"
        raise EnvironmentUnfitError(message, hint="apt install debian-archive-keyring")
    options = [part for option in apt.options for part in ("--aptopt", option)]
    command = [
        *[program, "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}", *options],
        *["--customize-hook", _TRACES, "--format=tar", SUITE, "-", "-"],
    ]
    with subprocess.Popen(  # noqa: S603 - arguments are ours, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as making:
        try:
            return _import(docker, making, name, apt)
        finally:
            if making.poll() is None:
                making.terminate()


_TRACES = (
    'rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/apt/sources.list.d/* '
    '"$1"/etc/apt/sources.list "$1"/etc/resolv.conf "$1"/etc/hostname '
    '"$1"/etc/ssh/ssh_host_*_key "$1"/etc/ssh/ssh_host_*_key.pub'
)


def _import(docker: DockerCli, making: subprocess.Popen[bytes], name: str, apt: AptAccess) -> str:
    """Feed the sources to the bootstrap and its archive to the engine."""
    stdin, stdout, stderr = making.stdin, making.stdout, making.stderr
    if stdin is None or stdout is None or stderr is None:
        raise AssertionError
    with suppress(BrokenPipeError):  # it ended before it read them, and has said why
        stdin.write(apt.sources.encode())
        stdin.close()
    with subprocess.Popen(  # noqa: S603 - arguments are ours, no shell
        [docker.program(), "import", "--change", f"ENV PATH={PATH}", "-", name],
        stdin=stdout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=docker.env,
    ) as importing:
        stdout.close()
        words = stderr.read().decode(errors="replace")
        output, _ = importing.communicate()
    if making.wait() or importing.returncode:
        last = "\n".join((words + output.decode(errors="replace")).strip().splitlines()[-12:])
        message = f"Debian could not be bootstrapped:\n{last}"
        raise RangeError(message, hint="does `apt-get update` work on this machine?")
    return name
