"""Keys that follow from a range's secret, in the forms that OpenSSH reads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
    load_ssh_public_key,
)

from rangectl.plan.keys import derive, fingerprint, key_pair

PAIR = key_pair("secret", "hunter", "hunter@site")


def test_the_private_key_is_one_that_openssh_reads() -> None:
    key = load_ssh_private_key(PAIR.private, password=None)
    assert isinstance(key, Ed25519PrivateKey)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert PAIR.public == f"{public} hunter@site"


@pytest.mark.parametrize("comment", ["", "a", "ab@c", "root@desk-1", "a" * 31])
def test_a_comment_of_any_length_is_padded_right(comment: str) -> None:
    pair = key_pair("secret", "hunter", comment)
    load_ssh_private_key(pair.private, password=None)
    load_ssh_public_key(pair.public.encode())


def test_what_is_signed_with_the_private_key_the_public_one_verifies() -> None:
    key = load_ssh_private_key(PAIR.private, password=None)
    public = load_ssh_public_key(PAIR.public.encode())
    assert isinstance(key, Ed25519PrivateKey)
    assert isinstance(public, Ed25519PublicKey)
    public.verify(key.sign(b"text"), b"text")


def test_the_same_secret_and_purpose_give_the_same_bytes() -> None:
    assert key_pair("secret", "hunter", "hunter@site") == PAIR


@pytest.mark.parametrize(("secret", "purpose"), [("other", "hunter"), ("secret", "partner")])
def test_another_secret_or_purpose_gives_another_key(secret: str, purpose: str) -> None:
    assert key_pair(secret, purpose, "hunter@site").fingerprint != PAIR.fingerprint


def test_the_fingerprint_is_the_one_that_ssh_keygen_shows(tmp_path: Path) -> None:
    file = tmp_path / "key.pub"
    file.write_text(PAIR.public + "\n")
    words = ["ssh-keygen", "-lf", str(file)]
    shown = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
    assert PAIR.fingerprint == shown.stdout.split()[1]


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 not*base64"])
def test_what_is_no_key_has_no_fingerprint(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        fingerprint(line)


def test_derived_bytes_differ_by_purpose() -> None:
    assert len(derive("secret", "lease")) == 32
    assert derive("secret", "lease") == derive("secret", "lease") != derive("secret", "compose")
