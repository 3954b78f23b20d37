"""Industrial devices."""

from __future__ import annotations

import socket

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException

from rangectl.checks.links import plain, said
from rangectl.model.topology import Service

_START = bytes.fromhex("680407000000")
_STARTED = bytes.fromhex("68040b000000")


class Modbus(ModbusTcpClient):
    """A client on a socket that is connected already."""

    def __init__(self, link: socket.socket, address: str) -> None:
        super().__init__(address, timeout=link.gettimeout() or 1, retries=0)
        self.socket = link

    def connect(self) -> bool:
        """Say whether it still is; the library would open a socket of its own."""
        return self.socket is not None


def check_modbus(link: socket.socket, address: str, service: Service) -> str | None:
    """Read the holding registers that are expected.

    Without any the first is read, and a refusal is an answer like any other.
    """
    client = Modbus(link, address)
    try:
        if not service.expect.registers:
            client.read_holding_registers(0)
        for register, wanted in service.expect.registers.items():
            found = client.read_holding_registers(register)
            if found.isError():
                return f"register {register} cannot be read"
            if found.registers != [wanted]:
                return f"register {register} is {found.registers[0]}, not {wanted}"
    except ModbusException as error:
        return f"no Modbus answer: {said(error)}"
    return None


def check_iec104(link: socket.socket, _: str, __: Service) -> str | None:
    """Ask a station to start its data transfer, as a control centre does first."""
    link.sendall(_START)
    heard = b""
    while len(heard) < len(_STARTED):
        part = link.recv(len(_STARTED) - len(heard))
        if not part:
            return "it hangs up"
        heard += part
    return None if heard == _STARTED else f"no confirmation of the start: {plain(heard.hex())}"
