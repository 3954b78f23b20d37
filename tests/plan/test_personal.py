"""The files that are particular to one host, by its kind."""

from __future__ import annotations

import pytest

from rangectl.plan.desired import desired
from rangectl.plan.keys import derive, key_pair
from rangectl.plan.personal import RELOAD, files, is_seat, partner_key
from rangectl.plan.services import TOLD
from rangectl.plan.spec import File, RangeId
from tests.plan.test_desired import OTHER, SPEC, TOPOLOGY

SECRET = "secret"  # noqa: S105 - of a range that is nowhere
SSH = "/home/trainee/.ssh"


HUNT = {"__main__.py": b"run"}


NAMES = ("/etc/hosts", "/etc/resolv.conf")
PATIENT = "/etc/systemd/system/service.d/watchdog.conf"


def of(host: str, secret: str = SECRET) -> dict[str, File]:
    return {file.path: file for file in files(SPEC, SPEC.host(host), secret, HUNT)}


def text(host: str, path: str) -> str:
    return of(host)[path].content.decode()


def public(purpose: str, comment: str) -> str:
    return key_pair("secret", purpose, comment).public


def test_a_host_of_the_partner_gets_its_key_its_seats_and_the_leases_key() -> None:
    assert sorted(of("web01")) == [
        "/etc/default/site",
        *NAMES,
        "/etc/ssh/ssh_host_ed25519_key",
        "/etc/ssh/ssh_host_ed25519_key.pub",
        PATIENT,
        "/home/hunter/.ssh/authorized_keys",
        "/home/partner/.ssh/authorized_keys",
        "/var/lib/siteops/key",
    ]


def test_no_init_ends_what_said_nothing_while_its_host_was_paused() -> None:
    assert text("web01", PATIENT) == text("hunt01", PATIENT)
    assert text("web01", PATIENT).splitlines()[1:] == ["[Service]", "WatchdogSec=0"]


def test_a_host_without_init_and_the_client_get_names_alone() -> None:
    assert sorted(of("sink01")) == sorted(of("client")) == [*NAMES]


def test_every_host_knows_its_own_name_and_a_resolver_of_its_range() -> None:
    web = SPEC.host("web01")
    assert text("web01", "/etc/hosts").splitlines() == [
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        f"{web.nics[0].address.ip}\tweb01",
    ]
    assert text("web01", "/etc/resolv.conf") == f"nameserver {web.dns[0]}\n"
    assert text("sink01", "/etc/resolv.conf") == "nameserver 127.0.0.1\n"


def test_seats_let_in_their_own_key_alone() -> None:
    line = text("web01", "/home/hunter/.ssh/authorized_keys")
    assert line == public("hunter", "hunter@site") + "\n"
    partner = of("web01")["/home/partner/.ssh/authorized_keys"]
    assert partner.content.decode() == public("partner", "partner@site") + "\n"
    assert (partner.mode, partner.owner) == (0o600, "partner")


def test_private_files_are_closed_to_others() -> None:
    private = [
        of("web01")["/etc/ssh/ssh_host_ed25519_key"],
        *of("hunt01").values(),
        partner_key(SECRET),
    ]
    closed = {file.path: file.mode for file in private if b"PRIVATE KEY" in file.content}
    assert set(closed.values()) == {0o600}
    assert len(closed) == 3


def test_the_key_of_leases_is_the_one_they_are_signed_with() -> None:
    found = text("web01", "/var/lib/siteops/key")
    assert bytes.fromhex(found.strip()) == derive("secret", "lease")


def test_every_host_has_a_key_of_its_own() -> None:
    path = "/etc/ssh/ssh_host_ed25519_key"
    hosts = ("web01", "ns01", "desk-1", "edge", "hunt01")
    assert len({of(host)[path].content for host in hosts}) == len(hosts)


def test_the_resolver_gets_a_zone_of_every_name_but_the_clients() -> None:
    zone = text("ns01", "/etc/unbound/unbound.conf.d/zone.conf").splitlines()
    assert '    local-data: "web01. 300 IN A 10.20.1.10"' in zone
    assert len(zone) == 2 + len(SPEC.hosts) - 1


def test_the_router_gets_its_rules() -> None:
    rules = of("edge")["/etc/nftables.conf"]
    assert rules.content.startswith(b"#!/usr/sbin/nft -f")


def test_the_kit_gets_client_keys_and_the_hosts_it_may_ask() -> None:
    kit = of("hunt01")
    assert kit["/usr/local/bin/hunt"].mode == 0o755
    assert kit["/usr/local/lib/hunt/__main__.py"].content == b"run"
    hunter = key_pair("secret", "hunter", "hunter@site").private
    assert kit[f"{SSH}/hunter"] == File(f"{SSH}/hunter", hunter, mode=0o600, owner="trainee")
    assert f"{SSH}/partner" not in kit


def test_the_kit_knows_every_seat_under_both_names() -> None:
    names = [
        line.split()[1]
        for line in text("hunt01", f"{SSH}/config").splitlines()
        if line.startswith("Host ")
    ]
    seats = ["desk-1", "desk-2", "desk-3", "edge", "ns01", "web01"]
    assert names == [name for seat in seats for name in (seat, f"{seat}-partner")]


def test_the_kits_entry_for_a_partners_seat_is_complete() -> None:
    entry = text("hunt01", f"{SSH}/config").split("Host web01-partner\n")[1].split("\nHost")[0]
    assert entry.splitlines() == [
        "    HostName 10.20.1.10",
        "    User partner",
        "    IdentityFile ~/.ssh/partner",
        "    IdentitiesOnly yes",
        "    HostKeyAlias web01",
    ]


def test_the_kit_knows_the_key_of_every_host() -> None:
    known = text("hunt01", f"{SSH}/known_hosts").splitlines()
    kind, blob, _ = public("host/web01", "root@web01").split()
    assert f"web01,10.20.1.10 {kind} {blob}" in known
    assert len(known) == 6


def test_the_partners_private_key_fits_the_seats() -> None:
    found = partner_key("secret")
    assert found.content == key_pair("secret", "partner", "partner@site").private
    assert (found.path, found.mode, found.owner) == (f"{SSH}/partner", 0o600, "trainee")


@pytest.mark.parametrize(
    ("host", "seat"),
    [("web01", True), ("edge", True), ("hunt01", False), ("sink01", False), ("client", False)],
)
def test_seats_are_on_the_partners_hosts(host: str, seat: bool) -> None:
    assert is_seat(SPEC, SPEC.host(host)) is seat


def test_the_same_secret_gives_the_same_files_and_another_other_ones() -> None:
    assert of("hunt01") == of("hunt01")
    path = "/etc/ssh/ssh_host_ed25519_key"
    assert of("web01")[path] != of("web01", "other")[path]


def test_nothing_particular_names_the_program_or_the_team() -> None:
    for host in SPEC.hosts:
        for file in files(SPEC, host, "secret", HUNT):
            assert b"rangectl" not in file.content + file.path.encode()
            assert b"alder" not in file.content


def test_teams_differ_by_their_secret_alone() -> None:
    assert files(SPEC, SPEC.host("ns01"), "s", HUNT) == files(OTHER, OTHER.host("ns01"), "s", HUNT)


def test_every_role_that_is_reloaded_is_one_that_gets_files() -> None:
    spec = desired(TOPOLOGY, RangeId("minimal", "alder"), {})
    roles = {role.name for host in spec.hosts for role in host.roles}
    assert RELOAD.keys() <= roles | TOLD.keys()
