"""Speaks for a device: answers what asks, and changes nothing, whatever it is told.

Modbus is pymodbus'. The rest says no more than a scanner and a client need to be content. SNMP and
DICOM have servers of their own.
"""

import asyncio
import os
import random
import socket
import struct

MODEL = os.environ.get("MODEL", "Device")
HOST = socket.gethostname()
LARGEST = 4096
PATIENCE = 60
NOBODY = 65534


def registers():
    """Return the holding registers: those given, then values that are the device's own."""
    own = random.Random(HOST)
    given = [int(word) for word in os.environ.get("REGISTERS", "").split(",") if word.strip()]
    return (given + [own.randrange(200, 5000) for _ in range(64)])[:64]


async def modbus():
    """Answer reads of coils and registers; take writes and forget them."""
    from pymodbus.datastore import (
        ModbusSequentialDataBlock,
        ModbusServerContext,
        ModbusSlaveContext,
    )
    from pymodbus.device import ModbusDeviceIdentification
    from pymodbus.server.async_io import ModbusTcpServer

    class Unit(ModbusSlaveContext):
        said = (0,)

        def setValues(self, fc_as_hex, address, values):
            self.said = list(values)

        def getValues(self, fc_as_hex, address, count=1):
            if fc_as_hex in {5, 6}:  # what the answer to a write repeats
                return self.said
            return super().getValues(fc_as_hex, address, count)

    values = registers()
    bits = [value & 1 for value in values]
    unit = Unit(
        di=ModbusSequentialDataBlock(0, bits),
        co=ModbusSequentialDataBlock(0, bits),
        hr=ModbusSequentialDataBlock(0, values),
        ir=ModbusSequentialDataBlock(0, values),
        zero_mode=True,
    )
    vendor, _, product = MODEL.partition(" ")
    identity = ModbusDeviceIdentification(
        info_name={"VendorName": vendor, "ProductCode": product, "MajorMinorRevision": "2.4"}
    )
    server = ModbusTcpServer(
        ModbusServerContext(slaves=unit, single=True), identity=identity, address=("0.0.0.0", 502)
    )
    serving = asyncio.create_task(server.serve_forever())
    await asyncio.sleep(0.2)
    return serving


def conversation(answer, *, once=False):
    """Make a server's handler of what answers a message: once, or until the other end goes."""

    async def handle(reader, writer):
        try:
            while True:
                message = await asyncio.wait_for(reader.read(LARGEST), PATIENCE)
                reply = answer(message) if message else None
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
                if once:
                    break
        except (OSError, TimeoutError):
            pass
        finally:
            writer.close()

    return handle


def http(message):
    """Answer a request with the page that devices have."""
    if b"\r\n\r\n" not in message and b"\n\n" not in message:
        return None
    path = [*message.split(b" ", 2), b"", b""][1]
    status, text = (
        "200 OK",
        f"<html><head><title>{MODEL}</title></head><body><h1>{MODEL}</h1><p>{HOST}</p></body></html>\n",
    )
    if path.startswith((b"/config", b"/admin", b"/cgi-bin")):
        status, text = "401 Unauthorized", "<html><body>401 Unauthorized</body></html>\n"
    head = f"HTTP/1.1 {status}\r\nServer: {MODEL.split()[0]}\r\nContent-Type: text/html\r\n"
    if status.startswith("401"):
        head += f'WWW-Authenticate: Basic realm="{MODEL}"\r\n'
    head += f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    return (head if message.startswith(b"HEAD ") else head + text).encode()


def rtsp(message):
    """Say what a camera can do, and ask for a login when it is to show something."""
    words = message.decode("ascii", "replace").split()
    number = next(
        (words[at + 1] for at, word in enumerate(words[:-1]) if word.lower() == "cseq:"), "1"
    )
    if words[:1] == ["OPTIONS"]:
        verbs = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"
        return f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nPublic: {verbs}\r\n\r\n".encode()
    if not message.endswith(b"\r\n\r\n"):
        return None
    realm = f'WWW-Authenticate: Basic realm="{MODEL}"'
    return f"RTSP/1.0 401 Unauthorized\r\nCSeq: {number}\r\n{realm}\r\n\r\n".encode()


def printer(message):
    """Name the printer when asked in its job language; jobs vanish."""
    return f'@PJL INFO ID\r\n"{MODEL}"\r\n\x0c'.encode() if b"INFO ID" in message.upper() else b""


def tacacs(_):
    """Hang up: who asks has no key of this server."""


U_FRAMES = {0x07: 0x0B, 0x13: 0x23, 0x43: 0x83}
INTERROGATION, ACTIVATED, ENDED, REFUSED, ASKED_FOR = 100, 7, 10, 0x47, 20


async def station(reader, writer):
    """Speak IEC 60870-5-104: start, test, answer an interrogation, refuse every command."""
    sent = received = 0

    def tell(content):
        nonlocal sent
        head = struct.pack("<BBHH", 0x68, len(content) + 4, sent << 1, received << 1)
        writer.write(head + content)
        sent = (sent + 1) & 0x7FFF

    try:
        while True:
            start, size = await asyncio.wait_for(reader.readexactly(2), PATIENCE)
            if start != 0x68 or not 4 <= size <= 253:
                break
            frame = await asyncio.wait_for(reader.readexactly(size), PATIENCE)
            if frame[0] & 3 == 3:
                if answer := U_FRAMES.get(frame[0]):
                    writer.write(bytes([0x68, 4, answer, 0, 0, 0]))
            elif not frame[0] & 1:
                received = (received + 1) & 0x7FFF
                for content in told(frame[4:]):
                    tell(content)
            await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def told(asdu):
    """Return what a station says to a unit of data: its measurands when it is interrogated."""
    if len(asdu) < 6:
        return
    kind, unit, rest = asdu[0], asdu[4:6], asdu[6:]
    if kind != INTERROGATION:
        yield bytes([kind, asdu[1], REFUSED, asdu[3]]) + unit + rest
        return
    yield bytes([kind, 1, ACTIVATED, 0]) + unit + rest
    for number, value in enumerate(registers()[:8]):
        place = struct.pack("<I", 1001 + number)[:3]
        yield bytes([13, 1, ASKED_FOR, 0]) + unit + place + struct.pack("<fB", value / 10, 0)
    yield bytes([kind, 1, ENDED, 0]) + unit + rest


SERVERS = {
    "http": (80, conversation(http, once=True)),
    "iec104": (2404, station),
    "printer": (9100, conversation(printer)),
    "rtsp": (554, conversation(rtsp)),
    "tacacs": (49, conversation(tacacs)),
}


async def main():
    """Open what is spoken, become nobody, and answer for ever."""
    words = os.environ.get("SPEAKS", "http").split()
    kept = [await modbus()] if "modbus" in words else []
    for word in words:
        if word in SERVERS:
            port, handle = SERVERS[word]
            kept.append(await asyncio.start_server(handle, "0.0.0.0", port, limit=LARGEST))
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    await asyncio.Event().wait()


asyncio.run(main())
