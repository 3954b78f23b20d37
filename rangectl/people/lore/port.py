"""A port authority: vessels, containers, gates."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("berth 2", "berth 5", "yard block C", "the rail ramp", "gate 1", "the reefer rack"),
    firms=(
        ("Meridian Line", "meridian-line.example"),
        ("Strait Feeder Services", "strait-feeder.example"),
        ("Velmora Customs", "customs.velmora.example"),
    ),
    matters=(
        Matter("harbour", "{place} on {day}", (
            "The feeder comes to {place} on {day} at four instead of noon, fog at the bar. Pilot is "
            "ordered, tugs are one short.",
            "Take the old tug, wind is below {m}. I am on the bridge from three.",
            "Fast at 05:10, no damage.")),
        Matter("terminal", "Stow plan of {firm}", (
            "{firm} sent the plan again, {n} boxes moved, {m} of them under deck now. Crane 2 has to be "
            "moved for that. Do we take it?",
            "We take it if they send it before ten. After that it is the next tide, tell them so.")),
        Matter("terminal", "Reefer alarms", (
            "{m} alarms at {place} tonight, all the same plug. I moved the two boxes and switched the "
            "plug off.",
            "Electrician comes on {day}. Write it in the shift book so that nobody switches it on again.")),
        Matter("terminal", "EDI of last night", (
            "The batch of last night came at 02:40 instead of 01:15, {n} messages. All processed. {firm} "
            "say that their side was late, ours just waited.",
            "So it should. If it comes after six we load by hand, not before.")),
        Matter("gate", "Lorry without a number", (
            "A lorry at {place} had a booking for {k} and carried another box. The driver rang his "
            "office, they had mixed up two. I let him wait outside.",
            "Correct. Please keep the picture for four weeks, then away with it.")),
        Matter("gate", "Camera at {place}", (
            "The camera at {place} looks at the sky since the storm. Somebody has to go up with a "
            "spanner.",
            "On {day}. It has been on the list of {boss} since {past}, with all the others.")),
        Matter("customs", "Hold on {k}", (
            "Box {k} is on hold until {firm} have seen the papers. Please keep it on the ground floor of "
            "the stack.",
            "It is in row one. Released on {day}, they say.")),
        Matter("commercial", "Demurrage for {firm}", (
            "{firm} do not want to pay {n} days of demurrage because of the crane. They are right about "
            "{m} of them.",
            "Give them those and one more, and write that it is the last time.")),
    ),
    papers=(
        Paper("harbour", "calls.csv", "Vessel calls", ("call=no:V", "line=firm", "berth=place", "day=date", "at=time", "draught_dm=num:62:118")),
        Paper("terminal", "yard.csv", "Yard list", ("container=no:VMPU", "block=place", "since=date", "kind=one:20|40|40|reefer", "line=firm")),
        Paper("terminal", "shift-book.txt", "Shift book", text=(
              "{past}, early: crane 2 stood for {n} minutes, limit switch. {b} has it.\n{past}, late: {m} lorries left over, they come "
              "again on {day}.\n{past}, night: fog from one to four. {place} closed, nothing missed.\n")),
        Paper("gate", "bookings.csv", "Gate bookings", ("booking=no:G", "container=no:VMPU", "gate=place", "day=date", "at=time")),
        Paper("customs", "holds.csv", "Holds", ("container=no:VMPU", "since=date", "reason=one:papers|papers|weight|inspection", "released=one:yes|yes|no")),
        Paper("commercial", "tariff.csv", "Tariff", ("item=one:lift|storage day|reefer day|weighing|reposition", "from=date", "price=num:4:180")),
    ),
    pages=(
        Page("terminal", "start", "Terminal", "  * The system plans, the foreman decides\n  * EDI batches come between one and three; nobody restarts "
             "anything in those hours\n"),
        Page("gate", "cameras", "Cameras", "Pictures are personal data: four weeks, then deleted. Who wants to see one asks {boss}, in writing.\n"),
    ),
    tables=(
        Paper("terminal", "containers", "Containers",
              ("container_no=no:VMPU", "line=firm", "block=place", "arrived=date", "weight_kg=num:2300:30400"), rows=(260, 320)),
        Paper("harbour", "vessels", "Vessels and calls",
              ("call_no=no:V", "line=firm", "berth=place", "arrived=date", "moves=num:20:640"), rows=(60, 90)),
    ),
)  # fmt: skip
