"""A foreign ministry: desks, missions, consular cases."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("Ostrava Bay", "the mission in Karlsund", "the east mission", "the west mission", "the conference in Lorne"),
    firms=(
        ("Ostrava Bay Foreign Office", "foreign.ostrava-bay.example"),
        ("Secretariat of the Strait Council", "strait-council.example"),
        ("Lorne Conference Bureau", "lorne-bureau.example"),
    ),
    matters=(
        Matter("political", "Speaking points for {place}", (
            "The points for {place} are in the folder, version {m}. The paragraph on fisheries is "
            "softer now, as {boss} asked. Please read it with the eyes of {firm}.",
            "Read. I would move the third point to the end; they will stop listening after it.",
            "Moved. It goes up at four.")),
        Matter("political", "Note verbale of {past}", (
            "The note of {past} has the wrong number, {k} was given to the protocol already. Can the "
            "records office give us another one?",
            "You have {k}/a. Please have the first page printed again, not corrected by hand.")),
        Matter("political", "Question of a newspaper", (
            "A newspaper asks whether we will be in {place} next week. They have the date, so somebody "
            "talks. The answer stays the same: we announce travel when it takes place.",
            "So answered. They asked again, I was friendly again.")),
        Matter("consular", "Case {k}", (
            "Case {k}: the family called again. The hospital in {place} sends the papers by courier, "
            "not by mail. I told them {day}.",
            "Good. The transport is paid, {firm} confirmed it this morning. Please close the case only "
            "when they have arrived.",
            "They are here. Closed.")),
        Matter("consular", "Passports in the post", (
            "{n} passports went to {place} on {past} and {m} were signed for. I am looking for the "
            "others; the bag was opened in front of two of us, it is in the book.",
            "They lay in the second bag. All {n} are there.")),
        Matter("missions", "Line to {place}", (
            "The line to {place} was slow from nine to eleven. Telephone worked. The colleagues there "
            "say they did nothing, which may even be true.",
            "The provider had work, they told us an hour later. I forward their mail to IT.")),
        Matter("protocol", "Seating on {date}", (
            "Seating for {date}: {n} guests, two of them may not sit next to each other, and one is a "
            "vegetarian since {past}. Plan is in the folder.",
            "Put the interpreter between those two. She is used to it.")),
        Matter("records", "Files from {place}", (
            "The boxes from {place} came, {n} of them, {m} without a list. I will not take those in "
            "before somebody writes one.",
            "I write it on {day}, sorry.")),
    ),
    papers=(
        Paper("political", "points-fisheries.txt", "Speaking points", text=(
              "Speaking points, {place}, version {m}\n\n- We are glad that {firm} took up our proposal of {past}.\n"
              "- On fisheries: quotas are a matter of numbers, and the numbers should be counted together.\n"
              "- On transit: no change, and no news before {date}.\n\nIf asked about the note of {past}: it was answered.\n")),
        Paper("political", "visits.csv", "Visits", ("from=date", "to=place", "who=who", "days=num:1:4", "state=one:planned|confirmed|held")),
        Paper("consular", "cases-open.csv", "Open consular cases",
              ("case=no:K", "place=place", "opened=date", "kind=one:passport|illness|accident|detention|death", "officer=who")),
        Paper("missions", "couriers.csv", "Courier bags", ("bag=no:B", "to=place", "left=date", "items=num:1:40", "seal=num:1000:9999")),
        Paper("protocol", "gifts.csv", "Register of gifts", ("day=date", "from=firm", "what=one:book|print|bowl|pen|photograph", "value=num:5:90")),
        Paper("records", "loans.csv", "Files on loan", ("file=no:F", "to=who", "since=date", "state=one:out|out|back")),
    ),
    pages=(
        Page("missions", "start", "Missions",
             "  * East and west are reached through their gateways only\n  * Bags leave on Tuesdays; nothing on "
             "sticks, also not holiday pictures\n"),
        Page("consular", "emergency", "At night and on weekends",
             "The duty officer has the telephone of the consular service. Cases go into the register on the next "
             "morning, with the hour of the call.\n"),
        Page("protocol", "forms", "Forms of address", "When in doubt: the longer one. For {firm} see the list of {past}.\n"),
    ),
    tables=(
        Paper("consular", "cases", "Consular cases",
              ("case_no=no:K", "person=name", "place=place", "opened=date", "kind=one:passport|illness|accident|detention", "state=one:open|closed|closed"), rows=(180, 240)),
        Paper("records", "files", "Register of files",
              ("file_no=no:F", "desk=one:political|consular|missions|protocol", "opened=date", "pages=num:2:240"), rows=(160, 220)),
    ),
)  # fmt: skip
