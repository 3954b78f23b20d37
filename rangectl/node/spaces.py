"""Entering namespaces, one thread at a time, and the system calls that Python lacks."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

CLONE_FS = 0x00000200
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWNET = 0x40000000

_Result = TypeVar("_Result")
_libc = ctypes.CDLL(None, use_errno=True)
_OPENAT2 = 437
_syscall = ctypes.CDLL(None, use_errno=True).syscall  # an object of its own, for its own types
_syscall.argtypes = (
    *(ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t),
)
_syscall.restype = ctypes.c_long
_here = threading.local()
_HOME = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library; raise OSError when it fails."""
    result = int(getattr(_libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def openat2(root: int, name: bytes, how: bytes) -> int:
    """Open a file as `how` says, below a folder."""
    result = _syscall(_OPENAT2, root, name, how, len(how))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"openat2: {os.strerror(number)}")
    return int(result)


def setns(namespace: int, kind: int) -> None:
    """Move this thread into a namespace."""
    call("setns", namespace, kind)


@contextmanager
def inside(network: int) -> Iterator[None]:
    """Run a block with this thread in a network namespace, and come back for certain."""
    before = getattr(_here, "network", _HOME)
    setns(network, CLONE_NEWNET)
    _here.network = network
    try:
        yield
    finally:
        _here.network = before
        _return_to(before)


def new_network() -> int:
    """Make a network namespace of nobody's and return its descriptor; it lives as long as that."""
    call("unshare", CLONE_NEWNET)
    try:
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        _return_to(getattr(_here, "network", _HOME))


def _return_to(network: int) -> None:
    try:
        setns(network, CLONE_NEWNET)
    except OSError:
        # A thread left behind in a range would speak for the agent from there: rather start anew.
        os._exit(70)


def apart(work: Callable[[], _Result]) -> _Result:
    """Do something in a thread that ends right after: it may go where there is no way back."""
    results: list[_Result] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            failures.append(error)

    thread = threading.Thread(target=run, name="apart")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def root_of(mount_ns: int) -> int:
    """Open the root of a mount namespace; to be called `apart`."""
    call("unshare", CLONE_FS)
    setns(mount_ns, CLONE_NEWNS)
    return os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def bind(mount_ns: int, source: bytes, target: bytes) -> None:
    """Mount a folder of another mount namespace over one of its folders; to be called `apart`."""
    call("unshare", CLONE_FS)
    setns(mount_ns, CLONE_NEWNS)
    names = (ctypes.c_char_p(source), ctypes.c_char_p(target))
    call("mount", *names, None, ctypes.c_ulong(0x1000), None)


def remount_writable(mount_ns: int, cgroup_ns: int, target: bytes) -> None:
    """Make a mount of another mount namespace writable; to be called `apart`."""
    call("unshare", CLONE_FS)
    setns(cgroup_ns, CLONE_NEWCGROUP)
    setns(mount_ns, CLONE_NEWNS)
    # remount, bind, nosuid, nodev, noexec, relatime
    flags = 0x20 | 0x1000 | 0x2 | 0x4 | 0x8 | 0x200000
    call("mount", None, ctypes.c_char_p(target), None, ctypes.c_ulong(flags), None)
