"""Applies one role to a builder with Ansible, telling each task as it starts."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rangectl.errors import EnvironmentUnfitError, RangeError
from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress, Tell
from rangectl.provision.builder import PLACE, Builder

_SSHD = f"""HostKey {PLACE}/host_key
AuthorizedKeysFile {PLACE}/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
UseDNS no
PidFile none
LogLevel ERROR
Subsystem sftp internal-sftp
"""
_OUTPUT_LINES = 15
# Two threads that load it at once find one of its parts half made: its parts import each other.
_LOADING = threading.Lock()


@dataclass(slots=True)
class _Watch:
    """Follows the events of a run: tells tasks, keeps the last output and the first failure."""

    role: str
    tell: Tell
    output: deque[str] = field(default_factory=lambda: deque(maxlen=_OUTPUT_LINES))
    failure: tuple[str, str, str] | None = None

    def __call__(self, event: dict[str, Any]) -> bool:
        """Take one event; False: it needs no file."""
        data = event.get("event_data", {})
        self.output.extend(line for line in event.get("stdout", "").splitlines() if line.strip())
        match event.get("event"):
            case "playbook_on_task_start":
                name = data.get("task", "").removeprefix(f"{self.role} : ")
                self.tell(Progress(f"role {self.role}", name))
            case "runner_on_failed" | "runner_on_unreachable" if not data.get("ignore_errors"):
                self.failure = self.failure or _failure(data)
            case _:
                pass
        return False


def _failure(data: dict[str, Any]) -> tuple[str, str, str]:
    """Take task, place and reason out of an event."""
    result = data.get("res", {})
    reason = "\n".join(
        str(result[key]).strip() for key in ("msg", "stderr", "stdout") if result.get(key)
    )
    return data.get("task", "?"), data.get("task_path", ""), reason or json.dumps(result)[:600]


def apply(
    made: Builder,
    role: RoleSpec,
    folder: Path,
    work: Path,
    tell: Tell,
    stop: threading.Event,
) -> None:
    """Apply a role, found in `folder`, to a builder; `work` is a folder to be thrown away."""
    with _LOADING:
        from ansible_runner.interface import (  # type: ignore[import-untyped]  # noqa: PLC0415 - slow
            run_async,
        )

    _open_door(made, work)
    _write_play(role, folder, work)
    watch = _Watch(role.name, tell)
    thread, runner = run_async(
        private_data_dir=str(work),
        playbook="play.yml",
        inventory=str(work / "hosts.json"),
        envvars=_environment(folder, work, made),
        event_handler=watch,
        cancel_callback=stop.is_set,
        quiet=True,
        suppress_env_files=True,
        settings={"pexpect_timeout": 1, "idle_timeout": 600},
    )
    _wait(thread, stop)
    if stop.is_set():
        raise KeyboardInterrupt
    if runner.status != "successful":
        raise _error(role, watch, str(runner.status))


def _wait(thread: threading.Thread, stop: threading.Event) -> None:
    """Wait for the run; an interrupt cancels it first, so that no process of it is left."""
    try:
        while thread.is_alive():
            thread.join(0.2)
    except BaseException:
        stop.set()
        thread.join(30)
        raise


def _error(role: RoleSpec, watch: _Watch, status: str) -> RangeError:
    task, place, reason = watch.failure or ("", "", f"Ansible ended as {status}")
    where = f' failed in task "{task}"' if task else " failed"
    at = f" ({place})" if place else ""
    last = "\n".join(f"  | {line}" for line in watch.output)
    message = f'role "{role.name}"{where}{at}: {reason}\n{last}'
    return RangeError(message, hint="nothing was kept of this build; fix the role and try again")


def _open_door(made: Builder, work: Path) -> None:
    """Give the builder an ssh server of the build's own, with keys that die with it."""
    for name in ("key", "host_key"):
        subprocess.run(  # noqa: S603 - fixed arguments
            [_program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", work / name],
            check=True,
            stdin=subprocess.DEVNULL,
        )
    pairs = made.environment.items()
    env = "SetEnv " + " ".join(f'"{name}={value}"' for name, value in pairs) + "\n"
    made.put(
        {
            "sshd_config": (0o600, (_SSHD + env).encode()),
            "host_key": (0o600, (work / "host_key").read_bytes()),
            "authorized_keys": (0o600, (work / "key.pub").read_bytes()),
        }
    )
    host = (work / "host_key.pub").read_text()
    (work / "known_hosts").write_text(f"builder {host}")


def _write_play(role: RoleSpec, folder: Path, work: Path) -> None:
    """Write the play; JSON is YAML too.

    What a topology says is text: Ansible would run the templates in it on this machine.
    """
    given = {
        name: {"__ansible_unsafe": value} if isinstance(value, str) else value
        for name, value in role.build
    }
    play = {
        "hosts": "builder",
        "gather_facts": False,
        "roles": [{"role": folder.name, "vars": given}],
    }
    (work / "project").mkdir()
    (work / "project" / "play.yml").write_text(json.dumps([play]))


def _environment(folder: Path, work: Path, made: Builder) -> dict[str, str]:
    """Write the inventory, and return the settings of the Ansible process."""
    inside = (
        f"{made.docker.program()} exec -i {made.container} /usr/sbin/sshd -i -f {PLACE}/sshd_config"
    )
    options = {
        "ProxyCommand": inside,
        "UserKnownHostsFile": str(work / "known_hosts"),
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "ControlMaster": "auto",
        "ControlPersist": "30",
        "ControlPath": str(work / "c"),
    }
    words = ["-F", "/dev/null"]
    words += [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    variables = {
        "ansible_host": "builder",
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(work / "key"),
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_args": shlex.join(words),
        "ansible_remote_tmp": "/tmp/.a",  # noqa: S108 - in the builder, on tmpfs
    }
    inventory = {"all": {"hosts": {"builder": variables}}}
    (work / "hosts.json").write_text(json.dumps(inventory))
    here = str(Path(sys.executable).parent)
    return {
        **{name: value for name, value in made.docker.env.items() if name.startswith("DOCKER_")},
        "PATH": f"{here}{os.pathsep}{made.docker.env.get('PATH', os.defpath)}",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOME": str(work / "home"),
        "ANSIBLE_LOCAL_TEMP": str(work / "tmp"),
        "ANSIBLE_ROLES_PATH": str(folder.parent),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
    }


def _program(name: str) -> str:
    """Find a program of the machine."""
    found = shutil.which(name)
    if found is None:
        message = f"{name} is not installed"
        raise EnvironmentUnfitError(message, hint="run script/setup, or install openssh-client")
    return found
