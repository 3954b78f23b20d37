"""Devices of a plant, of a hospital and of a network, in as much of their protocols as is asked."""

from __future__ import annotations

import socket
import struct

import pytest
from pymodbus.exceptions import ConnectionException

from rangectl.checks import devices, dicom, snmp
from rangectl.model.topology import Expect
from tests.checks.servers import Serve, check, script, served

REGISTERS = {0: 17, 3: 400}
STARTED = bytes.fromhex("68040b000000")


def modbus(link: socket.socket) -> None:
    while request := link.recv(260):
        transaction, _, _, unit, function, register, _ = struct.unpack(">HHHBBHH", request)
        if register in REGISTERS:
            answer = struct.pack(">BBBH", unit, function, 2, REGISTERS[register])
        else:
            answer = struct.pack(">BBB", unit, function | 0x80, 2)
        link.sendall(struct.pack(">HHH", transaction, 0, len(answer)) + answer)


@pytest.mark.parametrize("registers", [{}, {0: 17}, {0: 17, 3: 400}])
def test_a_device_with_the_wanted_registers_is_up(registers: dict[int, int]) -> None:
    with served(modbus) as port:
        assert check("modbus", port, Expect(registers=registers)) is None


@pytest.mark.parametrize(
    ("registers", "said"),
    [({0: 18}, "register 0 is 17, not 18"), ({9: 1}, "register 9 cannot be read")],
)
def test_a_device_with_other_registers_is_down(registers: dict[int, int], said: str) -> None:
    with served(modbus) as port:
        assert check("modbus", port, Expect(registers=registers)) == said


def test_a_client_whose_link_is_gone_opens_no_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        near, far = socket.socketpair()
        client = devices.Modbus(near, "127.0.0.1")
        client.comm_params.port = listener.getsockname()[1]
        near.close()
        client.socket = None
        with far, pytest.raises(ConnectionException):
            client.read_holding_registers(0)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_station_that_confirms_its_start_is_up() -> None:
    with served(script(STARTED)) as port:
        assert check("iec104", port) is None


def test_a_station_that_confirms_something_else_is_down() -> None:
    with served(script(STARTED[:2] + b"\x43\x00\x00\x00")) as port:
        assert "no confirmation" in (check("iec104", port) or "")


def described(name: str, trouble: int = 0) -> Serve:
    """Serve one description over SNMP."""

    def serve(link: socket.socket) -> None:
        asked, sender = link.recvfrom(4096)
        value = b"\x04" + bytes([len(name)]) + name.encode()
        # The question, as an answer, with the value in the place of nothing.
        body = asked[2:-2].replace(b"\xa0", b"\xa2", 1) + value
        grown = len(value) - 2
        lengths = [1, body.index(b"\xa2") + 3]
        answer = bytearray(asked[:2] + body)
        answer[1] += grown
        answer[lengths[1]] += grown
        at = answer.index(b"\x02\x01\x00\x02\x01\x00")
        answer[at + 2] = trouble
        answer[at + 7] += grown
        answer[at + 9] += grown
        link.sendto(bytes(answer), sender)

    return serve


@pytest.mark.parametrize("expect", [Expect(), Expect(value="core01")])
def test_a_device_that_describes_itself_is_up(expect: Expect) -> None:
    with served(described("router core01"), socket.SOCK_DGRAM) as port:
        assert check("snmp", port, expect) is None


def test_a_device_that_is_another_is_down() -> None:
    with served(described("router core02"), socket.SOCK_DGRAM) as port:
        found = check("snmp", port, Expect(value="core01"))
    assert found == "it answers 'router core02', not 'core01'"


def test_a_device_that_knows_no_such_object_is_down() -> None:
    with served(described("x", trouble=2), socket.SOCK_DGRAM) as port:
        assert check("snmp", port) == "no SNMP answer that fits"


def test_the_question_is_as_others_write_it() -> None:
    # snmpget -v2c -c public HOST 1.3.6.1.2.1.1.1.0, with our number
    assert snmp.question("1.3.6.1.2.1.1.1.0").hex() == (
        "302702010104067075626c6963a01a02022a5c020100020100300e300c06082b060102010101000500"
    )


def unit(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxL", kind, len(content)) + content


def echoed(status: int) -> bytes:
    command = struct.pack("<HHLH", 0, 0x0100, 2, 0x8030) + struct.pack(
        "<HHLH", 0, 0x0900, 2, status
    )
    return unit(4, struct.pack(">LBB", len(command) + 2, 1, 3) + command)


def test_an_imaging_node_that_echoes_is_up() -> None:
    with served(script(unit(2, bytes(68)), echoed(0))) as port:
        assert check("dicom", port, title="PACS") is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((unit(3, bytes(4)),), "it accepts no association with PACS"),
        ((unit(7, bytes(4)),), "no DICOM answer: a unit of kind 7"),
        ((unit(2, bytes(68)), echoed(0x0122)), "no answer to the echo"),
        ((unit(2, bytes(68)), unit(4, bytes(9))), "no answer to the echo"),
        ((unit(2, bytes(68)),), "it hangs up"),
    ],
)
def test_an_imaging_node_that_does_not_is_down(answers: tuple[bytes, ...], said: str) -> None:
    def serve(link: socket.socket) -> None:
        for answer in answers:
            link.recv(4096)
            link.sendall(answer)

    with served(serve) as port:
        assert check("dicom", port, title="PACS") == said


def test_an_association_names_both_ends() -> None:
    wanted = dicom.association("PACS")
    assert wanted[10:42] == b"PACS".ljust(16) + b"MONITOR".ljust(16)
    assert len(wanted) == 6 + struct.unpack(">L", wanted[2:6])[0]
