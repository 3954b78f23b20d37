"""Play a team, in the kit, as the trainee: python3 -m hunter --play WHO."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from .others import everything, idle, rebuild
from .reference import Hunter
from .seat import Seat, SeatError

PLAYS: Mapping[str, Callable[[Seat], None]] = {
    "reference": lambda seat: Hunter(seat).run(),
    "idle": idle,
    "everything": everything,
    "rebuild": rebuild,
}


def main() -> int:
    """Play until done; exit 0, or 5 when the kit itself failed."""
    parser = argparse.ArgumentParser(prog="hunter", description=__doc__)
    parser.add_argument("--play", choices=tuple(PLAYS), default="reference")
    parser.add_argument("--seat-log", type=Path, metavar="FILE", help="what was done, and why")
    args = parser.parse_args()

    def tell(text: str) -> None:
        line = f"{seat.now():7.1f} {text}".replace("\n", " ")
        line = "".join(c if c.isprintable() else "?" for c in line) + "\n"
        sys.stdout.write(line)
        sys.stdout.flush()
        if args.seat_log is not None:
            with args.seat_log.open("a", encoding="utf-8") as log:
                log.write(line)

    seat = Seat(tell)
    try:
        PLAYS[args.play](seat)
    except SeatError as error:
        tell(f"cannot go on: {error}")
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main())
