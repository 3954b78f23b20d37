"""The trainee's client: hands in findings and requests, and shows what became of them.

It runs in the kit host, alone, with what Debian has. Everything it learns from a host over ssh is
taken as data; everything it hands in is checked here first, and all that is wrong is said at once.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .examples import EXAMPLES, TEMPLATE
from .findings import (
    finding_problems,
    host_problems,
    parse,
)
from .gather import (
    gathered,
    option_problems,
)
from .outbox import hand_in, one_submission, receipt, submissions
from .places import Places, Stop, known_hosts, places, printable, read_register, say


def submit(where: Places, args: argparse.Namespace) -> int:
    """Hand in findings: those in files, or the one the options describe."""
    if bool(args.files) == bool(args.host):
        raise Stop(2, ["give either files or --host with its evidence"], "see hunt submit --help")
    hosts = known_hosts(read_register(where))
    if args.files:
        found = [(path, parse(path)) for path in args.files]
    else:
        stop_on(option_problems(args, hosts))
        found = [("finding", gathered(where, args))]
    stop_on([f"{path}: {p}" for path, one in found for p in finding_problems(one, hosts)])
    for _, one in found:
        if isinstance(one, dict):
            say(hand_in(where, {"kind": "finding", **one}))
    return 0


_A_FINDING = "nothing was handed in; hunt template shows how a finding looks"


def stop_on(problems: Sequence[str], hint: str = _A_FINDING) -> None:
    """Stop with all problems, if there are any."""
    if problems:
        raise Stop(3, problems, hint)


def request(where: Places, args: argparse.Namespace) -> int:
    """Ask the partner for something."""
    if (args.action == "rebuild") != (args.host is not None):
        problem = "rebuild needs a HOST, partner-seat takes none"
        raise Stop(2, [problem], "see hunt request --help")
    if args.host is not None:
        problems = host_problems(args.host, known_hosts(read_register(where)))
        stop_on(problems, "nothing was asked for; hunt hosts lists them")
    asked = {"kind": "request", "action": args.action, "host": args.host, "why": args.why[:2000]}
    say(hand_in(where, asked))
    return 0


def reply(where: Places, args: argparse.Namespace) -> int:
    """Reply to a message that has reached you."""
    known = [path.stem.partition("-")[2] for path in letters(where)]
    if args.message not in known:
        hint = f"there are: {', '.join(known)}" if known else "none has reached you so far"
        raise Stop(3, [f"no message {args.message!r}"], hint)
    text = args.text if args.text != "-" else sys.stdin.read()
    if not 1 <= len(text.strip()) <= 2000:
        raise Stop(3, ["a reply has 1 to 2000 characters"], "- reads it from standard input")
    say(hand_in(where, {"kind": "reply", "message": args.message, "text": text.strip()}))
    return 0


def letters(where: Places) -> list[Path]:
    """Return the messages, the oldest first."""
    return sorted((where.briefing / "messages").glob("*.txt"))


def done(where: Places, args: argparse.Namespace) -> int:
    """Say that nothing more is coming."""
    say(hand_in(where, {"kind": "done", "note": args.note[:2000]}))
    return 0


def template(where: Places, _args: argparse.Namespace) -> int:
    """Print a finding to start from."""
    say(TEMPLATE.rstrip().replace("{host}", some_host(where)))
    return 0


def some_host(where: Places) -> str:
    """Return one of the partner's hosts, for an example; any name where no register is there."""
    try:
        found = read_register(where).get("hosts", [])
    except Stop:
        return "web01"
    own = [str(one["name"]) for one in found if not {"kit", "router"} & {*one.get("roles", ())}]
    return own[0] if own else "web01"


def summary(sub: Mapping[str, Any]) -> str:
    """Describe a submission in a few words."""
    if sub.get("kind") != "finding":
        return " ".join(
            str(sub[k]) for k in ("action", "host", "why", "message", "text", "note") if sub.get(k)
        )
    pieces = [p for p in sub.get("evidence", ()) if isinstance(p, dict)]
    first = next((str(p["path"]) for p in pieces if "path" in p), "")
    verdict = "" if sub.get("malicious", True) else "(benign)"
    words = (str(sub.get("host", "")), str(sub.get("technique", "")), first, verdict)
    return " ".join(word for word in words if word)


def table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns."""
    kept = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    for row in kept:
        say("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


def list_own(where: Places, args: argparse.Namespace) -> int:
    """List what was handed in, with the receipts."""
    own = [(i, sub, receipt(where, i)) for i, sub in submissions(where).items()]
    if args.json:
        say(json.dumps([{"id": i, "submission": s, "receipt": r or None} for i, s, r in own]))
        return 0
    rows = [("ID", "KIND", "RECEIPT", "WHAT", "MESSAGE")]
    for ident, sub, got in own:
        status, message = str(got.get("status", "-")), str(got.get("message", ""))
        rows.append((ident, str(sub.get("kind", "?")), status, summary(sub), message))
    table(rows)
    return 0


def show(where: Places, args: argparse.Namespace) -> int:
    """Show one submission with its receipt."""
    own = one_submission(where, args.id)
    got = receipt(where, args.id) or None
    say(json.dumps({"id": args.id, "submission": own, "receipt": got}, indent=2))
    return 0


def wait(where: Places, args: argparse.Namespace) -> int:
    """Wait for the receipt; of a request, for the partner's answer."""
    asked = one_submission(where, args.id).get("kind") == "request"
    last = time.monotonic() + args.timeout
    while True:
        got = receipt(where, args.id)
        status = str(got.get("status", ""))
        if status and not (asked and status == "received"):
            say(f"{status} {got.get('message', '')}".rstrip())
            return 6 if status in ("refused", "denied") else 0
        if time.monotonic() >= last:
            problem = f"{args.id}: no answer within {args.timeout:g} s"
            raise Stop(6, [problem], "it stays in the outbox; wait again, or tell the instructor")
        time.sleep(0.5)


def briefing(where: Places, _args: argparse.Namespace) -> int:
    """Print the briefing."""
    try:
        say((where.briefing / "briefing.md").read_text(encoding="utf-8").rstrip())
    except OSError as error:
        raise Stop(4, [str(error)], "the briefing is put here when a range starts") from None
    return 0


def messages(where: Places, _args: argparse.Namespace) -> int:
    """Print the messages that have reached you, the oldest first."""
    found = letters(where)
    for path in found:
        name = path.stem.partition("-")[2]
        say(path.read_text(encoding="utf-8").rstrip())
        say(f"\n(reply with: hunt reply {name} 'TEXT')\n")
    if not found:
        say("no message has reached you")
    return 0


def hosts(where: Places, args: argparse.Namespace) -> int:
    """List the hosts of the register."""
    found = read_register(where).get("hosts", [])
    if args.json:
        say(json.dumps(found))
        return 0
    keys = ("name", "address", "segment")
    rows = [(*(str(h.get(k, "")) for k in keys), ", ".join(h.get("roles", ()))) for h in found]
    table([("NAME", "ADDRESS", "SEGMENT", "ROLES"), *rows])
    return 0


def papers(where: Places, args: argparse.Namespace) -> int:
    """List the partner's papers, or show one as a table."""
    folder = where.briefing / "papers"
    names = sorted(one.name for one in folder.glob("*.csv")) if folder.is_dir() else []
    if args.name is None:
        if not names:
            raise Stop(4, [f"{folder}: no papers"], "this partner handed over none")
        say((folder / "README.txt").read_text(encoding="utf-8").rstrip())
        return 0
    name = args.name if args.name.endswith(".csv") else f"{args.name}.csv"
    if name not in names:
        raise Stop(2, [f"no paper {args.name!r}"], f"there are: {', '.join(names) or 'none'}")
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    told = [row for row in rows[1:] if not args.word or any(args.word in one for one in row)]
    table([[one.upper() for one in rows[0]], *([on_a_line(one) for one in row] for row in told)])
    return 0


def on_a_line(text: str) -> str:
    """Return the first line of a text, and how many more there are."""
    first, *more = text.strip().splitlines() or [""]
    return f"{first} (and {len(more)} more lines)" if more else first


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="hunt",
        description="Hand in what you found.",
        epilog="To begin: hunt briefing, hunt hosts, ssh HOST; then hunt submit --help.",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        made.set_defaults(run=run)
        return made

    add_submit(command("submit", submit))
    asked = command("request", request)
    asked.add_argument(
        "action",
        choices=("partner-seat", "rebuild"),
        help="the seat that may change hosts, or a clean host in place of HOST",
    )
    asked.add_argument("host", nargs="?", metavar="HOST", help="the host to rebuild")
    asked.add_argument("--why", required=True, help="what the partner needs to know to decide")
    command("done", done).add_argument("--note", default="", help="a word to the instructor")
    command("list", list_own).add_argument("--json", action="store_true", help="print as JSON")
    command("show", show).add_argument("id", metavar="ID", help="as submit and list print it")
    waiting = command("wait", wait)
    waiting.add_argument("id", metavar="ID", help="as submit, request and list print it")
    waiting.add_argument(
        "--timeout", type=float, default=600, metavar="SECONDS", help="default: 600; then exit 6"
    )
    command("hosts", hosts).add_argument("--json", action="store_true", help="print as JSON")
    paper = command("papers", papers)
    paper.add_argument("name", nargs="?", metavar="NAME", help="such as hr-list")
    paper.add_argument("word", nargs="?", metavar="WORD", help="show rows with this word alone")
    command("template", template)
    command("briefing", briefing)
    command("messages", messages)
    told = command("reply", reply)
    told.add_argument("message", metavar="MESSAGE", help="its name, as messages tells it")
    told.add_argument("text", metavar="TEXT", help="what you say; - is standard input")
    return top


def add_submit(sub: argparse.ArgumentParser) -> None:
    """Add the options of `submit`."""
    sub.formatter_class = argparse.RawDescriptionHelpFormatter
    sub.epilog = EXAMPLES
    sub.add_argument(
        "files", nargs="*", metavar="FILE", help="a finding in YAML or JSON; - is stdin"
    )
    sub.add_argument("--host", help="build the finding here: its host; evidence is taken over ssh")
    sub.add_argument("--path", action="append", default=[], help="a file of the host (repeatable)")
    sub.add_argument("--line", help="a line of the (last) file, or a part of exactly one")
    sub.add_argument("--pid", action="append", default=[], type=int, help="a process (repeatable)")
    sub.add_argument(
        "--flow",
        action="append",
        default=[],
        metavar="ADDRESS:PORT",
        help="a connection of the host (repeatable)",
    )
    sub.add_argument("--technique", default="", help="ATT&CK, such as T1053.003")
    sub.add_argument("--fingerprint", default="", help="of a key, SHA256:...")
    sub.add_argument("--benign", action="store_true", help="you looked, and it belongs here")
    sub.add_argument(
        "--confidence", type=int, default=80, metavar="0-100", help="how sure you are; default: 80"
    )
    sub.add_argument("--note", default="", help="what else there is to say")


def main(argv: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    args = parser().parse_args(argv or ["--help"])
    where = places(os.environ)
    try:
        code: int = args.run(where, args)
    except Stop as stop:
        for problem in stop.problems:
            sys.stderr.write(printable(f"hunt: {problem}") + "\n")
        if stop.hint:
            sys.stderr.write(printable(f"  hint: {stop.hint}") + "\n")
        return stop.code
    return code


def run() -> None:
    """Run the program and end with its exit code."""
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `hunt papers jobs | head`: enough was read
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    run()
