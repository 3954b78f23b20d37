"""Certificates of authorities whose private half is thrown away as soon as they are signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rangectl.implants.chooser import Chooser


def certificate(choose: Chooser, name: str, now: datetime) -> str:
    """Return an authority's certificate as PEM; the same draws give the same bytes."""
    key = Ed25519PrivateKey.from_private_bytes(choose.bytes(32))
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Velmora"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name.replace('-', ' ').title()} Root"),
        ]
    )
    begin = now.astimezone(UTC).replace(microsecond=0) - timedelta(days=30 + choose.below(900))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(choose.bytes(16), "big") >> 1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    return made.public_bytes(Encoding.PEM).decode().rstrip("\n")
