import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rangectl.errors import InvalidFileError
from rangectl.implants import compose, words
from rangectl.implants.compose import places, stamped
from rangectl.implants.item import Item, Job, Key, Poller, Program
from rangectl.implants.places import REFRESH_ROOTS
from rangectl.model.planting import Component
from rangectl.plan.keys import fingerprint
from rangectl.plan.probing import AppendLine, Copy, Edit, MakeFolder, Write
from tests.implants import samples
from tests.implants.samples import ENTRIES, NOW, PROGRAM, PROGRAMS

SEEDS = range(200)
Team = tuple[Item, ...]
PLANTING = (Write, Copy, AppendLine, MakeFolder)


@pytest.fixture(scope="module")
def many() -> list[Team]:
    return [samples.items(seed, chain=samples.FIRST_LIGHT) for seed in SEEDS]


@pytest.fixture(scope="module")
def one() -> Team:
    return samples.items()


def of(items: Team, nature: str) -> list[Item]:
    return [item for item in items if item.artefact.nature == nature]


def component(item: Item, name: str) -> Component:
    return next(part for part in item.artefact.components if part.id == name)


def new_files(item: Item) -> list[str]:
    return [edit.path for edit in item.edits if isinstance(edit, Write | Copy)]


def names(item: Item) -> list[str]:
    return [path.rpartition("/")[2] for path in new_files(item)]


def test_the_same_run_gives_the_same_items() -> None:
    assert samples.items() == samples.items()


@pytest.mark.parametrize(
    "other",
    [
        lambda: samples.items(team="birch"),
        lambda: samples.items(seed=8),
        lambda: samples.items(secret=b"another"),
    ],
    ids=["team", "seed", "secret"],
)
def test_another_team_seed_or_secret_shares_no_implant(
    other: Callable[[], Team], one: Team
) -> None:
    def places_of(items: Team) -> set[tuple[str, str]]:
        return {(i.artefact.host, p) for i in of(items, "implant") for p in new_files(i)}

    assert not places_of(one) & places_of(other())
    assert not {i.artefact.id for i in one} & {i.artefact.id for i in other()}


def test_an_exercise_may_be_the_same_for_all_teams() -> None:
    alike = samples.exercise(same_for_all=True)
    first, second = (
        compose.compose(alike, samples.small_range(team), ENTRIES, PROGRAMS, team.encode(), NOW)
        for team in ("alder", "birch")
    )
    assert first == second


def test_teams_get_the_same_difficulty(one: Team) -> None:
    weights = Counter(item.artefact.weight for item in one)
    assert weights == Counter(item.artefact.weight for item in samples.items(team="birch"))


def test_every_implant_has_its_decoys_and_its_noise(one: Team) -> None:
    assert Counter(item.artefact.nature for item in one) == {
        "implant": 5,
        "decoy": 5,
        "noise": 100,
    }
    assert {i.artefact.imitates for i in of(one, "decoy")} == {
        i.artefact.id for i in of(one, "implant")
    }


def test_no_file_is_made_twice_on_a_host(many: list[Team]) -> None:
    for items in many:
        made = Counter((item.artefact.host, path) for item in items for path in new_files(item))
        assert made.most_common(1)[0][1] == 1


def test_no_file_that_is_made_is_also_appended_to(one: Team) -> None:
    made = {(i.artefact.host, path) for i in one for path in new_files(i)}
    grown = {(i.artefact.host, e.path) for i in one for e in i.edits if isinstance(e, AppendLine)}
    assert not made & grown


def test_ids_are_unique_and_say_nothing(many: list[Team]) -> None:
    for items in many:
        ids = [item.artefact.id for item in items]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[0-9a-f]{8}", one) for one in ids)


def test_no_needle_is_part_of_another_artefacts_text(many: list[Team]) -> None:
    for items in many[:50]:
        texts = defaultdict(list)
        for item in items:
            texts[item.artefact.host].append((item.artefact.id, _text(item)))
        for item in items:
            for part in item.artefact.components:
                if part.needle is None:
                    continue
                holders = {i for i, text in texts[item.artefact.host] if part.needle in text}
                assert holders == {item.artefact.id}


def _text(item: Item) -> str:
    lines = [edit.line for edit in item.edits if isinstance(edit, AppendLine)]
    files = [
        edit.content.decode(errors="replace") for edit in item.edits if isinstance(edit, Write)
    ]
    return "\n".join(lines + files)


def test_only_the_partners_hosts_hold_anything(many: list[Team]) -> None:
    allowed = {host.name for host in places(samples.small_range())}
    assert allowed == {"edge", "web01", "names", "desk-1", "desk-2", "desk-3"}
    assert {item.artefact.host for items in many for item in items} == allowed


def test_a_pattern_chooses_one_host_and_every_host_over_the_seeds(many: list[Team]) -> None:
    chosen = [
        item.artefact.host
        for items in many
        for item in of(items, "implant")
        if item.artefact.entry == "c2.http"
    ]
    assert len(chosen) == len(many)
    assert set(chosen) == {"desk-1", "desk-2", "desk-3"}


@pytest.mark.parametrize("nature", ["implant", "decoy", "noise"])
@pytest.mark.parametrize("pool", ["NOUNS", "VERBS"])
def test_every_nature_uses_every_word(many: list[Team], nature: str, pool: str) -> None:
    used = {
        word
        for items in many
        for item in of(items, nature)
        for name in names(item)
        for word in name.split("-")
    }
    assert used >= set(getattr(words, pool))


def test_names_are_distributed_alike(many: list[Team]) -> None:
    shares = {}
    for nature in ("implant", "decoy", "noise"):
        nouns = Counter(
            name.split("-")[-2]
            for items in many
            for item in of(items, nature)
            for name in names(item)
            if "-" in name
        )
        shares[nature] = {noun: nouns[noun] / nouns.total() for noun in words.NOUNS}
    for noun in words.NOUNS:
        assert abs(shares["implant"][noun] - shares["noise"][noun]) < 0.05
        assert abs(shares["decoy"][noun] - shares["noise"][noun]) < 0.05


def _folders(items: list[Item]) -> set[str]:
    found = {path.rpartition("/")[0] for item in items for path in new_files(item)}
    return {folder for folder in found if not folder.startswith(("/etc/default", "/etc/"))}


def test_implants_and_decoys_stand_in_the_folders_that_noise_uses(many: list[Team]) -> None:
    noise = _folders([item for items in many for item in of(items, "noise")])
    for nature in ("implant", "decoy"):
        own = _folders([item for items in many for item in of(items, nature)])
        assert own <= noise
        assert len(own) > 40


def test_times_of_files_are_spread_alike(many: list[Team]) -> None:
    means = {}
    for nature in ("implant", "decoy", "noise"):
        ages = [
            NOW.timestamp() - mtime
            for items in many
            for item in of(items, nature)
            for edit in item.edits
            if (mtime := _mtime(edit)) is not None
        ]
        assert min(ages) > 80_000
        assert max(ages) < 201 * 86_400
        means[nature] = sum(ages) / len(ages) / 86_400
    assert abs(means["implant"] - means["noise"]) < 8
    assert abs(means["decoy"] - means["noise"]) < 8


def _mtime(edit: Edit) -> float | None:
    return edit.mtime if isinstance(edit, Write | Copy | AppendLine) else None


def test_every_edit_has_a_time_of_its_own(one: Team) -> None:
    times = [_mtime(edit) for i in one for edit in i.edits if not isinstance(edit, MakeFolder)]
    assert None not in times
    assert len(set(times)) == len(times)


def test_an_implant_is_no_more_often_first_or_last_than_another(many: list[Team]) -> None:
    places_: list[float] = []
    for items in many:
        early = [item for item in items if item.after == timedelta(0)]
        places_ += [n / len(early) for n, i in enumerate(early) if i.artefact.nature == "implant"]
    assert 0.44 < sum(places_) / len(places_) < 0.56


def test_later_implants_come_with_noise_of_their_own(one: Team) -> None:
    later = [item for item in one if item.after == timedelta(minutes=5)]
    assert Counter(item.artefact.nature for item in later) == {
        "implant": 1,
        "decoy": 1,
        "noise": 20,
    }
    assert list(one) == sorted(one, key=lambda item: item.after)


def test_sizes_of_pollers_do_not_tell_inside_from_outside(many: list[Team]) -> None:
    sizes: dict[str, list[int]] = {"implant": [], "decoy": []}
    for items in many:
        for nature, found in sizes.items():
            for item in of(items, nature):
                if item.artefact.entry == "c2.http":
                    found.append(component(item, "program").size or 0)
    means = {nature: sum(found) / len(found) for nature, found in sizes.items()}
    assert abs(means["implant"] - means["decoy"]) < 4


def test_no_word_of_the_trade_is_planted(many: list[Team]) -> None:
    forbidden = re.compile(r"rangectl|implant|decoy|noise|synthetic|exercise|beacon|sinkhole|karsk")
    for items in many[:20]:
        for item in items:
            planted = _text(item) + "".join(e.path for e in item.edits if isinstance(e, PLANTING))
            assert not forbidden.search(planted.lower())


def test_the_register_alone_tells_a_decoy_from_an_implant(one: Team) -> None:
    assert all(item.listings == () for item in of(one, "implant"))
    assert all(item.listings for item in of(one, "decoy"))
    implant, decoy = (
        next(i for i in of(one, nature) if i.artefact.entry == "c2.http")
        for nature in ("implant", "decoy")
    )
    assert {type(x) for x in decoy.listings} == {Job, Poller}
    assert [p.id for p in implant.artefact.components] == [p.id for p in decoy.artefact.components]
    assert [type(edit) for edit in implant.edits] == [type(edit) for edit in decoy.edits]


def test_all_noise_that_looks_like_an_implant_is_explained(many: list[Team]) -> None:
    for items in many[:50]:
        for item in of(items, "noise"):
            kinds = {type(listing) for listing in item.listings}
            for part in item.artefact.components:
                if part.id == "key":
                    assert Key in kinds
                if part.id == "starter":
                    assert Job in kinds
                if part.kind == "suid":
                    assert Program in kinds
                if part.id == "process":
                    assert Poller in kinds


def test_a_key_has_the_fingerprint_that_is_recorded(one: Team) -> None:
    item = next(i for i in of(one, "implant") if i.artefact.entry == "ssh.authkey")
    line = next(edit.line for edit in item.edits if isinstance(edit, AppendLine))
    assert fingerprint(line) == item.artefact.fingerprint
    assert component(item, "key").needle == line.split()[1]


def test_only_set_user_id_copies_of_true_have_the_bit(one: Team) -> None:
    modes = {
        (edit.source, edit.mode) for item in one for edit in item.edits if isinstance(edit, Copy)
    }
    assert modes <= {("/usr/bin/true", 0o4755), ("/usr/bin/true", 0o755)}
    assert not any(
        edit.mode & 0o4000 for item in one for edit in item.edits if isinstance(edit, Write)
    )


def test_a_copy_knows_the_other_copies_of_its_host() -> None:
    for items in [samples.items(seed) for seed in range(10)]:
        bits = [
            (item.artefact.host, part)
            for item in items
            for part in item.artefact.components
            if part.kind == "suid"
        ]
        for host, part in bits:
            others = {p.path for h, p in bits if h == host and p.path != part.path}
            assert set(part.others) == others


def test_stamping_fills_in_what_only_the_host_knows(one: Team) -> None:
    stock = {"/usr/bin/true": ("ab" * 32, 35664)}
    facts = {host.name: stock for host in places(samples.small_range())}
    made = stamped(one, facts)
    item = next(i for i in of(made, "decoy") if i.artefact.entry == "suid.copy")
    assert component(item, "program").sha256 == "ab" * 32
    assert component(item, "program").size == 35664
    assert [x.sha256 for x in item.listings if isinstance(x, Program)] == ["ab" * 32]


def test_components_agree_with_the_catalogue(one: Team) -> None:
    for item in of(one, "implant") + of(one, "decoy"):
        entry = ENTRIES[item.artefact.entry or ""]
        starters = [ENTRIES[one] for one in entry.started_by]
        persists = [p for starter in starters for p in starter.components if p.persistence]
        planted = {(p.id, p.required, p.persistence) for p in item.artefact.components}
        assert planted == {
            (p.id, p.required, p.persistence) for p in (*persists, *entry.components)
        }


def test_a_beacon_asks_the_sinkhole_and_its_decoy_the_partner(one: Team) -> None:
    asked = {
        item.artefact.nature: str(component(item, "traffic").address)
        for item in one
        if item.artefact.entry == "c2.http"
    }
    assert asked["implant"] == "198.51.100.20"
    assert asked["decoy"] == "10.20.1.10"


def test_a_beacon_is_started_every_minute_by_an_accounts_crontab(one: Team) -> None:
    item = next(i for i in of(one, "implant") if i.artefact.entry == "c2.http")
    edit = next(edit for edit in item.edits if isinstance(edit, AppendLine))
    assert edit.path == f"/var/spool/cron/crontabs/{edit.owner}"
    assert edit.mode == 0o600
    assert re.fullmatch(r"\* \* \* \* \* /\S+ --[a-z]+", edit.line)
    assert item.artefact.period == timedelta(seconds=60)


def test_a_drop_in_has_a_name_that_cron_reads(one: Team) -> None:
    paths = [p for i in one for p in new_files(i) if p.startswith("/etc/cron.d/")]
    assert paths
    assert all(re.fullmatch(r"/etc/cron\.d/[A-Za-z0-9_-]+", path) for path in paths)


def test_scripts_do_nothing() -> None:
    allowed = re.compile(
        r"#.*|set -eu|umask 027|[A-Z]+=\S+|case .* in|  .*\) ;;|  \*\) exit 2 ;;|esac|"
        r"test .* \|\| exit 0|exit 0|"
    )
    scripts = [
        edit.content.decode()
        for item in samples.items()
        for edit in item.edits
        if isinstance(edit, Write) and edit.content.startswith(b"#!/bin/sh")
    ]
    assert len(scripts) > 10
    assert all(allowed.fullmatch(line) for text in scripts for line in text.split("\n"))


def test_everything_planted_is_below_the_roots_that_are_refreshed() -> None:
    stages: samples.Chain = tuple(
        {"implant": key, "on": "*"}
        for key, e in ENTRIES.items()
        if not (e.opt_in or e.stands_on.roles or (e.second is not None and e.second.roles))
    )
    halves = (stages[:25], stages[25:])
    items = (item for seed in range(3) for one in halves for item in samples.items(seed, chain=one))
    paths = {edit.path for item in items for edit in item.edits if isinstance(edit, PLANTING)}
    lists = "/var/lib/dpkg/info/"  # seven hundred files, for each of which one would be copied
    roots = (*(f"{root}/" for root in REFRESH_ROOTS), lists)
    assert len(paths) > 1000
    assert {p for p in paths if not p.startswith(roots)} <= set(REFRESH_ROOTS)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown implant": ({"implant": "no.such", "on": "web01"}, 'unknown entry "no.such"'),
    "no host": ({"implant": "ssh.authkey", "on": "nowhere"}, 'matches "nowhere"'),
    "kit": ({"implant": "ssh.authkey", "on": "hunt01"}, 'matches "hunt01"'),
    "sinkhole host": ({"implant": "ssh.authkey", "on": "sink01"}, 'matches "sink01"'),
    "starter": (
        {"implant": "c2.http", "on": "web01", "started_by": "cron.dropin"},
        '"cron.dropin" cannot start c2.http',
    ),
}


@pytest.mark.parametrize(("stage", "message"), BAD.values(), ids=BAD.keys())
def test_what_does_not_fit_is_named(stage: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidFileError, match=re.escape(message)):
        samples.items(chain=(stage,))


def test_all_that_does_not_fit_is_named_at_once() -> None:
    with pytest.raises(InvalidFileError) as caught:
        samples.items(chain=tuple(stage for stage, _ in BAD.values()))
    assert len(caught.value.problems) == len(BAD)


def test_a_program_that_is_not_inert_is_never_planted() -> None:
    with pytest.raises(InvalidFileError, match="import of os"):
        compose.compose(
            samples.exercise(),
            samples.small_range(),
            ENTRIES,
            {"http": PROGRAM + "import os\n"},
            b"secret",
            NOW,
        )


def test_a_range_with_one_host_still_has_names_enough() -> None:
    spec = samples.small_range()
    alone = replace(spec, hosts=tuple(h for h in spec.hosts if h.name in {"web01", "sink01"}))
    chain = tuple({**stage, "on": "web01"} for stage in samples.ALL_KINDS)
    items = compose.compose(
        samples.exercise(chain, noise={"edits_per_implant": 100}),
        alone,
        ENTRIES,
        PROGRAMS,
        b"secret",
        NOW,
    )
    assert len(items) == 510
