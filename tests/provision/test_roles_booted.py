"""The roles, built and booted: what they promise is tried.

All are built first, some at a time, and one host of each stack of roles is booted; a test looks at
the hosts it needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest

from rangectl.plan.spec import RoleSpec
from rangectl.progress import Progress
from rangectl.provision.images import RoleImages
from rangectl.provision.rolebook import Rolebook
from rangectl.store.library import shipped
from tests.provision import stacks
from tests.provision.boot import Booted, booted
from tests.provision.stacks import STACKS, Stack
from tests.provision.told import FILES

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.aside]

INIT = "/sbin/init"
ROLES = sorted(role for stack in STACKS for role in stack[-1:] if "base" in stack)


@pytest.fixture(scope="module")
def images() -> RoleImages:
    return RoleImages(Rolebook(shipped("roles")), Path(platformdirs.user_state_dir("rangectl")))


@pytest.fixture(scope="module")
def built(images: RoleImages) -> dict[Stack, str]:
    return stacks.build(images)


@pytest.fixture(scope="module")
def hosts(built: dict[Stack, str]) -> Iterator[dict[Stack, Booted]]:
    with stacks.running(built, FILES) as running:
        for stack, host in running.items():
            if "base" in stack:
                host.until("systemctl is-system-running", "running", 60)
        yield running


@pytest.fixture
def host(hosts: dict[Stack, Booted], request: pytest.FixtureRequest) -> Booted:
    """Return the host of the role that the test is parametrised with."""
    return hosts[stacks.stack_of(request.param)]


def on(role: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("host", [role], indirect=True)


@pytest.fixture(scope="module")
def server(hosts: dict[Stack, Booted]) -> Booted:
    host = hosts[stacks.stack_of("jump")]
    host.sh("printf '* * * * * id -un >/var/tmp/ran\\n' | crontab -u www-data -")
    host.sh("ssh-keygen -q -t ed25519 -N '' -f /root/key")
    for name in ("hunter", "partner"):
        there = f"/home/{name}/.ssh/authorized_keys"
        host.sh(f"install -o {name} -g {name} -m 600 /root/key.pub {there}")
    return host


@pytest.fixture(scope="module")
def again(images: RoleImages, built: dict[Stack, str]) -> Iterator[dict[Stack, Future[int]]]:
    """Apply every role to its own image once more, two at a time, while cron is waited for."""
    with ThreadPoolExecutor(2) as pool:
        yield {stack: pool.submit(stacks.changes, images, stack) for stack in built}


def login(host: Booted, name: str, command: str, *, ok: bool = True) -> str:
    quiet = "-o StrictHostKeyChecking=no -o LogLevel=ERROR -o BatchMode=yes"
    return host.sh(f"ssh -i /root/key {quiet} {name}@127.0.0.1 '{command}' 2>&1", ok=ok)


def test_every_role_is_in_a_stack_that_is_tried() -> None:
    assert {role for stack in STACKS for role in stack} == stacks.everything(shipped("roles"))


@pytest.mark.parametrize("host", ROLES, indirect=True)
def test_a_full_host_boots_with_every_unit_well(host: Booted) -> None:
    assert host.until("systemctl is-system-running", "running") == "running"
    assert host.sh("systemctl --failed --no-legend") == ""


def test_stacks_that_are_built_cost_no_run_of_ansible(
    images: RoleImages, built: dict[Stack, str]
) -> None:
    said: list[Progress] = []
    for stack in built:
        images.ensure("debian", tuple(RoleSpec(role) for role in stack), said.append)
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


@pytest.mark.usefixtures("again")
def test_a_user_s_crontab_runs(server: Booted) -> None:
    assert server.until("cat /var/tmp/ran 2>/dev/null", "www-data", 70) == "www-data"


def test_logs_are_kept_and_readable(server: Booted) -> None:
    login(server, "hunter", "true")
    assert "Accepted publickey for hunter" in login(server, "hunter", "cat /var/log/auth.log")
    assert "Accepted publickey" in login(server, "hunter", "journalctl -u ssh --no-pager")


@on("web")
def test_the_web_role_serves_the_partner_s_site(host: Booted) -> None:
    assert "Velmora" in host.until("curl -s http://127.0.0.1/", "Velmora")


@on("resolver")
def test_the_resolver_answers_its_zone_and_nothing_else(host: Booted) -> None:
    ask = "dig +time=1 +tries=1 @127.0.0.1"
    assert "10.20.1.10" in host.until(f"{ask} +short web01.velmora.example", "10.20")
    assert "NXDOMAIN" in host.sh(f"{ask} www.example.org")
    assert "NXDOMAIN" in host.sh(f"{ask} other.velmora.example")
    assert "10.20.1.10" in host.sh(f"{ask} +tcp +short web01.velmora.example")


@on("directory")
def test_the_directory_holds_what_was_imported_and_guards_passwords(host: Booted) -> None:
    found = host.sh("ldapsearch -x -LLL uid=anna")
    assert "cn: Anna" in found
    assert "userPassword" not in found
    base = "ldapsearch -x -LLL -s base -b dc=port,dc=example o"
    assert "o: Port of Velmora" in host.sh(base)
    who = "ldapwhoami -x -D uid=anna,ou=people,dc=port,dc=example -w"
    assert "uid=anna" in host.sh(f"{who} secret")
    assert "Invalid credentials" in host.sh(f"{who} other 2>&1", ok=False)


@on("loghost")
def test_the_log_host_keeps_a_file_for_each_host(host: Booted) -> None:
    host.sh("logger -n 127.0.0.1 -P 514 -T by-tcp; logger -n 127.0.0.1 -P 514 -d by-udp")
    said = host.until("cat /var/log/hosts/host1.log", "by-udp", 5)
    assert "by-tcp" in said


@on("database")
def test_the_database_asks_for_passwords_and_holds_the_import(host: Booted) -> None:
    count = "psql -h 127.0.0.1 -U app app -Atc 'SELECT count(*) FROM records' 2>&1"
    assert host.sh(f"PGPASSWORD=word {count}") == "1"
    assert "authentication failed" in host.sh(f"PGPASSWORD=other {count}", ok=False)


@on("webapp")
def test_the_application_shows_the_records_of_its_database(host: Booted) -> None:
    host.sh("chown webapp /etc/webapp/pgpass; chmod 600 /etc/webapp/pgpass")
    page = host.until("curl -s http://127.0.0.1/", "Line 4")
    assert "Outage desk" in page
    assert "Line 4" in page
    assert json.loads(host.sh("curl -s http://127.0.0.1/records.json"))[0]["id"] == 1
    assert "Outages" in host.sh("curl -s 'http://127.0.0.1/?q=nothing-like-it'")
    assert "403" in host.sh("curl -si -d user=a -d password=b http://127.0.0.1/login | head -1")


@on("fileserver")
def test_the_file_server_shares_folders_with_those_it_knows(host: Booted) -> None:
    ask = (
        "from samba import credentials\n"
        "from samba.samba3 import param, libsmb_samba_internal as smb\n"
        "lp = param.get_context()\nlp.load('/etc/samba/smb.conf')\n"
        "who = credentials.Credentials()\nwho.guess(lp)\n"
        "who.set_username('anna')\nwho.set_password('word:with colons')\n"
        "share = smb.Conn('127.0.0.1', 'planning', lp, who)\n"
        "print(share.loadfile('plan.txt').decode())\nshare.savefile('new.txt', b'x')\n"
    )
    assert host.sh(f'python3 -c "{ask}"') == "line 4"
    assert host.sh("stat -c %U /srv/share/planning/new.txt") == "share"
    assert host.sh("ls /etc/samba/import 2>/dev/null", ok=False) == ""
    denied = host.sh(f'python3 -c "{ask.replace("with", "out")}" 2>&1', ok=False)
    assert "logon is invalid" in denied


@on("backup")
def test_the_backup_keeps_what_it_copied(host: Booted) -> None:
    host.sh("systemctl start nightly-backup")
    listed = "borg list --short /var/backups/nightly/repo::$(borg list --short --last 1 "
    env = "export BORG_BASE_DIR=/var/backups/nightly BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=y;"
    files = host.sh(f"{env} {listed}/var/backups/nightly/repo)")
    assert "srv/share/planning/plan.txt" in files
    assert "nightly-backup.timer" in host.sh("systemctl list-timers --no-legend --no-pager")


@on("mail")
def test_mail_is_delivered_to_those_there_are_and_read_by_them(host: Booted) -> None:
    talk = "\\r\\n".join(
        ["helo desk", "mail from:<ben@port.example>", "rcpt to:<{}@port.example>", "quit", ""]
    )
    send = "printf '" + talk + "' | nc -q2 127.0.0.1 25"
    assert "250 2.1.5" in host.until(send.format("anna"), "250 2.1.5")
    assert "User unknown" in host.sh(send.format("nobody"))
    body = "printf 'Subject: Shift plan\\n\\nCrew C.\\n' | sendmail -f ben@port.example"
    host.sh(f"{body} anna@port.example")
    host.until("ls /var/vmail/anna/Maildir/new", "host1", 10)
    fetch = "curl -s --insecure 'imaps://127.0.0.1/INBOX;MAILINDEX=1' -u anna:{} 2>&1"
    assert "Shift plan" in host.sh(fetch.format("secret"))
    assert "Shift plan" not in host.sh(fetch.format("other"), ok=False)


@on("mail")
def test_the_mail_server_s_certificate_is_in_its_own_name(host: Booted) -> None:
    shown = "echo | openssl s_client -starttls smtp -connect 127.0.0.1:25 2>/dev/null"
    read = f"{shown} | openssl x509 -noout -subject -ext subjectAltName"
    said = host.sh(read)
    assert "CN = host1.port.example" in said
    assert "DNS:host1, " in said


LOG_IN = """set -- --silent --insecure --cookie /root/jar --cookie-jar /root/jar
at=https://127.0.0.1
token=$(curl "$@" $at/ | grep -o '"request_token":"[^"]*' | cut -d'"' -f4)
curl "$@" -o /dev/null -w '%{{http_code}} %{{redirect_url}}' -d _task=login -d _action=login \
    -d _user=anna -d _pass={} -d "_token=$token" "$at/?_task=login"
"""


@on("webmail")
def test_the_web_mail_lets_in_who_has_a_mailbox_and_logs_the_others(host: Booted) -> None:
    host.until("curl -sk https://127.0.0.1/", "Port of Velmora web mail", 20)
    assert "https://127.0.0.1/" in host.sh("curl -sI http://127.0.0.1/ | grep ^Location")
    assert host.sh(LOG_IN.format("other")).startswith("401")
    assert "Login failed for anna" in host.sh("cat /var/log/roundcube/errors.log")
    assert "_task=mail" in host.sh(LOG_IN.format("secret"))
    assert "Successful login for anna" in host.sh("cat /var/log/roundcube/userlogins.log")
    assert "Str'" not in host.sh("grep des_key /etc/roundcube/config.inc.php")


@on("wiki")
def test_the_wiki_shows_its_pages_and_hides_its_files(host: Booted) -> None:
    assert "Crew C." in host.until("curl -s http://127.0.0.1/ops/shifts", "Crew C.")
    assert "Port of Velmora wiki" in host.sh("curl -s http://127.0.0.1/")
    status = "curl -s -o /dev/null -w %{http_code} http://127.0.0.1/"
    assert host.sh(status + "data/pages/ops/shifts.txt") == "403"
    assert host.sh(status + "conf/local.php") == "403"


@on("proxy")
def test_the_proxy_asks_what_stands_behind_it_also_over_tls(host: Booted) -> None:
    said = host.sh("curl -sik https://127.0.0.1/ -v 2>&1")
    assert "CN=www.port.example" in said
    assert "502 Bad Gateway" in said  # nothing listens on the upstream's port
    host.sh("printf 'HTTP/1.0 200 OK\\r\\n\\r\\nbehind' | timeout 5 nc -lN 127.0.0.1 9 &")
    assert "behind" in host.until("curl -s http://127.0.0.1/", "behind", 3)


@on("dns")
def test_the_zone_s_server_answers_for_its_zone_alone(host: Booted) -> None:
    ask = (
        "import socket,sys\n"
        "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(3)\n"
        "n=b''.join(bytes([len(p)])+p.encode() for p in sys.argv[1].split('.'))\n"
        "s.sendto(bytes.fromhex('123400000001000000000000')+n+b'\\0\\0\\1\\0\\1',('127.0.0.1',53))\n"
        "r=s.recv(500);print(r[3]&15,socket.inet_aton('10.1.1.53') in r)\n"
    )
    host.sh(f"cat >/var/tmp/ask <<'X'\n{ask}X\n")
    assert host.sh("python3 /var/tmp/ask ns.port.example") == "0 True"
    assert host.sh("python3 /var/tmp/ask www.example.org") == "5 False"


@on("vpn")
def test_the_gateway_listens_and_has_no_tunnel(host: Booted) -> None:
    assert ":1194" in host.sh("ss -uln")
    host.sh("pgrep openvpn")
    assert host.sh("ls /sys/class/net") == "lo"


@on("vpn")
def test_the_gateway_shakes_hands_with_whom_it_gave_a_certificate(host: Booted) -> None:
    host.sh("vpn-issue anna | sed 's/^remote .*/remote 127.0.0.1 1194/' >/root/anna.ovpn")
    host.sh("openvpn --config /root/anna.ovpn --log /root/anna.log --daemon")
    done = "Initialization Sequence Completed"
    assert done in host.until("cat /root/anna.log", done, 20)
    journal = "journalctl -u openvpn-server@site --no-pager"
    assert "CN=anna" in host.until(journal, "CN=anna", 5)
    assert host.sh("cut -f3 /etc/openvpn/keys/issued.txt") == "anna"


@on("vpn")
def test_a_link_between_gateways_is_kept_warm_by_both_ends(host: Booted) -> None:
    swap = "s/^remote .*/remote 127.0.0.1 1195/; s/^port .*/port 1196/"
    host.sh(f"cd /etc/openvpn && sed '{swap}' link.conf >other.conf")
    host.sh("systemctl start openvpn@other")
    done = "Peer Connection Initiated"
    for end in ("link", "other"):
        journal = f"journalctl -u openvpn@{end} --no-pager"
        assert done in host.until(journal, done, 45), end


@on("monitoring")
def test_what_changed_is_told_by_the_watch(host: Booted) -> None:
    host.sh("systemctl start sitecheck")
    assert host.sh("cat /var/lib/sitecheck/last") == "host1 login up\nhost1 web down"
    assert "web down" in host.sh("journalctl -t sitecheck --no-pager")
    page = host.sh("curl -s http://127.0.0.1/")
    assert "<td>host1</td><td>web</td>" in page


@on("jump")
def test_the_jump_host_says_who_owns_it_and_logs_keys(server: Booted, host: Booted) -> None:
    assert "Every session is logged" in host.sh("nc -w1 127.0.0.1 22 </dev/null; sshd -T") or (
        "banner /etc/issue.net" in host.sh("sshd -T")
    )
    login(server, "partner", "true")
    assert "SHA256:" in host.sh("grep 'Accepted publickey' /var/log/auth.log")


@on("carrier")
def test_a_core_router_speaks_bgp_and_leaves_the_host_s_routes_alone(host: Booted) -> None:
    assert "cr2" in host.sh("birdc show protocols")
    assert ":179" in host.sh("ss -tln")
    assert host.sh("ip route") == ""


@on("device")
def test_a_device_answers_and_changes_nothing(host: Booted) -> None:
    ask = (
        "import socket,sys\n"
        "s=socket.create_connection(('127.0.0.1',int(sys.argv[1])),3);s.settimeout(3)\n"
        "s.sendall(bytes.fromhex(sys.argv[2]));print(s.recv(300).hex())\n"
    )
    host.sh(f"cat >/var/tmp/ask <<'X'\n{ask}X\n")
    read, write = "000100000006010300000002", "000100000006010600000007"
    value = "00010000000701030408fc1386"
    assert host.until(f"python3 /var/tmp/ask 502 {read}", value, 20) == value
    assert host.sh(f"python3 /var/tmp/ask 502 {write}") == write
    assert host.sh(f"python3 /var/tmp/ask 502 {read}") == value
    assert host.sh("python3 /var/tmp/ask 2404 680407000000") == "68040b000000"
    assert host.sh("python3 /var/tmp/ask 2404 680e0000000064010600010000000014").startswith("68")


@on("device")
def test_a_device_shows_its_page_and_hangs_up(host: Booted) -> None:
    ask = (
        "import socket\n"
        "s=socket.create_connection(('127.0.0.1',80),3);s.settimeout(3)\n"
        "s.sendall(b'GET / HTTP/1.1\\r\\nHost: device\\r\\n\\r\\n')\n"
        "print(b''.join(iter(lambda: s.recv(300), b'')).decode())\n"
    )
    host.sh(f"cat >/var/tmp/page <<'X'\n{ask}X\n")
    said = host.until("python3 /var/tmp/page", "Oderfeld RTU 560", 20)
    assert "Oderfeld RTU 560" in said
    assert "Connection: close" in said


@on("device")
def test_a_device_echoes_images_nodes_and_tells_of_itself(host: Booted) -> None:
    host.until("echoscu 127.0.0.1 104 && echo done", "done", 20)
    assert host.sh("echoscu 127.0.0.1 104 && echo done") == "done"
    assert host.sh("ps -o user= -C python3 | sort -u") == "nobody"


@on("workstation")
def test_a_desk_has_clients_and_people(host: Booted) -> None:
    names = "dig ldapsearch mbpoll nmap psql smbclient swaks w3m"
    assert len(host.sh(f"command -v {names}").splitlines()) == 8
    assert host.sh("id -u imarten") == "1101"


@pytest.mark.parametrize("text", ["", "table {"])
def test_a_router_without_usable_rules_is_closed(built: dict[Stack, str], text: str) -> None:
    files = {"/etc/nftables.conf": text}
    with booted(built["base", "router"], INIT, ("NET_ADMIN",), files) as host:
        rules = host.until("nft list chain inet filter forward", "policy drop")
        assert "policy drop" in rules


@on("router")
def test_a_router_loads_its_rules_and_logs(host: Booted) -> None:
    assert "table ip own" in host.until("nft list ruleset", "table ip own")
    send = "echo x | nc -u -w1 127.0.0.1 9; cat /var/log/ulog/syslogemu.log"
    said = host.until(send, "DPT=9", 30)
    assert "DPT=9" in said, host.sh("journalctl -u ulogd2 --no-pager; nft list ruleset")


@on("sinkhole")
def test_the_sinkhole_answers_alike_and_writes_json(host: Booted) -> None:
    ask = 'exec 3<>/dev/tcp/127.0.0.1/80; printf "%b" "$1" >&3; head -c 4096 <&3'
    request = 'POST /a HTTP/1.0\\r\\nHost: h\\r\\nUser-Agent: a"b\\r\\n\\r\\n'
    said = host.until(f"set -- '{request}'; {ask} 2>/dev/null", "200 OK")
    assert said.endswith("ok")
    row = json.loads(host.sh("cat /var/log/nginx/access.log").splitlines()[-1])
    assert (row["request"], row["agent"]) == ("POST /a HTTP/1.0", 'a"b')
    assert row["address"] == "127.0.0.1"


@on("kit")
def test_the_kit_s_trainee_writes_the_outbox_and_only_reads_receipts(host: Booted) -> None:
    trainee = "su trainee -s /bin/sh -c"
    host.sh(f"{trainee} 'touch /var/spool/hunt/outbox/a; ls /var/spool/hunt/receipts'")
    denied = host.sh(f"{trainee} 'touch /var/spool/hunt/receipts/a' 2>&1", ok=False)
    assert "Permission denied" in denied
    assert host.sh("python3 -c 'import yaml'; id -u trainee") == "2003"


@pytest.mark.parametrize("stack", stacks.prefixes(), ids="+".join)
def test_a_second_run_of_a_role_changes_nothing(
    again: dict[Stack, Future[int]], stack: Stack
) -> None:
    assert again[stack].result(timeout=300) == 0
