"""A firm that makes things and sells them."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("Line 4", "the paint shop", "hall B", "the Tarnow store", "the loading yard"),
    firms=(
        ("Harnisch Bearings", "harnisch-bearings.example"),
        ("Odel Logistics", "odel-logistics.example"),
        ("Brinkmann Tools", "brinkmann-tools.example"),
    ),
    matters=(
        Matter(
            "sales",
            "Order {k} of {firm}",
            (
                "{firm} want {n} pieces more on order {k} and the same date. Can we do that or do "
                "I have to split it?",
                "Split it. {m} go out on {day}, the rest a week later; {place} is booked.",
                "They take it. I changed the confirmation.",
            ),
        ),
        Matter(
            "production",
            "{place} on {day}",
            (
                "{place} stands still on {day} from six to ten, the fitter from {firm} changes the "
                "bearings. I moved the two small orders to the night before.",
                "Fine. Tell sales about order {k}, it was promised for {day}.",
            ),
        ),
        Matter(
            "production",
            "Rejects in week past",
            (
                "{n} rejects out of {k}, most of them scratches from {place}. The new trays have a "
                "sharp edge on one side.",
                "Turn the trays round and have {b} file the edges. I write to {firm}.",
            ),
        ),
    ),
    papers=(
        Paper("production", "line-plan.csv", "Plan of the lines",
              ("day=date", "line=place", "order=no:A", "pieces=num:40:900", "by=who")),
        Paper("production", "shift-book.txt", "Shift book",
              text="{past}, early: {place} down from 6:10 to 6:55, sensor dirty, cleaned.\n"
              "{past}, late: nothing. Stock of trays at {other}: {n}.\n"
              "{past}, night: order {k} finished, {m} pieces over, put in the store.\n"),
        Paper("sales", "orders.csv", "Orders",
              ("order=no:A", "customer=firm", "pieces=num:20:900", "due=date", "state=one:open|confirmed|confirmed|shipped")),
    ),
    pages=(
        Page("production", "start", "Production",
             "  * Early shift 6 to 14, late 14 to 22, night only when announced\n"
             "  * {place} is started by the shift leader and nobody else\n"),
    ),
    tables=(
        Paper("production", "orders", "Orders",
              ("order_no=no:A", "customer=firm", "pieces=num:20:900", "due=date", "state=one:open|confirmed|shipped"),
              rows=(160, 220)),
    ),
)  # fmt: skip
