"""A grid operator: lines, substations, meters."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("substation Halden", "substation Orvik", "feeder 12", "the Brennau line", "bay 3 at Halden", "the depot at Lesk"),
    firms=(
        ("Kestrel Automation", "kestrel-automation.example"),
        ("Norrland Switchgear", "norrland-switchgear.example"),
        ("Velmora Transmission", "velmora-transmission.example"),
    ),
    matters=(
        Matter("dispatch", "Switching at {place} on {day}", (
            "For the work at {place} on {day} I need the sequence signed by tonight. Isolate at "
            "07:30, earth at 07:50, back by 14:00 at the latest. {other} carries the load meanwhile, "
            "{n} MW at noon by the forecast.",
            "Signed. If the forecast goes above {n} MW, we stop and do it on {date}.",
            "It was fine, {m} minutes early even. Log is written.")),
        Matter("dispatch", "Alarm at {place} tonight", (
            "Between two and three we had the door contact at {place} {m} times. No motion, no "
            "change in any value. I rang the guard, nobody there. Wind, I think.",
            "The contact is loose, it has been on the list since {past}. {b} looks at it on {day}.")),
        Matter("dispatch", "Historian shows a hole", (
            "The trend of {place} has a hole of {n} minutes on {past}. The values at the RTU are all "
            "there, so it is only the historian. Who restarted it?",
            "We did, its memory was checked after a warning. The RTU keeps two hours, it should have "
            "filled in by itself.",
            "It has now. Thank you.")),
        Matter("field", "Relay test {place}", (
            "Relay test at {place} is done, stage 2 trips {n} ms late. Still within limits, but it was "
            "{m} ms last year. I would put it on the list for the exchange.",
            "Put it on, and send me the sheet for the file. {firm} need eight weeks for a spare.")),
        Matter("field", "{firm} at {place}", (
            "{firm} send their engineer on {date} for {place}. He needs remote access to the test "
            "set for two days, as last time. Who does the ticket?",
            "IT did the ticket, he gets it for the two days and through the remote desk only. Please "
            "be next to him when he connects.",
            "I will. He was done by noon the first day.")),
        Matter("metering", "Estimated readings", (
            "{n} meters around {place} sent nothing since {past}. All on one concentrator. I estimate "
            "them for this bill unless you say otherwise.",
            "Estimate them. Field changes the concentrator on {day}, it is the antenna again.")),
        Matter("metering", "Meter {k}", (
            "The customer of meter {k} says that he was away for {m} weeks and used as much as before. "
            "The load curve says he has a freezer.",
            "Send him the curve, kindly.")),
        Matter("customers", "Calls after the outage", (
            "{n} calls after the outage at {place}, most of them only wanted to know how long. Could "
            "grid control put a line on the web page sooner next time?",
            "We agreed on fifteen minutes now. {boss} has it in writing.")),
    ),
    papers=(
        Paper("dispatch", "switching-log.csv", "Switching log",
              ("day=date", "at=time", "place=place", "step=one:open|close|earth|unearth|test", "by=who", "order=no:SW-")),
        Paper("dispatch", "load-forecast.csv", "Load forecast",
              ("day=date", "place=place", "noon_mw=num:8:64", "evening_mw=num:12:78")),
        Paper("dispatch", "island-procedure.txt", "Running {place} as an island", text=(
              "Only with the word of {boss}, and never for longer than {n} minutes.\n\n"
              "1. Call Velmora Transmission, write down name and time.\n2. Check that {other} is closed.\n"
              "3. Open the tie at {place}. Watch the frequency; below 49.2 go back.\n4. Enter it in the log.\n")),
        Paper("field", "relay-tests.csv", "Relay tests",
              ("day=date", "place=place", "relay=no:R", "stage1_ms=num:38:46", "stage2_ms=num:290:330", "by=who")),
        Paper("field", "spares.csv", "Spares in the store",
              ("part=no:SP-", "for=place", "count=num:0:12", "supplier=firm")),
        Paper("metering", "readings.csv", "Readings of the month",
              ("meter=no:VM", "place=place", "kwh=num:40:1900", "read=date", "how=one:remote|remote|remote|estimated|by hand")),
        Paper("customers", "complaints.csv", "Complaints",
              ("case=no:C-", "day=date", "about=one:bill|bill|outage|reading|connection", "state=one:open|answered|answered|closed")),
    ),
    pages=(
        Page("dispatch", "start", "Grid control",
             "  * Grid control is staffed at all hours: 240\n  * Nothing is switched without an order\n"
             "  * [[dispatch:windows|Maintenance windows]] are agreed on Mondays\n"),
        Page("dispatch", "windows", "Maintenance windows",
             "OT systems are touched on Tuesdays between 10 and 12, with grid control on the telephone. "
             "Nobody scans the plant network, for whatever reason: the RTUs at {place} stop answering.\n"),
        Page("field", "access", "Getting into substations",
             "Key from the depot, call 240 before and after. At {place} the alarm has a delay of {m} minutes.\n"),
    ),
    tables=(
        Paper("metering", "meters", "Meters",
              ("meter_no=no:VM", "customer=name", "place=place", "installed=date", "phase=one:1|1|3"), rows=(180, 220)),
        Paper("metering", "readings", "Readings",
              ("meter_no=no:VM", "read_at=date", "kwh=num:40:1900", "how=one:remote|remote|estimated"), rows=(400, 480)),
    ),
)  # fmt: skip
