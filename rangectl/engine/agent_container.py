"""The container a node agent lives in: one for each engine, replaced when its code changes."""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import secrets
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from docker.types import LogConfig
from docker.utils.socket import frames_iter_no_tty

from rangectl.engine.docker_engine import limits, log_config, lost
from rangectl.errors import EnvironmentUnfitError


class InUseError(Exception):
    """Somebody speaks with an agent of other code."""


NAME = "rangectl-agent"
_HOME = "/opt/node"
_STATE = "/var/lib/node"
_SOCKET = f"{_STATE}/socket"
_CAPABILITIES = (
    *("SYS_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "NET_ADMIN", "NET_RAW"),
    *("DAC_OVERRIDE", "DAC_READ_SEARCH", "CHOWN", "FOWNER", "FSETID", "SETFCAP"),
)
_COMMAND = ("/usr/bin/python3", "-m", "rangectl.node.server", _SOCKET, f"{_STATE}/state.json")
_RELAY = ("/usr/bin/python3", "-S", f"{_HOME}/rangectl/node/relay.py", _SOCKET)
MAKING = "-making-"
_SHARES = 16 * 1024
"""As much of a busy machine as sixteen hosts get: what trainees run must not slow the agent."""
_MEMORY, _PIDS = 512 << 20, 4096
_PATIENCE = 20.0
_CONFLICT = 409


def code() -> bytes:
    """Return the agent's program as a tar, the same bytes for the same program."""
    files = {"rangectl/__init__.py": b""}
    for file in importlib.resources.files("rangectl").joinpath("node").iterdir():
        if file.name.endswith(".py"):
            files[f"rangectl/node/{file.name}"] = file.read_bytes()
    return _tar({f"{_HOME[1:]}/{name}": content for name, content in sorted(files.items())})


def _tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


class AgentContainer:
    """Finds, makes, replaces and starts the agent's container."""

    def __init__(
        self,
        client: docker.DockerClient,
        base: Callable[[], str],
        name: str,
        labels: Mapping[str, str],
    ) -> None:
        self._client = client
        self._base = base
        self._name = name
        self._labels = labels
        self._code = code()
        self._hash = hashlib.sha256(self._code + repr((_CAPABILITIES, _COMMAND)).encode())

    def channel(self) -> DockerChannel:
        """Return a conversation's bytes with a running agent of the present code.

        One of other code is replaced once nobody speaks with it: two that replace each other's
        would both be cut off again and again. EnvironmentUnfitError where that takes too long.
        """
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._channel(self._ensure())
            except InUseError as error:
                if time.monotonic() > end:
                    raise self._taken() from error
                time.sleep(0.5)
            except APIError as error:
                # Another client may be replacing it, or the engine restarting it.
                if time.monotonic() > end or error.status_code not in {404, 409, 500}:
                    raise self._unfit(error) from error
                time.sleep(0.1)
            except DockerException as error:
                raise self._unfit(error) from error

    def exists(self) -> bool:
        """Whether there is such a container, running or not."""
        try:
            self._client.api.inspect_container(self._name)
        except NotFound:
            return False
        return True

    def serves(self) -> bool:
        """Whether an agent of the present code runs."""
        try:
            there = self._client.api.inspect_container(self._name)
        except NotFound:
            return False
        return bool(there["State"]["Running"]) and self._current(there)

    def _current(self, there: Mapping[str, Any]) -> bool:
        found: object = there["Config"]["Labels"].get("rangectl.code")
        return found == self._hash.hexdigest()

    def is_taken(self) -> bool:
        """Whether there is an agent of other code that somebody speaks with at this moment."""
        try:
            there = self._client.api.inspect_container(self._name)
        except NotFound:
            return False
        return not self._current(there) and self._is_spoken_with(there)

    def _is_spoken_with(self, there: Mapping[str, Any]) -> bool:
        if not there["State"]["Running"]:
            return False
        return any(self._runs(one) for one in there["ExecIDs"] or ())

    def _runs(self, relay: str) -> bool:
        try:
            return bool(self._client.api.exec_inspect(relay)["Running"])
        except NotFound:
            return False

    def holds(self, range_name: str) -> bool:
        """Whether the engine has a container of a range."""
        labels = {"label": [f"rangectl.range={range_name}"]}
        return bool(self._client.api.containers(all=True, quiet=True, filters=labels))

    def remove(self) -> None:
        """Remove the container with all it holds."""
        self._discard(self._name)

    def sweep(self) -> None:
        """Remove what is left of an agent that was being made when its maker was killed."""
        making = {"name": f"^/{self._name}{MAKING}"}
        for row in self._client.api.containers(all=True, filters=making):
            self._discard(row["Id"])

    def _discard(self, container: str) -> None:
        """Remove a container; who finds another one at it waits for its end."""
        end = time.monotonic() + _PATIENCE
        with suppress(NotFound):
            while True:
                try:
                    self._client.api.remove_container(container, force=True, v=True)
                except APIError as error:
                    if error.status_code != _CONFLICT or time.monotonic() > end:
                        raise
                    time.sleep(0.1)
                else:
                    return

    def _unfit(self, error: Exception) -> EnvironmentUnfitError:
        return EnvironmentUnfitError(
            f"the node agent's container {self._name} does not start: {error}",
            hint="it needs an engine that lets it have SYS_ADMIN and the host's pid namespace; "
            f"see `docker logs {self._name}`",
        )

    def _taken(self) -> EnvironmentUnfitError:
        return EnvironmentUnfitError(
            "another version of rangectl is at work on this engine, and the node agent is its own",
            hint="let it end (an exercise: rangectl exercise list), or go on with that version",
        )

    def _channel(self, container: str) -> DockerChannel:
        api = self._client.api
        relay = api.exec_create(container, list(_RELAY), stdin=True, stdout=True, stderr=False)
        stream = api.exec_start(relay["Id"], socket=True)
        return DockerChannel(stream, lambda: bool(api.exec_inspect(relay["Id"])["Running"]))

    def _ensure(self) -> str:
        state = b""
        with suppress(NotFound):
            there = self._client.api.inspect_container(self._name)
            if self._current(there) and (there["State"]["Running"] or self._started(there["Id"])):
                return str(there["Id"])
            if not self._current(there) and self._is_spoken_with(there):
                raise InUseError
            state = b"" if there["State"].get("Dead") else self._state(there["Id"])
            self._client.api.remove_container(there["Id"], force=True)
        return self._create(state)

    def _started(self, container: str) -> bool:
        """Start an agent that stands still; return False where its engine never can again."""
        try:
            self._client.api.start(container)
        except APIError as error:
            if not lost(error):
                raise
            return False
        return True

    def _state(self, container: str) -> bytes:
        """Take along what the old agent kept wired."""
        try:
            parts, _ = self._client.api.get_archive(container, f"{_STATE}/state.json")
            with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as tar:
                member = tar.extractfile("state.json")
                return b"" if member is None else member.read()
        except (NotFound, tarfile.TarError, KeyError):
            return b""

    def _create(self, state: bytes) -> str:
        """Make an agent; it takes its name once it is whole, so that nobody meets half of one."""
        made = self._make(f"{self._name}{MAKING}{secrets.token_hex(4)}")
        try:
            kept = {f"{_STATE[1:]}/state.json": state} if state else {f"{_STATE[1:]}/.keep": b""}
            self._client.api.put_archive(made, "/", self._code)
            self._client.api.put_archive(made, "/", _tar(kept))
            self._client.api.rename(made, self._name)
        except BaseException:
            self._discard(made)
            raise
        self._client.api.start(made)
        return made

    def _make(self, name: str) -> str:
        api = self._client.api
        info = api.info()
        logs = log_config(info)
        settings = api.create_host_config(
            pid_mode="host",
            network_mode="none",
            cap_drop=["ALL"],
            cap_add=list(_CAPABILITIES),
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            restart_policy={"Name": "always"},
            cpu_shares=_SHARES,
            log_config=LogConfig(type=logs["Type"], config=logs["Config"]),
        )
        made = api.create_container(
            self._base(),
            entrypoint=list(_COMMAND),
            command=[],
            name=name,
            hostname="node",
            user="root",
            environment={"PYTHONPATH": _HOME},
            labels={
                **self._labels,
                "rangectl.kind": "agent",
                "rangectl.code": self._hash.hexdigest(),
            },
            host_config={**settings, **limits(info, _MEMORY, _PIDS)},
        )
        return str(made["Id"])


class DockerChannel:
    """The bytes of an engine exec."""

    def __init__(self, stream: Any, running: Callable[[], bool]) -> None:  # noqa: ANN401
        self._stream = stream
        self._running = running
        self._socket = getattr(stream, "_sock", stream)
        with suppress(AttributeError):
            self._socket.settimeout(None)

    def send(self, data: bytes) -> None:
        """Send all bytes; raise OSError when the other end is gone."""
        self._socket.sendall(data)

    def receive(self) -> Iterator[bytes]:
        """Yield what the relay wrote until it is gone."""
        for kind, data in frames_iter_no_tty(self._stream):
            if kind == 1 and isinstance(data, bytes):
                yield data

    def alive(self) -> bool:
        """Whether the relay still runs: an engine may keep the bytes of a dead one open."""
        try:
            return self._running()
        except NotFound:
            return False
        except (DockerException, OSError, EnvironmentUnfitError):
            return True

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.shutdown(2)
        for one in (self._stream, self._socket):
            with suppress(OSError):
                one.close()
