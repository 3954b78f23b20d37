"""What counts as outside of a range."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from rangectl.app.contain import OUTSIDE, OUTSIDE_NAME, Aim
from rangectl.errors import UsageError


def aim(address: str | None, name: str | None) -> Aim:
    """Return what counts as outside; UsageError for what is no IPv4 address."""
    try:
        given = str(IPv4Address(address or OUTSIDE))
    except AddressValueError as error:
        message = f"--outside: {error}"
        raise UsageError(message, hint=f"write an IPv4 address, such as {OUTSIDE}") from error
    return Aim(given, name or OUTSIDE_NAME)
