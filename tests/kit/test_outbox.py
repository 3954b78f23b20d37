"""How a submission comes into the outbox: whole, and by no other name than its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rangectl.kit.outbox import hand_in
from rangectl.kit.places import places


def test_a_submission_that_is_being_written_lies_nowhere_in_the_outbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = places({"HUNT_OUTBOX": str(tmp_path)})
    met = list[list[str]]()
    fchmod, link = os.fchmod, os.link

    def seen() -> None:
        met.append([one.name for one in tmp_path.iterdir() if not one.is_dir()])

    def writing(file: int, mode: int) -> None:
        seen()
        fchmod(file, mode)

    def linking(source: Path, target: Path) -> None:
        seen()
        link(source, target)

    monkeypatch.setattr(os, "fchmod", writing)
    monkeypatch.setattr(os, "link", linking)
    ident = hand_in(where, {"kind": "done"})
    assert met == [[], [], []]
    seen()
    assert met[-1] == [f"{ident}.json"]
    assert [one.name for one in where.sent.iterdir()] == [f"{ident}.json"]


def test_where_root_hands_in_first_the_trainee_can_hand_in_after_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[tuple[Path, int, int]]()

    def chown(path: Path, uid: int, gid: int, *, follow_symlinks: bool) -> None:
        assert not follow_symlinks
        given.append((path, uid, gid))

    monkeypatch.setattr(os, "chown", chown)
    where = places({"HUNT_OUTBOX": str(tmp_path)})
    for euid in (0, 1000):
        monkeypatch.setattr(os, "geteuid", lambda euid=euid: euid)
        hand_in(where, {"kind": "done"})
    owner = tmp_path.stat()
    assert given == [(where.sent, owner.st_uid, owner.st_gid)]
