"""What root in a host can reach: his own range, and nothing else."""

from __future__ import annotations

import secrets
import time
from itertools import pairwise

import docker
import pytest

from tests.e2e.program import Range

pytestmark = [pytest.mark.engine, pytest.mark.slow]
Pair = tuple[Range, Range]
HOSTS = ("edge", "ns01", "web01", "hunt01", "sink01")
TALKER = """
import socket, sys
for address, port in [pair.rsplit("|", 1) for pair in sys.argv[1:]]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as link:
        link.settimeout(0.7)
        try:
            link.connect((address, int(port)))
            print("reached", address, port)
        except ConnectionRefusedError:
            print("reached (refused)", address, port)
        except OSError:
            pass
"""
"""A refusal, too, is an answer: somebody at that address sent it."""


def answers(here: Range, host: str, *targets: str) -> str:
    return here.must(host, f"python3 -c '{TALKER}' " + " ".join(f"'{one}'" for one in targets))


def engine_addresses(client: docker.DockerClient) -> list[str]:
    """The engine host's addresses: the bridge's and those that the node's own network shows."""
    facts = client.api.inspect_network("bridge")["IPAM"]["Config"]
    bridge = [one["Gateway"] for one in facts if "Gateway" in one] or ["172.17.0.1"]
    with open("/proc/net/fib_trie", encoding="ascii") as table:  # noqa: PTH123 - a kernel file
        lines = [line.strip() for line in table]
    local = [
        before.removeprefix("|-- ")
        for before, line in pairwise(lines)
        if line.startswith("/32 host LOCAL")
    ]
    return sorted({*bridge, *(one for one in local if not one.startswith("127."))})


@pytest.mark.parametrize("host", HOSTS)
def test_no_host_reaches_the_engine_s_machine(
    standing: Pair, client: docker.DockerClient, host: str
) -> None:
    targets = [f"{address}|{port}" for address in engine_addresses(client) for port in (22, 2375)]
    assert answers(standing[0], host, *targets) == ""


def test_the_way_of_asking_does_reach_what_it_should(standing: Pair) -> None:
    web = standing[0].addresses()["web01"]
    assert answers(standing[0], "hunt01", f"{web}|80", f"{web}|81").splitlines() == [
        f"reached {web} 80",
        f"reached (refused) {web} 81",
    ]


def test_the_same_address_is_another_host_in_another_team(standing: Pair) -> None:
    here, other = standing
    nonce = secrets.token_hex(8)
    address = here.addresses()["web01"]
    assert other.addresses()["web01"] == address
    place = here.must("web01", "dirname $(find /srv/www -name index.html)").strip()
    here.must("web01", f"echo {nonce} >{place}/nonce.html")
    ask = f"curl -sm 3 http://{address}/nonce.html"
    assert nonce in here.must("hunt01", ask)
    assert nonce not in other.sh("hunt01", ask)[1]


def test_no_host_has_ipv6_or_can_switch_it_on(standing: Pair) -> None:
    for host in HOSTS:
        assert standing[0].must(host, "cat /proc/net/if_inet6") == ""
        assert standing[0].sh(host, "echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6")[0] != 0


@pytest.mark.parametrize(
    "attempt",
    [
        "ip link add d0 type dummy",
        "ip link add v0 type veth peer name v1",
        "ip route add default via 10.20.1.77",
        "ip address add 10.20.9.200/24 dev eth0",
        "mount -t tmpfs none /mnt",
        "mount -o remount,rw /sys/fs/cgroup/memory",
        "unshare --net true",
        "unshare --user true",
        "mknod /root/disk b 254 0",
        "echo 1 >/proc/sys/kernel/panic",
        "echo 1 >/proc/sys/net/ipv4/ip_forward",
    ],
)
def test_root_in_a_host_may_not(standing: Pair, attempt: str) -> None:
    code, said = standing[0].sh("web01", attempt)
    assert code != 0, said


def test_a_router_s_root_reaches_nothing_more_with_links_of_its_own(
    standing: Pair, client: docker.DockerClient
) -> None:
    here, _ = standing
    here.sh("edge", "ip link add d0 type dummy; ip link set d0 up")
    try:
        here.sh("edge", "ip address add 172.17.0.99/16 dev eth0; ip route add default dev eth0")
        targets = [f"{address}|22" for address in engine_addresses(client)]
        assert answers(here, "edge", *targets) == ""
    finally:
        here.sh("edge", "ip link del d0; ip route del default")
        here.sh("edge", "ip address del 172.17.0.99/16 dev eth0")


def test_every_controller_but_init_s_own_tree_is_read_only(standing: Pair) -> None:
    mounts = standing[0].must("web01", "grep ' cgroup2\\? ' /proc/mounts").splitlines()
    writable = [line.split()[1] for line in mounts if "rw" in line.split()[3].split(",")]
    assert writable in (["/sys/fs/cgroup/systemd"], ["/sys/fs/cgroup"])
    if writable == ["/sys/fs/cgroup/systemd"]:
        assert standing[0].sh("web01", "mkdir /sys/fs/cgroup/freezer/mine")[0] != 0


def test_a_host_cannot_exhaust_its_neighbours(standing: Pair) -> None:
    bomb = "import time, subprocess\ntry:\n  while 1: subprocess.Popen(['sleep', '9'])\n"
    bomb += "except OSError as e: print(e)"
    began = time.monotonic()
    said = standing[0].must("sink01", f'python3 -c "{bomb}"')
    assert "temporarily unavailable" in said, said
    assert time.monotonic() - began < 30
