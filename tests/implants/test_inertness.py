import re

import pytest

from rangectl.implants.inertness import problems
from rangectl.plan.probing import Write
from tests.implants import samples
from tests.implants.samples import PROGRAM, PROGRAMS

AT_TOP = {
    "exec": "exec('x')",
    "eval": "eval('x')",
    "compile": "compile('x', 'x', 'exec')",
    "import function": "__import__('os')",
    "getattr": "getattr(socket, 'socket')",
    "setattr": "setattr(socket, 'x', 1)",
    "globals": "globals()",
    "vars": "vars(socket)",
    "import os": "import os",
    "import subprocess": "import subprocess",
    "import ctypes": "import ctypes",
    "import importlib": "import importlib",
    "import pty": "import pty",
    "import under another name": "import json as os",
    "import from": "from os import system",
    "submodule": "import os.path",
    "dunder attribute": "json.__loader__",
    "dunder of a value": "().__class__",
    "dunder name": "x = __builtins__",
    "module of a module": "json.codecs.open",
    "module in a module": "random._os.system('id')",
    "listening": "socket.create_server((ADDRESS, PORT))",
    "raw socket": "socket.socket()",
    "another address": "socket.create_connection(('198.51.100.9', 80), timeout=5)",
    "another port": "socket.create_connection((ADDRESS, 22), timeout=5)",
    "source address": "socket.create_connection((ADDRESS, PORT), 5, ('', 1))",
    "connection alias": "dial = socket.create_connection\ndial(('198.51.100.9', 80))",
    "address bound anew": "ADDRESS = '198.51.100.9'",
    "address from elsewhere": "ADDRESS = sys.argv[1]",
    "address loop": "for ADDRESS in sys.argv:\n    pass",
    "module bound anew": "json = socket",
    "builtin bound anew": "open = len",
    "write": "open(KEY, 'w')",
    "append": "open(KEY, 'ab')",
    "mode in a name": "mode = 'w'\nopen(KEY, mode)",
    "mode as option": "open(KEY, mode='w')",
    "another file": "open('/etc/shadow', 'r')",
    "opener": "open(KEY, 'r', opener=len)",
    "open passed on": "x = open",
    "unbounded read": "open(KEY, 'rb').read()",
    "lambda": "x = lambda: 1",
    "decorator": "@allowed\ndef f():\n    pass",
    "class": "class A:\n    pass",
    "comprehension": "[x for x in (1, 2)]",
    "formatted text": "f'{KEY}'",
    "walrus": "(x := 1)",
    "global": "def f():\n    global PORT\n    PORT = 1",
    "delete": "del KEY",
    "yield": "def f():\n    yield 1",
    "async": "async def f():\n    pass",
    "unpacked arguments": "len(*sys.argv)",
    "unpacked options": "open(KEY, 'r', **{'opener': len})",
    "attribute set": "socket.timeout = 1",
    "subscript set": "sys.argv[0] = 'x'",
    "default argument": "def f(x=ADDRESS):\n    pass",
    "loop without lease": "while True:\n    time.sleep(PERIOD * (1 + JITTER))",
    "loop without sleep": "while allowed():\n    ask()",
    "bare except": "try:\n    pass\nexcept:\n    pass",
    "called value": "(allowed or ask)()",
    "format method": "'{0.x}'.format(socket)",
    "raise": "raise OSError",
    "listening for packets": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('', 53))",
    "accepting": "socket.create_connection((ADDRESS, PORT), timeout=5).accept()",
    "stream socket": "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "every packet": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "raw packets": "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
    "packet elsewhere": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('198.51.100.9', 53))"
    ),
    "many ports": f"for port in {tuple(range(1, 22))}:\n    pass",
    "any port": "for port in sys.argv:\n    pass",
    "port bound": "port = 22",
    "flood": "x = b'x' * 65537",
    "flood by a name": "x = b'x' * PORT",
    "much memory": "x = bytes(1000000000)",
    "server in TLS": "ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)",
    "TLS of a server": "ssl._create_unverified_context().wrap_socket(x, server_side=True)",
    "certificate of the host": "ssl._create_unverified_context(certfile=KEY)",
    "answer read as a file": (
        "with ssl._create_unverified_context().wrap_socket(x) as link:\n    y = link.read(256)"
    ),
    "answer read under a file's name": (
        "source = ssl._create_unverified_context().wrap_socket(x)\ny = source.read(256)"
    ),
    "a function defined anew": "def allowed():\n    return 1",
    "a function called as a constant": "def ADDRESS():\n    pass",
    "a loop that calls itself": "def again():\n    ask()\n    again()",
    "a loop of two": "def one():\n    two()\ndef two():\n    one()",
    "asking without lease": "ask()",
    "asking in a loop": "for x in 'abc':\n    ask()",
    "flood in two steps": "x = b'x' * 65536 * 65536",
    "flood by a name that grew": "x = b'x' * 65536\ny = x * 65536",
    "flood by doubling": "x = b'x'\nfor y in 'abc':\n    x = x + x",
    "a loop without a pause": "while allowed():\n    time.sleep(PERIOD * 0)",
    "a loop in a loop": (
        "while allowed():\n    for x in 'abc':\n        ask()\n"
        "    time.sleep(PERIOD * (1 + JITTER * random.uniform(-1, 1)))"
    ),
}


def test_the_activity_program_is_inert() -> None:
    assert problems(PROGRAM) == ()


@pytest.mark.parametrize("added", AT_TOP.values(), ids=AT_TOP.keys())
def test_a_forbidden_construct_is_refused(added: str) -> None:
    found = problems(PROGRAM + added + "\n")
    assert found
    assert all(re.match(r"line [0-9]+: .*[a-z]{3}", one) for one in found), found


WORDS = '    """Send the request, take the beginning of the answer and forget it."""\n'


@pytest.mark.parametrize("added", AT_TOP.values(), ids=AT_TOP.keys())
def test_a_forbidden_construct_in_how_it_asks_is_refused(added: str) -> None:
    inside = "".join(f"    {line}\n" for line in added.splitlines())
    assert problems(PROGRAM.replace(WORDS, WORDS + inside))


def test_how_it_asks_may_differ() -> None:
    assert problems(PROGRAM.replace(WORDS, WORDS + "    x = len(URI)\n")) == ()


SWAPS = {
    "answer kept": ("            link.recv(256)", "            answer = link.recv(256)"),
    "answer returned": ("            link.recv(256)", "            return link.recv(256)"),
    "answer sent on": ("            link.recv(256)", "            link.sendall(link.recv(256))"),
    "too much": ("recv(256)", "recv(257)"),
    "size not literal": ("recv(256)", "recv(PORT)"),
    "receive passed on": ("            link.recv(256)", "            x = link.recv"),
    "multicast": ('ADDRESS = "192.0.2.1"', 'ADDRESS = "224.0.0.1"'),
    "this host": ('ADDRESS = "192.0.2.1"', 'ADDRESS = "127.0.0.1"'),
    "no host": ('ADDRESS = "192.0.2.1"', 'ADDRESS = "0.0.0.0"'),
    "all hosts": ('ADDRESS = "192.0.2.1"', 'ADDRESS = "255.255.255.255"'),
    "a lease that is not asked": ("return len(key) == 32 and signed(key, lease)", "return 1"),
    "a name for an address": ('ADDRESS = "192.0.2.1"', 'ADDRESS = "example.com"'),
    "header injection": ('URI = "/"', 'URI = "/\\r\\nX: y"'),
    "no pause": ("PERIOD = 60.0", "PERIOD = 0.0"),
    "another lease": ('"/var/lib/siteops/lease.json"', '"/tmp/lease.json"'),
    "a missing constant": ("JITTER = 0.0\n", ""),
    "not a program": ("def main():", "def main(:"),
}


@pytest.mark.parametrize(("old", "new"), SWAPS.values(), ids=SWAPS.keys())
def test_a_changed_program_is_refused(old: str, new: str) -> None:
    assert old in PROGRAM
    assert problems(PROGRAM.replace(old, new))


@pytest.mark.parametrize("says", PROGRAMS)
def test_every_form_of_the_activity_program_is_inert(says: str) -> None:
    assert problems(PROGRAMS[says]) == ()


def test_a_problem_names_its_line() -> None:
    line = PROGRAM[: PROGRAM.index(WORDS)].count("\n") + 2
    assert problems(PROGRAM.replace(WORDS, WORDS + "    x = sys.path\n")) == (
        f"line {line}: sys.path is not allowed",
    )


def test_every_program_that_is_planted_is_inert() -> None:
    programs = [
        edit.content.decode()
        for item in samples.items()
        for edit in item.edits
        if isinstance(edit, Write) and edit.content.startswith(b"#!/usr/bin/python3")
    ]
    assert len(programs) > 5
    assert [problems(one) for one in programs] == [()] * len(programs)
