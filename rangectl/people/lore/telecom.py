"""A carrier: core routers, access, billing."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("cr1", "cr2", "the exchange in Halden", "the ring north", "the cabinet in Lesk", "the peering room"),
    firms=(
        ("Strait Exchange", "strait-exchange.example"),
        ("Ostrava Bay Telecom", "obtel.example"),
        ("Fenwick Optics", "fenwick-optics.example"),
    ),
    matters=(
        Matter("noc", "Flaps on {place}", (
            "{n} flaps on {place} between one and two, then quiet. Light is {m} dB lower than last week. "
            "I opened a case with {firm}.",
            "They bent a fibre while working next door, of course. Splice is on {day}, change is in the "
            "calendar.",
            "Spliced, light is back. Case closed.")),
        Matter("noc", "On-call handover", (
            "Handover: {place} had one restart of a card on {past}, nothing since. Tunnel to the test lab "
            "was taken down that day, its ticket is closed. Everything else is green.",
            "Taken. Who has the telephone on {day}?",
            "I have, swap it with me if you want the Sunday.")),
        Matter("core", "Drift at {place}", (
            "The nightly diff shows a line more on {place} than in the golden configuration. It is the "
            "logging host, we added it by hand on {past}. I take it into the golden file.",
            "Good. And no more by hand, please, not even on a Friday.")),
        Matter("core", "Peering with {firm}", (
            "{firm} want to raise the limit to {k} prefixes. We see {n} % of that from them.",
            "Raise it to half. If they need more they know where we are.")),
        Matter("field", "{place}", (
            "Water in the cabinet again, up to the lowest shelf. {m} cards are in the van to dry, the "
            "customers are on the spare.",
            "I order a new door. The last one was repaired {n} times.")),
        Matter("billing", "Run of {past}", (
            "The run of {past} has {n} bills with zero minutes. They are the new tariff, the file came "
            "with another comma.",
            "Stop those, send the rest. I talk to {boss} about the comma.",
            "Done, they go out on {day}.")),
        Matter("lawful", "Request {k}", (
            "Request {k} is complete, two signatures, until {date}. I enter it on {day} with {b} next to "
            "me. Nobody else needs to know more than the number.",
            "I am there. Please do not write about these by mail at all next time.")),
        Matter("customers", "Hotline on {day}", (
            "{n} calls about {place} by ten. People want a time. Can the NOC give us one, even a wrong "
            "one?",
            "Six in the evening. It will be five.")),
    ),
    papers=(
        Paper("noc", "incidents.csv", "Incidents", ("case=no:I", "day=date", "at=time", "what=place", "minutes=num:2:240", "by=who")),
        Paper("noc", "oncall.csv", "On call", ("week=date", "first=who", "second=who")),
        Paper("core", "golden-notes.txt", "Golden configurations", text=(
              "The golden files lie on the configuration host, one for each router. They are compared every night.\n"
              "A difference is a ticket or a mistake, there is no third thing. Ports of ssh: 22, and nowhere else.\n"
              "A tunnel to the test lab: only with a ticket and an end. At present there is none.\n")),
        Paper("core", "prefixes.csv", "Prefixes by peer", ("peer=firm", "prefixes=num:40:4800", "limit=num:5000:9000", "since=date")),
        Paper("field", "cabinets.csv", "Cabinets", ("cabinet=no:C", "place=place", "visited=date", "state=one:dry|dry|dry|wet")),
        Paper("billing", "runs.csv", "Bill runs", ("run=no:R", "day=date", "bills=num:900:4200", "stopped=num:0:40", "by=who")),
        Paper("customers", "callers.csv", "Calls by reason", ("day=date", "reason=one:slow|down|bill|moving", "calls=num:2:90")),
    ),
    pages=(
        Page("noc", "start", "NOC", "  * 250, at all hours\n  * A flap is noted, a second one is a case, a third one wakes somebody\n"),
        Page("core", "changes", "Changes on routers", "From the configuration host, with a ticket, after 22:00. Save before and after, both go "
             "into the folder. The diff of the night must be empty on the next morning.\n"),
    ),
    tables=(
        Paper("billing", "subscribers", "Subscribers",
              ("line_no=no:55", "customer=name", "place=place", "since=date", "tariff=one:S|M|L|XL"), rows=(240, 300)),
        Paper("billing", "calls", "Call records",
              ("line_no=no:55", "began=date", "seconds=num:4:3600", "zone=one:home|near|far"), rows=(400, 480)),
    ),
)  # fmt: skip
