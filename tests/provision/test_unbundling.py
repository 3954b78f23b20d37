"""A bundle is believed in nothing that was not checked."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rangectl.errors import InvalidFileError
from rangectl.provision import tars
from rangectl.provision.unbundling import Bundle
from tests.provision.bundles import (
    CONTENTS,
    HELD,
    LAYER,
    SOUND,
    TOPOLOGY,
    config,
    layer,
    manifest,
    members,
    packed,
    with_layer,
    zipped,
)


def opened(content: bytes) -> Bundle:
    bundle = Bundle(Path("x.bundle"), io.BytesIO(content))
    bundle.check(lambda _: None)
    return bundle


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidFileError) as caught:
        opened(content)
    assert caught.value.hint is not None
    assert all(line.startswith("x.bundle: ") for line in caught.value.problems)
    return str(caught.value)


def changed(**changes: Any) -> bytes:  # noqa: ANN401 - JSON
    return packed(HELD, {**CONTENTS, **changes})


def link(name: str, to: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, to
    return info


def archive(info: tarfile.TarInfo, content: bytes = b"") -> bytes:
    """Return a bundle that begins with a member made by hand."""
    return info.tobuf(tarfile.GNU_FORMAT) + content + tars.padding(len(content)) + SOUND


def test_a_sound_bundle_is_opened_and_its_files_come_out(tmp_path: Path) -> None:
    bundle = opened(SOUND)
    bundle.unpack(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.yaml")] == [
        TOPOLOGY.removeprefix("files/")
    ]
    assert len(bundle.seal) == 64


def test_a_bundle_cut_anywhere_is_refused() -> None:
    for end in range(0, len(SOUND) - tars.BLOCK, 100):
        refusal(SOUND[:end])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SOUND) * 8 - 1))
def test_a_bundle_with_one_bit_changed_is_refused_or_means_the_same(bit: int) -> None:
    """What no check sees is what no reader heeds: owners and dates in headers."""
    wrong = bytearray(SOUND)
    wrong[bit // 8] ^= 1 << (bit % 8)
    try:
        bundle = opened(bytes(wrong))
    except InvalidFileError:
        return
    assert bundle.seal == opened(SOUND).seal


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "/etc/passwd", "files/../../x", "files/topologies/../x", "files/topologies/.x"),
        *("files/etc/passwd", "layers/x.tar", "x", "files/roles/a b", "files/topologies/a\nb"),
    ],
)
def test_no_member_leads_elsewhere(name: str) -> None:
    held = {**HELD, name: b"x"}
    assert "no such place" in refusal(packed(held, manifest(held, LAYER)))


def test_a_foreign_file_is_refused() -> None:
    held = {**HELD, "files/docs/more.md": b"x"}
    assert "files/docs/more.md: a foreign file" in refusal(packed(held, CONTENTS))


def test_what_is_listed_must_be_there() -> None:
    held = {name: content for name, content in HELD.items() if name != TOPOLOGY}
    assert f"{TOPOLOGY}: not in it" in refusal(packed(held, CONTENTS))


def test_other_content_is_refused() -> None:
    held = {**HELD, TOPOLOGY: b"version: 2\n"}
    assert f"{TOPOLOGY}: not what the manifest says it is" in refusal(packed(held, CONTENTS))


def test_links_and_other_odd_members_are_refused() -> None:
    assert "not a plain file" in refusal(archive(link("files/topologies/x.yaml", "/etc/passwd")))
    sparse = tarfile.TarInfo("files/docs/x")
    sparse.type = tarfile.GNUTYPE_SPARSE
    assert "not a plain file" in refusal(archive(sparse))
    large = tarfile.TarInfo("x")
    large.type, large.size = tarfile.XHDTYPE, 1 << 40
    assert "goes on after the end" in refusal(archive(large))


def test_a_member_twice_is_refused() -> None:
    again = tars.header(TOPOLOGY, 0)
    assert "twice" in refusal(again + SOUND)


def test_what_follows_the_end_is_refused() -> None:
    assert "something follows its end" in refusal(SOUND + SOUND)
    assert "something follows its end" in refusal(SOUND + bytes(1 << 20))


def test_members_without_number_are_not_counted_to_their_end() -> None:
    many = b"".join(tars.header(f"files/docs/{number}", 0) for number in range(11_000))
    assert "more than 10000 members" in refusal(many + SOUND)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"format": 2}', b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"1e999"],
    ids=range(8),
)
def test_whatever_stands_in_the_manifest_is_refused(text: bytes) -> None:
    assert "manifest.json" in refusal(packed(HELD, text))


def test_a_manifest_without_end_is_refused() -> None:
    assert "too long a manifest" in refusal(packed(HELD, b" " * (9 << 20)))


def test_images_have_names_of_ours() -> None:
    image = CONTENTS["images"][0]
    for tag in ("debian:bookworm", "rangectl/base:latest", "rangectl/agent:" + "0" * 24):
        assert "images.0.tag" in refusal(changed(images=[{**image, "tag": tag}]))
    assert "twice" in refusal(changed(images=[image, image]))


def test_layers_that_no_image_has_are_refused() -> None:
    held = {**HELD, **members(layer(text=b"more"), settings=config(LAYER))}
    assert "no image has it" in refusal(packed(held, manifest(held, LAYER)))


def test_a_configuration_of_other_layers_is_refused() -> None:
    held = members(LAYER, settings=config(layer(text=b"others")))
    assert "its layers are others" in refusal(packed(held, manifest(held, LAYER)))


@pytest.mark.parametrize(
    ("settings_", "why"),
    [
        (config(LAYER, Volumes={"/etc": {}}), "it sets Volumes"),
        (config(LAYER, Healthcheck={"Test": ["CMD", "x"]}), "it sets Healthcheck"),
        (config(LAYER, OnBuild=["RUN x"]), "it sets OnBuild"),
        (config(LAYER, User="daemon"), "it sets User"),
        (config(LAYER, Labels={}), "rangectl did not make it"),
        (config(LAYER).replace(b"amd64", b"arm64"), "not for linux on amd64"),
        (json.dumps([]).encode(), "its configuration is none"),
        (b"[" * 5000, "its configuration is none"),
    ],
)
def test_an_image_that_rangectl_did_not_make_is_refused(settings_: bytes, why: str) -> None:
    held = members(LAYER, settings=settings_)
    assert why in refusal(packed(held, manifest(held, LAYER)))


def sparse_record(records: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as made:
        info = tarfile.TarInfo("x")
        info.pax_headers = records
        made.addfile(info)
    return buffer.getvalue()


def test_layers_that_are_larger_than_they_look_are_refused() -> None:
    assert "larger than it looks" in refusal(with_layer(sparse_record({"GNU.sparse.major": "1"})))
    assert "larger than it looks" in refusal(with_layer(sparse_record({"size": str(1 << 50)})))
    assert "no header" in refusal(with_layer(zipped(LAYER)))
    old = tarfile.TarInfo("x")
    old.type = tarfile.GNUTYPE_SPARSE
    assert "is of kind b'S'" in refusal(with_layer(layer(old)))
    assert "leads out of it" in refusal(with_layer(layer(link("a/../../b", "x"))))


def test_links_and_attributes_in_layers_are_as_good_as_files() -> None:
    opened(with_layer(layer(link("bin/sh", "../../bin/dash"), link("long" * 50, "x"))))
    opened(with_layer(sparse_record({"SCHILY.xattr.security.capability": "\0\1"})))
