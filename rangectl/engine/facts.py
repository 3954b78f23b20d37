"""What the engine says of itself, and what this machine's kernel says, for `doctor`."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker

from rangectl.errors import EnvironmentUnfitError
from rangectl.plan.fitness import LIMITS, Facts

_LINKS = {
    "bridge": "ip link add name probe0 type bridge",
    "veth": "ip link add name probe0 type veth peer name probe1",
}
_HELD = {"MemoryLimit": "memory", "PidsLimit": "processes", "CpuCfsQuota": "cores"}
_NETFILTER = 12
_GET_GENERATION = (
    10 << 8
) | 16  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN: linux/netfilter/nf_tables.h
_ERROR = 2
_PATIENCE = 15


def read(client: docker.DockerClient) -> Facts:
    """Return the facts of an engine, and of its machine where that is this one.

    EnvironmentUnfitError when the engine, though it took the question, does not answer.
    """
    api: Any = client.api
    version, info = _asked(api)
    here = _is_here(str(api.base_url), info)
    return Facts(
        engine=str(version["Version"]),
        api=str(version["ApiVersion"]),
        runc=_component(version, "runc"),
        containerd=_component(version, "containerd"),
        cgroups=str(info.get("CgroupVersion") or "1"),
        storage=str(info["Driver"]),
        kernel=str(info["KernelVersion"]),
        cores=int(info["NCPU"]),
        memory=int(info["MemTotal"]),
        here=here,
        skew=_skew(str(info.get("SystemTime", ""))),
        limits={name: _setting(name) for name in LIMITS} if here else {},
        features=_features() if here else {},
        disk=_free_disk(Path(info["DockerRootDir"])) if here else None,
        inodes=_free_inodes(Path(info["DockerRootDir"])) if here else None,
        free_memory=_free_memory() if here else None,
        unlimited=tuple(what for key, what in _HELD.items() if not info.get(key, True)),
        confined=_confined(info.get("SecurityOptions") or ()),
        tools={"mmdebstrap": shutil.which("mmdebstrap") is not None},
    )


def _asked(api: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401 - untyped library
    usual, api.timeout = api.timeout, _PATIENCE
    try:
        return api.version(), api.info()
    except OSError as error:
        message = f"the engine does not say what it is: {error}"
        hint = "look at its log; restart it when nothing it runs is needed"
        raise EnvironmentUnfitError(message, hint=hint) from error
    finally:
        api.timeout = usual


def _is_here(url: str, info: Mapping[str, Any]) -> bool:
    """Say whether the engine runs on this machine: it is behind a local socket, in this kernel."""
    return url.startswith("http+docker") and info["KernelVersion"] == os.uname().release


def _component(version: Mapping[str, Any], name: str) -> str:
    parts = version.get("Components") or ()
    return next((str(one["Version"]) for one in parts if one["Name"] == name), "")


def _skew(text: str) -> float:
    """Return by how many seconds the engine's clock is ahead."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return said.timestamp() - datetime.fromtimestamp(time.time(), UTC).timestamp()


def _setting(name: str) -> int | None:
    with suppress(OSError, ValueError):
        return int(Path("/proc/sys", *_split(name)).read_text().split()[0])
    return None


def _split(name: str) -> list[str]:
    return name.split(".")


def _free_disk(folder: Path) -> int | None:
    """Return the bytes free where the engine keeps images, as far as we may look there."""
    for place in (folder, *folder.parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return None


def _free_inodes(folder: Path) -> int | None:
    """Return how many files more may lie there; None where there is no bound."""
    for place in (folder, *folder.parents):
        with suppress(OSError):
            found = os.statvfs(place)
            return found.f_favail if found.f_files else None
    return None


def _confined(options: Sequence[str]) -> tuple[str, ...]:
    """Return what the engine withholds from all containers, of what a range cannot do without."""
    names = {part for option in options for part in option.split(",")}
    return tuple(what for what in ("rootless", "userns") if f"name={what}" in names)


def _free_memory() -> int | None:
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        return 1024 * int(next(one for one in lines if one.startswith("MemAvailable")).split()[1])
    return None


def _features() -> dict[str, bool | None]:
    """Try what a fabric is made of, each in a network namespace that goes with the trial."""
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None or shutil.which("ip") is None:
        return dict.fromkeys((*_LINKS, "network namespaces", "nf_tables"))
    found: dict[str, bool | None] = {
        name: _works(unshare, "-n", *words.split()) for name, words in _LINKS.items()
    }
    return found | {"network namespaces": _works(unshare, "-n", "true"), "nf_tables": _nf_tables()}


def _works(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603


def _nf_tables() -> bool:
    """Ask for the number of the present rule set, which every kernel with nf_tables knows."""
    body = struct.pack("BBH", 0, 0, 0)
    header = struct.pack("=IHHII", 16 + len(body), _GET_GENERATION, 1, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER) as kernel:
            kernel.settimeout(2)
            kernel.sendall(header + body)
            answer = kernel.recv(4096)
    except OSError:
        return False
    return int(struct.unpack_from("=H", answer, 4)[0]) != _ERROR
