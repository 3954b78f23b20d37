"""What services are told at boot."""

from __future__ import annotations

import shlex

from rangectl.model.parse.topologies import parse_topology
from rangectl.plan.desired import desired
from rangectl.plan.images import role_tags
from rangectl.plan.services import (
    SITE,
    app_password,
    organisation,
    reverse_lines,
    settings,
    zone_lines,
)
from rangectl.plan.spec import RangeId, RangeSpec, RoleSpec

TEXT = """
version: 1
name: site
people: {organisation: "Port of V's", domain: port.example, trade: port, staff: 8}
segments:
  internet: {zone: adversary, subnet: 198.51.100.0/24}
  dmz: {zone: partner, subnet: 10.1.1.0/24}
  lan: {zone: partner, subnet: 10.1.2.0/24}
hosts:
  fw:
    kind: router
    segments: [internet, dmz, lan]
    policy: [{from: internet, to: dmz, allow: [tcp/80]}]
  mail:
    segments: {dmz: 10.1.1.25}
    roles: [base, mail]
    services: [{name: smtp, check: smtp, port: 25}]
  ns: {segments: {dmz: 10.1.1.53}, roles: [base, dns]}
  www:
    segments: {dmz: 10.1.1.80}
    roles: [base, proxy: {boot_upstream: app}]
    services: [{name: web, check: http, port: 80}]
  app:
    segments: {lan: 10.1.2.10}
    roles: [base, webapp: {boot_title: "It's $(id)", boot_database: db}]
  db:
    segments: {lan: 10.1.2.20}
    roles: [base, database]
    services: [{name: db, check: tcp, port: 5432}]
  log: {segments: {lan: 10.1.2.30}, roles: [base, loghost, monitoring]}
  cr1: {segments: {lan: 10.1.2.41}, roles: [base, carrier]}
  cr2: {segments: {lan: 10.1.2.42}, roles: [base, carrier]}
  sink: {segments: [internet], roles: [sinkhole], init: process}
"""


def spec(text: str = TEXT) -> RangeSpec:
    return desired(parse_topology(text.encode(), "site.yaml"), RangeId("site", "a"), {})


def told(host: str) -> dict[str, str]:
    found = settings(spec(), spec().host(host), "s")
    return {file.path: file.content.decode() for file in found}


def test_a_variable_of_the_boot_makes_no_image_and_no_command() -> None:
    role = RoleSpec("webapp", (("boot_title", "a"), ("size", 1)))
    other = RoleSpec("webapp", (("boot_title", "b"), ("size", 1)))
    assert role_tags("base", [(role, {})]) == role_tags("base", [(other, {})])
    assert (role.build, role.boot) == ((("size", 1),), (("title", "a"),))
    line = told("app")["/etc/default/webapp"].splitlines()[1]
    assert shlex.split(line) == ["TITLE=It's $(id)"]


def test_every_host_of_the_partner_knows_the_site() -> None:
    lines = [shlex.split(line)[0] for line in told("db")[SITE].splitlines()]
    assert lines[:2] == ["ORGANISATION=Port of V's", "DOMAIN=port.example"]
    assert lines[2:] == ["DATABASE=db", "LOGHOST=log", "MAIL=mail"]
    assert told("sink") == {}


def test_everybody_logs_to_the_log_host_but_itself() -> None:
    path = "/etc/rsyslog.d/60-loghost.conf"
    assert 'target="10.1.2.30"' in told("db")[path]
    assert path not in told("log")


def test_an_application_and_its_database_know_one_password() -> None:
    assert told("app")["/etc/webapp/pgpass"] == f"db:5432:app:app:{app_password('s')}\n"
    assert told("db")["/etc/postgresql/app-password"] == f"{app_password('s')}\n"
    assert app_password("s") != app_password("t")


def test_the_world_is_shown_what_faces_it_and_no_more() -> None:
    zone = told("ns")["/etc/nsd/zones/port.example.zone"].splitlines()
    assert "@ IN MX 10 mail.port.example." in zone
    assert "www IN CNAME www" not in zone
    assert "www IN A 10.1.1.80" in zone
    assert not any("10.1.2." in line for line in zone)


def test_the_resolver_knows_full_names_of_all_but_the_adversary_s() -> None:
    lines = list(zone_lines(spec()))
    assert "db.port.example. 300 IN A 10.1.2.20" in lines
    assert "10.1.2.20 db.port.example" in list(reverse_lines(spec()))
    assert not any("sink" in line for line in lines)


def test_what_the_watch_may_ask_is_watched() -> None:
    assert told("log")["/etc/sitecheck/targets"] == "db 10.1.2.20 db tcp 5432\n"


def test_a_page_over_tls_is_watched_over_tls() -> None:
    own = "  app:\n    services: [{name: web, check: http, port: 443, tls: true}]\n"
    found = spec(TEXT.replace("  app:\n", own))
    files = {file.path: file.content for file in settings(found, found.host("log"), "s")}
    assert b"app 10.1.2.10 web https 443\n" in files["/etc/sitecheck/targets"]


def test_core_routers_have_sessions_with_each_other() -> None:
    config = told("cr1")["/etc/bird/bird.conf"]
    assert "local 10.1.2.41 as 64512" in config
    assert "neighbor 10.1.2.42 as 64513" in config


def test_a_range_without_people_has_an_organisation_all_the_same() -> None:
    text = "\n".join(line for line in TEXT.splitlines() if not line.startswith("people:"))
    assert organisation(spec(text)).domain == "site.example"


def test_mail_for_the_partner_goes_to_the_gateway_where_there_is_one() -> None:
    two = (
        TEXT
        + """
  post: {segments: {lan: 10.1.2.99}, roles: [base, mail: {boot_relay_to: mail}]}
"""
    )
    lines = list(zone_lines(spec(two)))
    assert [line for line in lines if " MX " in line] == [
        "port.example. 300 IN MX 10 post.port.example."
    ]


def test_who_keeps_configurations_has_the_golden_ones_of_the_core_routers() -> None:
    two = TEXT + "  cfg: {segments: {lan: 10.1.2.98}, roles: [base, fileserver]}\n"
    (cfg,) = (one for one in spec(two).hosts if one.name == "cfg")
    kept = {file.path: file for file in settings(spec(two), cfg, "s")}
    golden = kept["/srv/share/golden/cr1.conf"]
    assert golden.content.decode() == told("cr1")["/etc/bird/bird.conf"]
    assert (golden.owner, golden.mode) == ("share", 0o664)


def test_both_ends_of_a_link_have_the_same_key_and_name_each_other() -> None:
    gateways = """
  gw1: {segments: {lan: 10.1.2.51}, roles: [base, vpn: {boot_link: gw2}]}
  gw2: {segments: {dmz: 10.1.1.52}, roles: [base, vpn: {boot_link: gw1}]}
  gw3: {segments: {dmz: 10.1.1.54}, roles: [base, vpn]}
"""
    found = spec(TEXT + gateways)
    ends = [
        {file.path: file for file in settings(found, found.host(name), "s")}
        for name in ("gw1", "gw2", "gw3")
    ]
    keys = [end.get("/etc/openvpn/keys/link.key") for end in ends]
    assert keys[0] == keys[1]
    assert keys[0] is not None
    assert len(keys[0].content.splitlines()) == 18
    assert b"\nremote 10.1.1.52 1195\n" in ends[0]["/etc/openvpn/link.conf"].content
    assert b"\nremote 10.1.2.51 1195\n" in ends[1]["/etc/openvpn/link.conf"].content
    assert keys[2] is None
