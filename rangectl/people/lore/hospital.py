"""A hospital: wards, images, samples. Every patient is invented."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("ward 3", "ward 5", "the theatre", "the emergency room", "the day clinic", "the pharmacy store"),
    firms=(
        ("Calder Imaging", "calder-imaging.example"),
        ("Medisys Support", "medisys.example"),
        ("Halden Laboratory Supplies", "halden-lab.example"),
    ),
    matters=(
        Matter("wards", "Beds on {day}", (
            "{place} is full until {day}, {m} go home on {date} if the papers are ready. Can {other} take "
            "two for one night?",
            "One, and the second after the round. Please send the letters with them this time.",
            "Letters are printed. Thank you.")),
        Matter("wards", "Pump {n} at {place}", (
            "Pump {n} at {place} beeps without a reason. We took it out and wrote a paper on it.",
            "The paper says 'beeps'. Medical technology would like to know when and with which line.")),
        Matter("radiology", "Images do not arrive", (
            "Since ten the images of {place} need {m} minutes to arrive. The device says sent, the archive "
            "says waiting.",
            "IT found it, the queue was behind a study with {k} pictures. It is through.",
            "Confirmed, we are back to seconds.")),
        Matter("radiology", "{firm} on {date}", (
            "{firm} service the scanner on {date} from one to four. Emergencies go to the small one.",
            "Theatre knows. Their remote access is open for these three hours only, by ticket.")),
        Matter("laboratory", "Samples from {place}", (
            "{n} samples from {place} came without a label on {past}. We cannot do them, we may not even "
            "guess.",
            "I talk to the ward. The label printer there was empty and nobody dared to open it.")),
        Matter("pharmacy", "Stock of {past}", (
            "We are down to {m} packs of what {place} uses most. Delivery is on {day}.",
            "Use the smaller ones until then, I sign it.")),
        Matter("admissions", "Numbers twice", (
            "Two patients have been given the number {k}. One was a test from the training, so nothing is "
            "wrong, but the test should have another first letter.",
            "Training uses Z from now on. I changed the sheet.")),
        Matter("medtech", "Monitors at {place}", (
            "The monitors at {place} are due for their check. I need them one by one, an hour each, {m} in "
            "all.",
            "Start with bed two, it is free until {day}.")),
    ),
    papers=(
        Paper("wards", "beds.csv", "Beds", ("day=date", "ward=place", "beds=num:26:32", "taken=num:12:27", "by=who")),
        Paper("wards", "round.txt", "After the round", text=(
              "{past}, {place}: bed 4 home on {day}, letter by {b}. Bed 7 to {other} when there is room.\n"
              "Bed 9: relatives come at four, {boss} talks to them. Pump {n} is back from repair.\n")),
        Paper("radiology", "worklist.csv", "Worklist", ("study=no:S", "from=place", "day=date", "kind=one:CT|MR|XR|XR|US", "state=one:done|done|waiting")),
        Paper("laboratory", "turnaround.csv", "Turnaround", ("day=date", "from=place", "samples=num:12:140", "median_min=num:22:80")),
        Paper("pharmacy", "orders.csv", "Orders", ("order=no:O", "supplier=firm", "day=date", "packs=num:2:80", "state=one:ordered|delivered|delivered")),
        Paper("admissions", "planned.csv", "Planned admissions", ("number=no:A", "ward=place", "day=date", "days=num:1:9")),
        Paper("medtech", "devices.csv", "Devices", ("device=no:D", "place=place", "checked=date", "next=date", "state=one:ok|ok|ok|repair")),
    ),
    pages=(
        Page("wards", "start", "Wards", "  * When the record is down: the paper set is in the red folder, at most 60 minutes\n"
             "  * Nobody restarts anything clinical without the clinical lead: {boss}\n"),
        Page("medtech", "vendors", "Vendors", "A vendor's program needs a contract number and is in the software list. Remote access is opened by ticket "
             "and closed the same day.\n"),
    ),
    tables=(
        Paper("wards", "patients", "Patients (all invented)",
              ("patient_no=no:A", "name=name", "ward=place", "admitted=date", "days=num:1:14"), rows=(200, 260)),
        Paper("laboratory", "samples", "Samples",
              ("sample_no=no:L", "patient_no=no:A", "taken=date", "kind=one:blood|blood|urine|swab", "minutes=num:18:120"), rows=(320, 400)),
    ),
)  # fmt: skip
