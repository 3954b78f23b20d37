"""Proof by reading that the activity program can only ask one address and forget the answer.

What is not on a list below is refused: the lists name what the program may import, call, read from
a module and receive. Its frame, which reads the lease, waits and begins anew, is as somebody read
it, to the letter; only how it asks differs, and that part may neither wait, nor read, nor go on.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from rangectl.implants.lease import LEASE_PATH
from rangectl.plan.personal import LEASE_KEY

CONSTANTS = ("ADDRESS", "PORT", "HOST", "AGENT", "URI", "PERIOD", "JITTER", "KEY", "LEASE")
"""The names that stand for literals at the top of the program."""

MODULES = frozenset(
    {"fcntl", "hashlib", "hmac", "ipaddress", "json", "random", "socket", "ssl", "sys", "time"}
)
OF_MODULES = frozenset(
    {
        *("fcntl.flock", "fcntl.LOCK_EX", "fcntl.LOCK_NB", "hashlib.sha256", "hmac.new"),
        *("hmac.compare_digest", "ipaddress.ip_address", "ipaddress.ip_network", "json.dumps"),
        *("json.loads", "random.uniform", "socket.create_connection", "sys.argv", "sys.exit"),
        *("time.time", "time.sleep", "bytes.fromhex", "ssl._create_unverified_context"),
        *("socket.socket", "socket.AF_INET", "socket.SOCK_DGRAM", "socket.IPPROTO_ICMP"),
    }
)
AUDITED = {
    "signed": "75be8cdacfbcba1a04a5c16c9d86bdf2675086a29e151c41c6e3693b1df57052",
    "covered": "276869a62146e7f10ad0dace86abc9b9dee47bf2593e9f8921ce37b77d8e3482",
    "allowed": "6e240bff9159b7bb2a80fa2ebbd1623544f3ff19d252ad339e9b30097f3324ba",
    "main": "1441d9d601a30d8d6f5601fc564e6e8e4379530e3d009fa933f7782a235f97a5",
}
"""The functions of the frame, by the digest of their text: who changes one reads it anew."""

METHODS = frozenset(
    {
        *("read", "strip", "hexdigest", "encode", "join", "sendall", "recv", "split"),
        *("sendto", "settimeout", "wrap_socket"),
    }
)
BUILTINS = frozenset({"open", "len", "int", "str", "bytes"})
ERRORS = frozenset({"OSError", "ValueError", "KeyError", "TypeError", "RecursionError"})
NODES = (
    *(ast.Module, ast.Expr, ast.Constant, ast.Import, ast.alias, ast.Assign, ast.Name, ast.Load),
    *(ast.Store, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Dict, ast.Subscript),
    *(ast.Call, ast.keyword, ast.Attribute, ast.Compare, ast.GtE, ast.Eq, ast.In, ast.BoolOp),
    *(ast.And, ast.Or, ast.Not, ast.UnaryOp, ast.USub, ast.BinOp, ast.Add, ast.Mult, ast.BitOr),
    *(ast.If, ast.For, ast.While, ast.Try, ast.ExceptHandler, ast.Pass, ast.With, ast.withitem),
    *(ast.Tuple,),
)
MOST_RECEIVED = 256
MOST_SENT = 65536
MOST_DOORS = 20
_MOST_LOOPS = 3
_LAST = "sys.exit(main())"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SENDING = {"create_connection", "socket", "sendall", "sendto", "sleep"}
_OPTIONS = {"create_connection": {"timeout"}, "wrap_socket": {"server_hostname"}}
_SOCKETS = (
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)",
)
_PATHS = {"KEY": LEASE_KEY, "LEASE": LEASE_PATH}
_TOKEN = re.compile(r"[A-Za-z0-9 ./_?&=:;+()-]{1,200}")


@functools.lru_cache(64)
def problems(source: str) -> tuple[str, ...]:
    """Return what the program does that it must not, each with its line; none means inert."""
    if _CONTROL.search(source):
        return ("line 1: it holds control characters",)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        return (f"line 1: not a program: {error}",)
    found = set(_Reading(tree, source.split("\n")).problems())
    return tuple(f"line {line}: {text}" for line, text in sorted(found))


Problem = tuple[int, str]


class _Reading:
    """One program being read."""

    def __init__(self, tree: ast.Module, lines: list[str]) -> None:
        self._tree = tree
        self._frame = [node for node in tree.body if _is_audited(node, lines)]
        self._of_frame = {id(node) for part in self._frame for node in ast.walk(part)}
        self._functions = frozenset(
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        )
        self._thrown_away = frozenset(
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
        )
        self._called = frozenset(
            id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)
        )
        self._looked_into = frozenset(
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)
        )

    def problems(self) -> Iterator[Problem]:
        yield from _constants(self._tree)
        yield from self._outline()
        for node in ast.walk(self._tree):
            line = getattr(node, "lineno", 1)
            if not isinstance(node, NODES):
                yield line, f"{type(node).__name__} is not allowed"
                continue
            for text in self._of(node):
                yield line, text
            if id(node) not in self._of_frame:
                for text in self._beside_frame(node):
                    yield line, text

    def _outline(self) -> Iterator[Problem]:
        """The program is its frame and one way to ask, each once, and nothing else."""
        named = [node.name for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef)]
        framed = {node.name for node in self._frame if isinstance(node, ast.FunctionDef)}
        if sorted(named) != sorted((*AUDITED, "ask")):
            yield 1, f"its functions are {', '.join(named)}"
        for name in AUDITED.keys() - framed:
            yield 1, f"{name} is not as it was read"
        if not self._tree.body or ast.unparse(self._tree.body[-1]) != _LAST:
            yield 1, f"it does not end in {_LAST}"
        for node in self._tree.body[1:-1]:
            if not isinstance(node, ast.Import | ast.Assign | ast.FunctionDef):
                yield node.lineno, "something is done outside of its functions"

    def _beside_frame(self, node: ast.AST) -> Iterator[str]:
        """How it asks must end, whatever comes back, and stay small."""
        match node:
            case ast.While():
                yield "only the frame goes on for as long as the lease allows"
            case ast.For() if not _is_short(node):
                yield "a loop is about a few literals, or the parts of one, and sends in no other"
            case ast.FunctionDef() if _loops(node) > _MOST_LOOPS:
                yield "too many loops"
            case ast.Assign() if self._grows(node):
                yield "what is assigned is made of more than one variable, and could grow"
            case ast.Call(func=ast.Name(id=name)) if name in self._functions | {"open"}:
                yield f"only the frame calls {name}"
            case ast.Call(func=ast.Attribute(attr="read")):
                yield "only the frame reads"
            case ast.Call(func=ast.Attribute(attr=name), keywords=keywords):
                options = {one.arg for one in keywords} - _OPTIONS.get(name, set())
                yield from (f"{name} takes no option {one}" for one in options)
            case _:
                return

    def _grows(self, node: ast.Assign) -> bool:
        names = [one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)]
        targets = [one.target for one in ast.walk(self._tree) if isinstance(one, ast.For)]
        parts = {one.id for one in targets if isinstance(one, ast.Name)}
        fixed = parts | MODULES | BUILTINS | set(CONSTANTS)
        return sum(name not in fixed for name in names) > 1

    def _of(self, node: ast.AST) -> Iterator[str]:
        yield from self._statement(node)
        match node:
            case ast.Name():
                yield from self._named(node)
            case ast.Attribute():
                yield from self._attribute(node)
            case ast.Call():
                yield from self._call(node)
            case ast.BinOp(op=ast.Mult()) if id(node) not in self._of_frame:
                yield from _repeats(node)
            case _:
                return

    def _statement(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                yield from _imports(names)
            case ast.FunctionDef():
                yield from self._function(node)
            case ast.Assign(targets=targets):
                yield from self._assigned(targets, CONSTANTS)
            case ast.For(target=ast.Name(id="port")):
                yield from _doors(node)
            case ast.For(target=target) | ast.withitem(optional_vars=ast.expr() as target):
                yield from self._assigned([target])
            case ast.arg(arg=name):
                yield from self._bound(name)
            case ast.ExceptHandler():
                yield from _caught(node)
            case _:
                return

    def _function(self, node: ast.FunctionDef) -> Iterator[str]:
        plain = node.args
        extra = plain.vararg or plain.kwarg or plain.kwonlyargs or plain.posonlyargs
        if node.decorator_list or plain.defaults or extra:
            yield f"the function {node.name} is more than a plain one"
        yield from self._shadows(node.name)

    def _assigned(self, targets: list[ast.expr], but: tuple[str, ...] = ()) -> Iterator[str]:
        for target in targets:
            if not isinstance(target, ast.Name):
                yield "only plain names are assigned to"
            elif target.id not in but:
                yield from self._bound(target.id)

    def _bound(self, name: str) -> Iterator[str]:
        if name in CONSTANTS or name in self._functions or name == "port":
            yield f"{name} is bound anew"
        yield from self._shadows(name)

    def _shadows(self, name: str) -> Iterator[str]:
        if name in MODULES | BUILTINS | ERRORS | {"bytes"} or name.startswith("__"):
            yield f"{name} is bound anew"

    def _named(self, node: ast.Name) -> Iterator[str]:
        if node.id.startswith("__"):
            yield f"the name {node.id} is not allowed"
        called = id(node) in self._called or id(node) in self._looked_into
        if node.id in BUILTINS | self._functions and not called:
            yield f"{node.id} is passed on instead of called"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        if not isinstance(node.ctx, ast.Load):
            yield f"the attribute {node.attr} is set"
        if isinstance(node.value, ast.Name) and node.value.id in MODULES | {"bytes"}:
            name = f"{node.value.id}.{node.attr}"
            if name not in OF_MODULES:
                yield f"{name} is not allowed"
        elif node.attr not in METHODS:
            yield f"the attribute {node.attr} is not allowed"
        elif id(node) not in self._called:
            yield f"the method {node.attr} is passed on instead of called"

    def _call(self, node: ast.Call) -> Iterator[str]:
        if any(isinstance(one, ast.Starred) for one in node.args) or any(
            keyword.arg is None for keyword in node.keywords
        ):
            yield "arguments are unpacked"
        match node.func:
            case ast.Name(id=called):
                yield from self._plainly(node, called)
            case ast.Attribute(attr="recv"):
                yield from self._received(node)
            case ast.Attribute(attr=method):
                yield from _of_method(node, method)
            case _:
                yield f"the call of {ast.unparse(node.func)} is not allowed"

    def _plainly(self, node: ast.Call, called: str) -> Iterator[str]:
        if called == "bytes" and ([type(x) for x in node.args] != [ast.Tuple] or node.keywords):
            yield "bytes are made of a few numbers only"
        elif called not in BUILTINS | self._functions:
            yield f"the call of {called} is not allowed"

    def _received(self, node: ast.Call) -> Iterator[str]:
        size = _number(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if size is None or not 0 < size <= MOST_RECEIVED:
            yield f"recv takes one literal size, at most {MOST_RECEIVED}"
        if id(node) not in self._thrown_away:
            yield "what recv returns is used"


def _of_method(node: ast.Call, method: str) -> Iterator[str]:
    name = ast.unparse(node.func)
    if method == "sendto" and (
        len(node.args) != 2 or ast.unparse(node.args[1]) != "(ADDRESS, PORT)"
    ):
        yield "a packet goes to (ADDRESS, PORT) only"
    if name == "socket.create_connection":
        yield from _connected(node)
    if name == "socket.socket" and ast.unparse(node) not in _SOCKETS:
        yield "a socket is for packets of one address, or there is none"
    if name == "sys.argv":
        yield "sys.argv is called"


def _imports(names: list[ast.alias]) -> Iterator[str]:
    for one in names:
        if one.name not in MODULES:
            yield f"the import of {one.name} is not allowed"
        if one.asname is not None:
            yield f"{one.name} is imported under another name"


def _caught(node: ast.ExceptHandler) -> Iterator[str]:
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if not all(isinstance(one, ast.Name) and one.id in ERRORS for one in kinds):
        yield "only named errors are caught"
    if node.name is not None:
        yield "an error is kept"


def _is_audited(node: ast.stmt, lines: list[str]) -> bool:
    """Whether a statement is part of the frame, to the letter."""
    text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    if isinstance(node, ast.FunctionDef):
        return AUDITED.get(node.name) == hashlib.sha256(text.encode()).hexdigest()
    return text == _LAST


def _is_short(node: ast.For) -> bool:
    """Whether a loop is about a literal tuple, or what a name is split into and sends nothing."""
    among = isinstance(node.iter, ast.Tuple) and len(node.iter.elts) <= MOST_DOORS
    parts = (
        isinstance(node.iter, ast.Call)
        and isinstance(node.iter.func, ast.Attribute)
        and node.iter.func.attr == "split"
    )
    doors = isinstance(node.target, ast.Name) and node.target.id == "port"
    within = [one for stmt in node.body for one in ast.walk(stmt)]
    if doors:
        return not any(isinstance(one, ast.For) for one in within)
    methods = {one.attr for one in within if isinstance(one, ast.Attribute)}
    return (among or parts) and methods.isdisjoint(_SENDING)


def _loops(node: ast.AST) -> int:
    return sum(isinstance(one, ast.For) for one in ast.walk(node))


def _doors(node: ast.AST) -> Iterator[str]:
    """Ports that are tried one after the other are a few literals."""
    doors = node.iter if isinstance(node, ast.For) else None
    ports = [_number(one) for one in doors.elts] if isinstance(doors, ast.Tuple) else []
    right = 0 < len(ports) <= MOST_DOORS and all(p is not None and 0 < p < 65536 for p in ports)
    if not right:
        yield f"at most {MOST_DOORS} ports are tried, each a literal"


def _repeats(node: ast.BinOp) -> Iterator[str]:
    """What is sent is never made large: bytes are repeated up to a bound, and nothing else is."""
    text, count = node.left, _number(node.right)
    if not isinstance(text, ast.Constant) or not isinstance(text.value, bytes | str):
        yield "nothing but literal bytes is repeated"
    elif count is None or not 0 < count * len(text.value) <= MOST_SENT:
        yield f"what is repeated must stay below {MOST_SENT} bytes"


def _connected(node: ast.Call) -> Iterator[str]:
    wanted = {"(ADDRESS, PORT)", "(ADDRESS, port)"}
    if len(node.args) != 1 or ast.unparse(node.args[0]) not in wanted:
        yield "a connection goes to (ADDRESS, PORT) only"
    if [keyword.arg for keyword in node.keywords] != ["timeout"]:
        yield "a connection takes a timeout and nothing else"


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _constants(tree: ast.Module) -> Iterator[Problem]:
    """Every constant is assigned once, at the top, a literal of its kind."""
    seen: dict[str, object] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if not isinstance(target, ast.Name) or target.id not in CONSTANTS:
                continue
            if node not in tree.body or target.id in seen:
                yield node.lineno, f"{target.id} is bound anew"
            if not isinstance(node.value, ast.Constant):
                yield node.lineno, f"{target.id} is not a literal"
                continue
            seen[target.id] = node.value.value
            if not _fits(target.id, node.value.value):
                yield node.lineno, f"{target.id} cannot be {node.value.value!r}"
    for name in CONSTANTS:
        if name not in seen:
            yield 1, f"{name} is missing"


def _fits(name: str, value: object) -> bool:
    if name in _PATHS:
        return value == _PATHS[name]
    if name == "ADDRESS":
        return isinstance(value, str) and _is_address(value)
    if name == "PORT":
        return type(value) is int and 0 < value < 65536
    if name == "PERIOD":
        return type(value) is float and 1 <= value <= 86400
    if name == "JITTER":
        return type(value) is float and 0 <= value <= 0.9
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _is_address(text: str) -> bool:
    try:
        found = IPv4Address(text)
    except AddressValueError:
        return False
    others = found.is_multicast or found.is_loopback or found.is_unspecified or found.is_link_local
    return not (others or found.is_reserved)
