"""The roles, built and booted: what they promise is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped
from tests.provision.boot import Booted, booted

pytestmark = [pytest.mark.engine, pytest.mark.slow]

INIT = "/sbin/init"
FULL = ("base", "resolver", "web", "router", "workstation", "kit")
ZONE = """server:
    local-zone: "velmora.example." static
    local-data: "web01.velmora.example. A 10.20.1.10"
"""


RULES = """flush ruleset
table ip own {
    chain in {
        type filter hook input priority 0; policy accept;
        udp dport 9 log group 1 prefix "seen "
    }
}
"""


@pytest.fixture(scope="module")
def images() -> RoleImages:
    return RoleImages(Rolebook(shipped("roles")), Path(platformdirs.user_state_dir("rangectl")))


def image(images: RoleImages, *roles: str) -> str:
    return images.ensure("debian", tuple(RoleSpec(role) for role in roles), lambda _: None)


@pytest.fixture(scope="module")
def server(images: RoleImages) -> Iterator[Booted]:
    with booted(image(images, "base"), INIT) as host:
        assert host.until("systemctl is-system-running", "running") == "running"
        host.sh("printf '* * * * * id -un >/var/tmp/ran\\n' | crontab -u www-data -")
        host.sh("ssh-keygen -q -t ed25519 -N '' -f /root/key")
        for name in ("hunter", "partner"):
            there = f"/home/{name}/.ssh/authorized_keys"
            host.sh(f"install -o {name} -g {name} -m 600 /root/key.pub {there}")
        yield host


def login(host: Booted, name: str, command: str, *, ok: bool = True) -> str:
    quiet = "-o StrictHostKeyChecking=no -o LogLevel=ERROR -o BatchMode=yes"
    return host.sh(f"ssh -i /root/key {quiet} {name}@127.0.0.1 '{command}' 2>&1", ok=ok)


@pytest.mark.parametrize("role", FULL)
def test_a_full_host_boots_with_every_unit_well(images: RoleImages, role: str) -> None:
    roles = ("base",) if role == "base" else ("base", role)
    with booted(image(images, *roles), INIT, ("NET_ADMIN",)) as host:
        assert host.until("systemctl is-system-running", "running") == "running"
        assert host.sh("systemctl --failed --no-legend") == ""


def test_stacks_that_are_built_cost_no_run_of_ansible(images: RoleImages) -> None:
    image(images, "base", "web")
    said: list[Progress] = []
    images.ensure("debian", (RoleSpec("base"), RoleSpec("web")), said.append)
    assert said == []


def test_the_hunter_reads_everything_and_changes_nothing(server: Booted) -> None:
    assert "root:" in login(server, "hunter", "sudo -n cat /etc/shadow")
    assert "sshd" in login(server, "hunter", "sudo -n look sockets")
    assert "/etc/cron.d/siteops: 17 3" in login(server, "hunter", "sudo -n look crontabs")
    for forbidden in ("id", "find / -delete", "tee /etc/x", "crontab -e", "ss -K", "look"):
        said = login(server, "hunter", f"sudo -n {forbidden}", ok=False)
        assert "password is required" in said or said.startswith("usage: look"), forbidden


def test_looking_for_programs_that_change_user_finds_a_new_one(server: Booted) -> None:
    server.sh("cp /bin/true /opt/new && chmod 4755 /opt/new")
    assert "/opt/new" in login(server, "hunter", "sudo -n look suid")
    rows = login(server, "hunter", "sudo -n look find /opt --perm 4000 --json").splitlines()
    assert [json.loads(row)["path"] for row in rows] == ["/opt/new"]
    server.sh("rm /opt/new")


def test_the_partner_changes_what_he_wants(server: Booted) -> None:
    assert login(server, "partner", "sudo -n id -u") == "0"
    assert login(server, "partner", "sudo -n systemctl restart cron && echo done") == "done"


def test_nobody_logs_in_as_root_or_by_password(server: Booted) -> None:
    server.sh("mkdir -p /root/.ssh && cp /root/key.pub /root/.ssh/authorized_keys")
    assert "Permission denied (publickey)" in login(server, "root", "id", ok=False)


def test_a_user_s_crontab_runs(server: Booted) -> None:
    assert server.until("cat /var/tmp/ran 2>/dev/null", "www-data", 70) == "www-data"


def test_logs_are_kept_and_readable(server: Booted) -> None:
    login(server, "hunter", "true")
    assert "Accepted publickey for hunter" in login(server, "hunter", "cat /var/log/auth.log")
    assert "Accepted publickey" in login(server, "hunter", "journalctl -u ssh --no-pager")


def test_the_web_role_serves_the_partner_s_site(images: RoleImages) -> None:
    with booted(image(images, "base", "web"), INIT) as host:
        assert "Velmora" in host.until("curl -s http://127.0.0.1/", "Velmora")


def test_the_resolver_answers_its_zone_and_nothing_else(images: RoleImages) -> None:
    files = {"/etc/unbound/unbound.conf.d/zone.conf": ZONE}
    with booted(image(images, "base", "resolver"), INIT, files=files) as host:
        ask = "dig +time=1 +tries=1 @127.0.0.1"
        assert "10.20.1.10" in host.until(f"{ask} +short web01.velmora.example", "10.20")
        assert "NXDOMAIN" in host.sh(f"{ask} www.example.org")
        assert "NXDOMAIN" in host.sh(f"{ask} other.velmora.example")
        assert "10.20.1.10" in host.sh(f"{ask} +tcp +short web01.velmora.example")


@pytest.mark.parametrize("text", ["", "table {"])
def test_a_router_without_usable_rules_is_closed(images: RoleImages, text: str) -> None:
    files = {"/etc/nftables.conf": text}
    with booted(image(images, "base", "router"), INIT, ("NET_ADMIN",), files) as host:
        rules = host.until("nft list chain inet filter forward", "policy drop")
        assert "policy drop" in rules


def test_a_router_loads_its_rules_and_logs(images: RoleImages) -> None:
    files = {"/etc/nftables.conf": RULES}
    with booted(image(images, "base", "router"), INIT, ("NET_ADMIN",), files) as host:
        assert "table ip own" in host.until("nft list ruleset", "table ip own")
        send = "echo x | nc -u -w1 127.0.0.1 9; cat /var/log/ulog/syslogemu.log"
        said = host.until(send, "DPT=9", 30)
        assert "DPT=9" in said, host.sh("journalctl -u ulogd2 --no-pager; nft list ruleset")


def test_the_sinkhole_answers_alike_and_writes_json(images: RoleImages) -> None:
    ask = 'exec 3<>/dev/tcp/127.0.0.1/80; printf "%b" "$1" >&3; head -c 4096 <&3'
    request = 'POST /a HTTP/1.0\\r\\nHost: h\\r\\nUser-Agent: a"b\\r\\n\\r\\n'
    with booted(image(images, "sinkhole"), "/usr/local/sbin/main") as host:
        said = host.until(f"set -- '{request}'; {ask} 2>/dev/null", "200 OK")
        assert said.endswith("ok")
        row = json.loads(host.sh("cat /var/log/nginx/access.log").splitlines()[-1])
        assert (row["request"], row["agent"]) == ("POST /a HTTP/1.0", 'a"b')
        assert row["address"] == "127.0.0.1"


def test_the_kit_s_trainee_writes_the_outbox_and_only_reads_receipts(images: RoleImages) -> None:
    with booted(image(images, "base", "kit"), INIT) as host:
        trainee = "su trainee -s /bin/sh -c"
        host.sh(f"{trainee} 'touch /var/spool/hunt/outbox/a; ls /var/spool/hunt/receipts'")
        denied = host.sh(f"{trainee} 'touch /var/spool/hunt/receipts/a' 2>&1", ok=False)
        assert "Permission denied" in denied
        assert host.sh("python3 -c 'import yaml'; id -u trainee") == "2003"
