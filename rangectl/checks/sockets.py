"""Checks of services over sockets that someone else connected; servers may be hostile."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from typing import assert_never

from rangectl.checks.links import TooMuchError, encrypted, guarded, said
from rangectl.model.topology import CheckKind, Service

Dial = Callable[[str, str, int, str], socket.socket]
Talk = Callable[[socket.socket, str, Service], str | None]
_PATIENCE = 5.0
_DATAGRAMS: tuple[CheckKind, ...] = ("dns", "snmp")
# They would log what hostile servers say, with tracebacks.
for _name in ("paramiko", "smbprotocol", "spnego", "pymodbus", "pymodbus.logging"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class SocketChecker:
    """A `Checker`; every check ends in time and reads a bounded number of bytes."""

    def __init__(self, dial: Dial) -> None:
        """`dial` takes a client's container, an address, a port and `tcp` or `udp`."""
        self._dial = dial

    def check(
        self, client: str, address: str, service: Service, seconds: float | None = None
    ) -> str | None:
        """Return None when the service answers as it must, else what was wrong; RangeError where it
        could not be asked.
        """
        patience = _PATIENCE if seconds is None else seconds
        proto = "udp" if service.check in _DATAGRAMS else "tcp"
        try:
            dialled = self._dial(client, address, service.port, proto)
        except OSError as error:
            return f"no connection: {error}"
        with guarded(dialled, patience) as (link, late):
            try:
                talk = _talk(service.check)
                wrong = talk(encrypted(link, address) if service.tls else link, address, service)
            except TooMuchError as error:
                wrong = f"an answer without end: {said(error)}"
            except Exception as error:  # noqa: BLE001 - libraries stumble in many ways over nonsense
                wrong = f"an answer that makes no sense: {said(error)}"
        return f"no end of the answer within {patience:g} s" if late.is_set() else wrong


def _talk(kind: CheckKind) -> Talk:  # noqa: C901, PLR0911, PLR0912 - one case for each kind
    """Return how a kind of service is spoken to; its library is loaded now."""
    match kind:
        case "tcp":
            from rangectl.checks import web

            return web.check_tcp
        case "http":
            from rangectl.checks import web

            return web.check_http
        case "dns":
            from rangectl.checks import names

            return names.check_dns
        case "ssh":
            from rangectl.checks import shells

            return shells.check_ssh
        case "smtp":
            from rangectl.checks import post

            return post.check_smtp
        case "imap":
            from rangectl.checks import post

            return post.check_imap
        case "ldap":
            from rangectl.checks import directory

            return directory.check_ldap
        case "smb":
            from rangectl.checks import shares

            return shares.check_smb
        case "sql":
            from rangectl.checks import databases

            return databases.check_sql
        case "modbus":
            from rangectl.checks import devices

            return devices.check_modbus
        case "iec104":
            from rangectl.checks import devices

            return devices.check_iec104
        case "snmp":
            from rangectl.checks import snmp

            return snmp.check_snmp
        case "dicom":
            from rangectl.checks import dicom

            return dicom.check_dicom
        case _:
            assert_never(kind)
