import pytest

from tests.implants import blind, samples, simulated

SEEDS = 40
K = (5, 10, 20)


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """Mean precision over seeds and k of every trick, and of picking at random, by name."""
    sums = dict.fromkeys([*blind.TRICKS, "random"], 0.0)
    for seed in range(SEEDS):
        items = samples.items(seed, chain=samples.FIRST_LIGHT)
        hosts = simulated.snapshots(items, refreshed=True)
        among = blind.changed(simulated.before(items), hosts)
        implants = simulated.paths(items, "implant")
        sums["random"] += len(implants) / len(among) / SEEDS
        for trick in blind.TRICKS:
            ranked = blind.rank(hosts, trick, among)
            found = sum(blind.precision_at_k(ranked, implants, k) for k in K) / len(K)
            sums[trick] += found / SEEDS
    return sums


@pytest.mark.parametrize("trick", blind.TRICKS)
def test_a_generic_trick_finds_implants_no_better_than_chance(
    measured: dict[str, float], trick: str
) -> None:
    assert measured[trick] < measured["random"] + 0.03


def test_the_measure_would_see_a_tell() -> None:
    items = samples.items(chain=samples.FIRST_LIGHT)
    hosts = simulated.snapshots(items, refreshed=True)
    implants = simulated.paths(items, "implant")
    for host in hosts:
        for one in host["files"]:
            if (host["host"], one["path"]) in implants:
                one["content"] += b"# beacon"
    ranked = blind.rank(hosts, "markers", blind.changed(simulated.before(items), hosts))
    assert blind.precision_at_k(ranked, implants, len(implants)) == 1.0


def test_planting_implants_last_would_be_seen() -> None:
    items = samples.items(chain=samples.FIRST_LIGHT)
    last = sorted(items, key=lambda item: item.artefact.nature == "implant")
    hosts = simulated.snapshots(last, refreshed=False)
    ranked = blind.rank(hosts, "newest ctime", blind.changed(simulated.before(items), hosts))
    assert blind.precision_at_k(ranked, simulated.paths(items, "implant"), 5) == 1.0


def test_the_collector_is_a_program() -> None:
    compile(blind.COLLECT, "collect", "exec")
