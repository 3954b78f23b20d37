"""File shares: as far as a server can be written here; real ones stand in the tests of ranges."""

from __future__ import annotations

import socket
import struct
import uuid

from smbprotocol.connection import (
    Capabilities,
    Commands,
    Dialects,
    NtStatus,
    SecurityMode,
    SMB2NegotiateResponse,
)
from smbprotocol.header import Smb2Flags, SMB2HeaderResponse
from spnego import _ntlm as ntlm

from rangectl.model.topology import Expect, Login
from tests.checks.servers import check, served


def receive(link: socket.socket) -> bytes:
    head = link.recv(4, socket.MSG_WAITALL)
    if not head:
        raise EOFError
    size = struct.unpack(">L", head)[0]
    return link.recv(size, socket.MSG_WAITALL)


def negotiates(link: socket.socket) -> None:
    """Agree on a dialect, and refuse everything after that."""
    reply = SMB2NegotiateResponse()
    reply["security_mode"] = SecurityMode.SMB2_NEGOTIATE_SIGNING_ENABLED
    reply["dialect_revision"] = Dialects.SMB_2_1_0
    reply["server_guid"] = uuid.UUID(int=7)
    reply["capabilities"] = Capabilities.SMB2_GLOBAL_CAP_LARGE_MTU
    reply["max_transact_size"] = reply["max_read_size"] = reply["max_write_size"] = 65536
    for command, status, data in (
        (Commands.SMB2_NEGOTIATE, NtStatus.STATUS_SUCCESS, reply.pack()),
        (Commands.SMB2_SESSION_SETUP, NtStatus.STATUS_LOGON_FAILURE, struct.pack("<HHL", 9, 0, 0)),
    ):
        asked = receive(link)
        header = SMB2HeaderResponse()
        header["command"] = command
        header["status"] = status
        header["credit_response"] = 32
        header["flags"].set_flag(Smb2Flags.SMB2_FLAGS_SERVER_TO_REDIR)
        header["message_id"] = struct.unpack("<Q", asked[24:32])[0]
        header["data"] = data
        answer = header.pack()
        link.sendall(struct.pack(">L", len(answer)) + answer)
    receive(link)


def test_a_server_that_negotiates_is_up() -> None:
    with served(negotiates) as port:
        assert check("smb", port) is None


def test_a_share_that_does_not_let_in_is_down() -> None:
    login = Login(user="jreik", password="winter")  # noqa: S106 - nobody's
    with served(negotiates) as port:
        found = check("smb", port, Expect(share="public"), login=login)
    assert "no SMB answer" in (found or "")
    assert "STATUS_LOGON_FAILURE" in (found or "")


def test_what_this_machine_is_called_is_told_to_no_server() -> None:
    assert ntlm._get_workstation() == "MONITOR"
