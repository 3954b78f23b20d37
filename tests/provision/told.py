"""What hosts that are booted for tests of roles are told: the files of each stack of roles."""

from __future__ import annotations

from rangectl.plan.services import settings
from tests.people.partners import SECRET, spec
from tests.provision import stacks
from tests.provision.stacks import Stack

SITE = "ORGANISATION='Port of Velmora'\nDOMAIN=port.example\nMAIL=host1\n"
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
ENTRY = """dn: uid=anna,ou=people,dc=port,dc=example
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: A
userPassword: secret
"""
OWN_ZONE = """$ORIGIN port.example.
$TTL 300
@ IN SOA ns hostmaster 1 7200 1800 1209600 300
@ IN NS ns
ns IN A 10.1.1.53
"""
BIRD = """log syslog all;
router id 10.1.1.1;
protocol device { scan time 60; }
protocol bgp cr2 {
    local 127.0.0.1 as 64512; neighbor 127.0.0.2 as 64513; multihop;
    ipv4 { import all; export all; };
}
"""


def link_files() -> dict[str, str]:
    """Return one end of a link between gateways, with its other end on the same host."""
    ministry = spec("foreign-ministry")
    files = {
        file.path: file.content.decode()
        for file in settings(ministry, ministry.host("gw-east"), SECRET)
        if "/openvpn/" in file.path
    }
    east = "/etc/openvpn/link.conf"
    there = str(ministry.host("gw-west").nics[0].address.ip)
    return files | {east: files[east].replace(f"{there} 1195", "127.0.0.1 1196")}


FILES: dict[Stack, dict[str, str]] = {
    stacks.stack_of("directory"): {
        "/etc/default/site": SITE,
        "/etc/unbound/unbound.conf.d/zone.conf": ZONE,
        "/etc/ldap/import/10.ldif": ENTRY,
    },
    stacks.stack_of("webapp"): {
        "/etc/default/site": SITE,
        "/etc/default/webapp": "TITLE='Outage desk'\nRECORDS=outages\n",
        "/etc/webapp/pgpass": "127.0.0.1:5432:app:app:word\n",
        "/etc/postgresql/app-password": "word\n",
        "/var/lib/postgresql/import/10.sql": (
            "\\connect app\nINSERT INTO records (subject, owner) VALUES ('Line 4', 'anna');\n"
        ),
    },
    stacks.stack_of("fileserver"): {
        "/etc/default/site": SITE,
        "/etc/samba/import": "anna:word:with colons\n",
        "/srv/share/planning/plan.txt": "line 4\n",
    },
    stacks.stack_of("monitoring"): {
        "/etc/sitecheck/targets": "host1 127.0.0.1 login ssh 22\nhost1 127.0.0.1 web http 81\n",
    },
    stacks.stack_of("mail"): {
        "/etc/default/site": SITE,
        "/etc/dovecot/users": "anna:{PLAIN}secret::::::\nben:{PLAIN}secret::::::\n",
    },
    stacks.stack_of("wiki"): {
        "/etc/default/site": SITE,
        "/var/lib/dokuwiki/data/pages/ops/shifts.txt": "====== Shifts ======\nCrew C.\n",
    },
    stacks.stack_of("proxy"): {
        "/etc/default/site": SITE,
        "/etc/default/proxy": "UPSTREAM=127.0.0.1:9\n",
    },
    stacks.stack_of("dns"): {
        "/etc/nsd/zones/port.example.zone": OWN_ZONE,
        "/etc/nsd/nsd.conf.d/zones.conf": (
            "zone:\n    name: port.example\n    zonefile: zones/port.example.zone\n"
        ),
    },
    stacks.stack_of("vpn"): link_files(),
    stacks.stack_of("carrier"): {"/etc/bird/bird.conf": BIRD},
    stacks.stack_of("router"): {"/etc/nftables.conf": RULES},
    stacks.stack_of("device"): {
        "/etc/default/device": (
            "SPEAKS='modbus iec104 dicom snmp http rtsp tacacs printer'\n"
            "MODEL='Oderfeld RTU 560'\nREGISTERS=2300,4998\n"
        ),
    },
}
