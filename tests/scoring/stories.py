"""The golden event logs. `python -m tests.scoring.stories` writes them and their boards anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rangectl.model.events import Event, event_adapter
from rangectl.model.finding import FileEvidence
from rangectl.scoring.board import as_dict, board
from tests.scoring.story import (
    BEACON_FLOW,
    BEACON_LINE,
    DECOY_LINE,
    DECOY_PROGRAM,
    FOUND_BEACON,
    FOUND_JOB,
    FOUND_KEY,
    JOB_FILE,
    KEY_FILE,
    KEY_LINE,
    NOISE_FILE,
    OTHER_FILE,
    Story,
    finding,
    sha,
)

FOLDER = Path(__file__).parent / "logs"


def all_found_and_gone() -> Story:
    return Story().finds_all(120).removes_all(200).done(300).ends(450)


def nothing_done() -> Story:
    return Story().checked(10, *[True] * 6).done(70).ends(75)


def matching() -> Story:
    """The path is written differently, the starter is named by its flow, one is called benign."""
    job = FileEvidence(path="/etc/../etc//cron.d/./sysstat-rotate", sha256=sha("job"))
    return (
        Story()
        .finds(100, finding("web01", job, technique="T1053"))
        .finds(110, finding("web01", KEY_FILE, fingerprint="SHA256:evil", technique="TA0003"))
        .finds(120, finding("desk-1", BEACON_FLOW, technique="T1071.001"))
        .finds(130, finding("web01", NOISE_FILE, bad=False))
        .finds(140, finding("desk-1", KEY_LINE), unproven=(0,))
        .ends(1200, "time")
    )


def duplicates() -> Story:
    """The first counts for speed, the best for the level, all for the evidence."""
    return (
        Story()
        .finds(100, finding("desk-1", BEACON_LINE))
        .finds(400, FOUND_BEACON)
        .finds(500, FOUND_BEACON)
        .finds(600, finding("web01", OTHER_FILE))
        .finds(610, finding("web01", OTHER_FILE))
        .ends(1200, "time")
    )


def decoys() -> Story:
    return (
        Story()
        .finds_all(100)
        .finds(200, finding("web01", DECOY_LINE, technique="T1098.004"))
        .finds(210, finding("desk-1", DECOY_PROGRAM))
        .finds(220, finding("web01", NOISE_FILE))
        .ends(1200, "time")
    )


def removed_in_part() -> Story:
    """The starter and the process went, the program that persists stayed."""
    story = Story().finds_all(100).gone(200, "i3", "starter", "process", "traffic")
    return story.ends(1200, "time")


def only_the_beacon_killed() -> Story:
    """Cron starts it again, a minute later."""
    story = Story().finds_all(100)
    for number, at in enumerate((200, 320, 440)):
        story.gone(at, "i3", "process").back(at + 45, "i3", "process", pid=78 + number)
    return story.done(500).ends(500)


def came_back() -> Story:
    """A removal held, and then the key stood there again."""
    story = Story().finds_all(100).gone(200, "i1", "key").back(600, "i1", "key")
    return story.gone(200, "i2", "job").ends(1200, "time")


def came_back_and_went_for_good() -> Story:
    story = Story().finds_all(100).gone(200, "i1", "key").back(240, "i1", "key")
    return story.gone(300, "i1", "key").done(310).ends(460)


def late_findings() -> Story:
    """One comes near the end, one at ENDEX, one after it."""
    return (
        Story()
        .finds(1080, FOUND_KEY)
        .finds(1200, FOUND_JOB)
        .ends(1200, "time")
        .finds(1201, FOUND_BEACON)
    )


def removed_then_reported() -> Story:
    return Story().removes_all(100).finds_all(400).done(410).ends(420)


def removed_and_never_reported() -> Story:
    return Story().removes_all(100).done(110).ends(420)


def one_after_the_other() -> Story:
    """Each removal gives the actor time to notice: no single stroke."""
    story = Story().finds_all(100).gone(200, "i1", "key").gone(400, "i2", "job")
    story.gone(600, "i3", "starter", "process", "program").gone(690, "i3", "traffic")
    return story.done(700).ends(840)


def wrong_technique() -> Story:
    beacon = finding("desk-1", BEACON_LINE, technique="T1053.003")
    return Story().finds(100, finding("web01", JOB_FILE, technique="T1543.002")).finds(110, beacon)


def older_number_of_a_technique() -> Story:
    return Story().finds(100, finding("web01", JOB_FILE, technique="T1168")).ends(1200, "time")


def parent_of_an_older_number() -> Story:
    return Story().finds(100, finding("web01", JOB_FILE, technique="T1999")).ends(1200, "time")


def everything_reported() -> Story:
    story = Story().finds_all(60).finds(70, finding("web01", DECOY_LINE, NOISE_FILE))
    story.finds(71, finding("desk-1", DECOY_PROGRAM))
    for number in range(30):
        item = FileEvidence(path=f"/etc/file-{number}", sha256=sha(str(number)))
        story.finds(80 + number, finding("web01", item))
    return story.done(120).ends(125)


def everything_rebuilt() -> Story:
    story = Story().rebuilt(30, "web01").rebuilt(40, "desk-1").removes_all(50)
    return story.checked(60, *[False] * 6, *[True] * 10).done(60).ends(300)


def hold_cut_off_by_the_end() -> Story:
    story = Story().finds_all(100).gone(1000, "i1", "key").gone(1051, "i2", "job")
    return story.ends(1200, "time")


def downtime() -> Story:
    """A blip, and an outage long enough to be dearer."""
    ups = [True] * 20 + [False] + [True] * 19 + [False] * 7 + [True] * 53
    return Story().finds_all(100).removes_all(200).checked(1, *ups).done(900).ends(1100)


def downtime_excused() -> Story:
    ups = [True] * 40 + [False] * 8 + [True] * 52
    story = Story().finds_all(100).removes_all(200).checked(1, *ups, excused=True)
    return story.done(900).ends(1100)


STORIES: tuple[Callable[[], Story], ...] = (
    all_found_and_gone,
    nothing_done,
    matching,
    duplicates,
    decoys,
    removed_in_part,
    only_the_beacon_killed,
    came_back,
    came_back_and_went_for_good,
    late_findings,
    removed_then_reported,
    removed_and_never_reported,
    one_after_the_other,
    wrong_technique,
    older_number_of_a_technique,
    parent_of_an_older_number,
    everything_reported,
    everything_rebuilt,
    hold_cut_off_by_the_end,
    downtime,
    downtime_excused,
)


def name_of(story: Callable[[], Story]) -> str:
    return story.__name__.replace("_", "-")


def log_text(events: Sequence[Event]) -> str:
    return "".join(event_adapter.dump_json(event).decode() + "\n" for event in events)


def board_text(log: str) -> str:
    events = [event_adapter.validate_json(line) for line in log.splitlines()]
    return json.dumps(as_dict(board(events)), indent=1, ensure_ascii=False) + "\n"


def write_all() -> None:
    for story in STORIES:
        log = log_text(story().events)
        (FOLDER / f"{name_of(story)}.jsonl").write_text(log)
        (FOLDER / f"{name_of(story)}.board.json").write_text(board_text(log))


if __name__ == "__main__":
    write_all()
