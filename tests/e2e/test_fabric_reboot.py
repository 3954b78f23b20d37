"""A host that its own administrator reboots comes back, with no program of the instructor's."""

from __future__ import annotations

import docker
import pytest

from tests.e2e.program import Program, Range, wait_until

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def started(client: docker.DockerClient, container: str) -> str:
    state = client.api.inspect_container(container)["State"]
    return str(state["StartedAt"]) if state["Running"] else ""


def test_a_rebooted_host_is_wired_again_with_name_address_and_services(
    program: Program, pair: tuple[Range, Range], client: docker.DockerClient
) -> None:
    here, _ = pair
    web = here.ids()["web01"]
    began, address = started(client, web), here.addresses()["web01"]
    here.must("web01", "echo kept >/home/partner/note", user="partner")
    here.sh("web01", "sudo systemctl reboot", user="partner")
    wait_until(lambda: started(client, web) not in {"", began}, "a new start of web01")
    wait_until(
        lambda: "Velmora" in here.sh("hunt01", f"curl -sm 2 http://{address}/")[1],
        "the site of web01, seen from the kit",
    )
    login = "ssh -o BatchMode=yes web01 'hostname; hostname -I'"
    assert here.must("hunt01", login, user="trainee").split() == ["web01", address]
    assert here.must("web01", "cat /home/partner/note") == "kept\n"
    assert here.sh("web01", "test -e /.dockerenv")[0] == 1
    program.run("status", here.name)


def test_a_rebooted_router_routes_and_filters_again(
    program: Program, pair: tuple[Range, Range], client: docker.DockerClient
) -> None:
    here, _ = pair
    edge = here.ids()["edge"]
    rules, began = here.must("edge", "nft -s list ruleset"), started(client, edge)
    here.sh("edge", "sudo systemctl reboot", user="partner")
    wait_until(lambda: started(client, edge) not in {"", began}, "a new start of edge")
    sink = here.addresses()["sink01"]
    wait_until(
        lambda: here.sh("web01", f"curl -sm 2 -o /dev/null http://{sink}/")[0] == 0,
        "the sinkhole, seen through the router",
    )
    assert here.must("edge", "nft -s list ruleset"), "it forwards without a filter"
    wait_until(lambda: here.must("edge", "nft -s list ruleset") == rules, "the policy's filter")
    program.run("status", here.name)
