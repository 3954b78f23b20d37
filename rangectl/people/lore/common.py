"""What every organisation talks about: people, money, machines, the canteen."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    matters=(
        Matter(
            "it",
            "Updates on {date}",
            (
                "I went through the list of updates host by host, nothing is due. The big release "
                "comes with the new machines. I look again on {date} after 18:00. Any objections?",
                "None from me. If something does come up then: mail last, and not the jump host, I "
                "have a long copy running until about seven.",
                "Understood. I put it into the change calendar.",
            ),
        ),
        Matter(
            "it",
            "Disk on the file server",
            (
                "The report says {n} % free on /srv. Somebody put {m} GB of scanned plans into the "
                "shared folder on {past}. Do we buy disks or do we talk to people?",
                "We talk to people first. I will ask them to move the originals to the archive. "
                "If it is below 10 % next week, we buy.",
            ),
        ),
        Matter(
            "it",
            "Old keys in authorized_keys",
            (
                "While I was at it: there are still keys of ours on the servers from machines that "
                "we no longer have. They are all in the register, so nothing is wrong, but at "
                "the next review they should go.",
                "Agreed. Put it on the list for the review on {date}, and do not remove anything "
                "by hand before that.",
            ),
        ),
        Matter(
            "it",
            "Backup of {past}",
            (
                "The copy of {past} ended with a warning: one file changed while it was read. "
                "I looked, it was only the report of that night. I restored {m} files at random and "
                "compared them, all the same.",
                "Good, thank you. Please note the restore test in the wiki, the auditors ask for it "
                "every spring.",
            ),
        ),
        Matter(
            "it",
            "Guests next week",
            (
                "Some colleagues from abroad will look at our network with us. They get an account "
                "that can read and nothing else, and they have our registers. If they ask you "
                "something, answer; if they want something changed, send them to me.",
                "Understood. Do they need a room? The small one next to the server room is free "
                "from {day}.",
                "Yes please, with two screens if you can find them.",
            ),
        ),
        Matter(
            "finance",
            "Invoice {k} from {firm}",
            (
                "{firm} sent invoice {k} a second time. We paid it on {past}, I have the statement "
                "here. Shall I write to them or do you know somebody there?",
                "I will call them. It is the third time this year that their system does that.",
                "They apologised, we can throw it away.",
            ),
        ),
        Matter(
            "finance",
            "Figures for the quarter",
            (
                "I need the figures of your cost centres by {day} noon, in the same sheet as last "
                "time please. Travel separately from training, the director asked for that.",
                "You will have them on {day} morning. Travel is about {n} % over plan because of "
                "the two trips to {place}.",
            ),
        ),
        Matter(
            "hr",
            "Leave over the holidays",
            (
                "Please enter your leave for the spring holidays until {date}. We need at least two "
                "people in every department on every working day; if that does not fit, talk to "
                "each other before you talk to me.",
                "We are three and all have children of school age. We drew lots, I am in.",
            ),
        ),
        Matter(
            "hr",
            "Training places on {date}",
            (
                "There are {m} places left in the first aid course on {date}. Who wants one? Last "
                "time nobody from your corridor came.",
                "Put me down, and ask the new colleague as well.",
            ),
        ),
        Matter(
            "*",
            "Room on {day}",
            (
                "Could we meet on {day} at ten instead of nine? I have to be at {place} first and "
                "the road works at {other} cost half an hour.",
                "Ten is fine. I moved the room, it is the one on the second floor now.",
            ),
        ),
        Matter(
            "*",
            "Keys to the archive",
            (
                "Does anybody have the key to the archive? It is not in the box, and the list says "
                "it came back on {past}.",
                "Sorry, it is in my drawer. I bring it down now.",
            ),
        ),
        Matter(
            "*",
            "Car on {date}",
            (
                "I have the car for {place} on {date}. There are two seats left if anyone has to "
                "go there anyway.",
                "I come along, I have to pick up papers at {other}. When do you leave?",
                "Half past seven, from the yard.",
            ),
        ),
        Matter(
            "*",
            "Cake",
            (
                "It is my birthday and there is cake in the kitchen on the first floor. It will not "
                "last until noon.",
                "Happy birthday {a}! I was there at half past ten and it had not lasted.",
            ),
        ),
        Matter(
            "*",
            "Late on {day}",
            (
                "I will be late on {day}, the dentist had no other hour. Can you take my calls until ten?",
                "I can. Forward them to my number, and bring something soft for lunch.",
            ),
        ),
        Matter(
            "*",
            "Table of last month",
            (
                "The table of last month adds up to {k} at your end and to {n} more at mine. I think one "
                "of us has {place} twice.",
                "It was me, there was a hidden row. I put the right one into the shared folder.",
                "Now they agree. Thank you.",
            ),
        ),
        Matter(
            "*",
            "Parcel at the reception",
            (
                "There is a parcel from {firm} at the reception, {m} kilos, without a name. Did anybody "
                "order something?",
                "That is the paper for the big printer. I fetch it after lunch.",
            ),
        ),
        Matter(
            "*",
            "Projector",
            (
                "Who has the projector? I need it on {day} at two, for {firm}.",
                "It stands in our room behind the door. The cable is the one with the red tape, the "
                "other one only looks as if it worked.",
            ),
        ),
        Matter(
            "*",
            "Call from {firm}",
            (
                "{firm} called for you, twice. They want to know whether {date} still holds. He was "
                "polite, but only just.",
                "It holds. I called back, it was about the parking.",
            ),
        ),
        Matter(
            "*",
            "Draft",
            (
                "Could you read the draft before it goes to {boss}? It is in the shared folder, two "
                "pages. I am not sure about the paragraph on {place}.",
                "Read it. The paragraph is fine, but the second sentence says the same as the fourth. "
                "And it is {firm} with one more letter.",
                "Changed both, it is on the way.",
            ),
        ),
        Matter(
            "*",
            "Heating",
            (
                "It is {m} degrees warmer in the corridor than at my desk. Has anybody told facilities?",
                "I did, on {past}. They say {date}. I have a second pair of gloves.",
            ),
        ),
        Matter(
            "*",
            "Minutes of {past}",
            (
                "Here are the minutes of {past}. I have you down for the list of open points and "
                "{boss} for the letter to {firm}. Shout if I got it wrong.",
                "Right as it is. The list follows on {day}.",
            ),
        ),
    ),
    papers=(
        Paper(
            "it",
            "restore-tests.csv",
            "Restore tests",
            ("day=date", "host=host", "files=num:2:20", "by=who", "result=one:same|same|same"),
            rows=(8, 14),
        ),
        Paper(
            "it",
            "licences.csv",
            "Licences and support contracts",
            (
                "contract=no:LC-",
                "supplier=firm",
                "until=date",
                "seats=num:1:60",
                "yearly=num:120:9000",
            ),
            rows=(6, 12),
        ),
        Paper(
            "it",
            "admin-notes.txt",
            "Notes for whoever is on call",
            text=(
                "Order of shutdown: desks, file server, mail, names. Start the other way round.\n"
                "\n"
                "- Names first: everything waits for them, and says so in odd ways.\n"
                "- The nightly copies of settings lie in /var/backups/siteops on each host, seven\n"
                "  of them. They are copies of settings, not of data.\n"
                "- If mail stands still, look at the queue before you restart anything. In the\n"
                "  case of {past} it was a full disk, and the restart only hid it for an hour.\n"
                "- New accounts: only with a ticket, and into the account list on the same day.\n"
                "- {boss} wants a call, not a mail, when something is down for more than an hour.\n"
            ),
        ),
        Paper(
            "finance",
            "open-invoices.csv",
            "Open invoices",
            (
                "invoice=no:R",
                "supplier=firm",
                "due=date",
                "amount=num:80:24000",
                "state=one:open|open|query|paid",
            ),
        ),
        Paper(
            "finance",
            "travel.csv",
            "Travel expenses",
            (
                "claim=no:T",
                "who=who",
                "to=place",
                "day=date",
                "amount=num:12:640",
                "state=one:paid|paid|checked|new",
            ),
        ),
        Paper(
            "finance",
            "budget-letter.txt",
            "Letter on next year's budget",
            text=(
                "To all heads of department\n"
                "\n"
                "Please hand in your wishes for next year until {date}. Three things decide this\n"
                "time: what breaks if we do not buy it, what the law asks for, and what saves\n"
                "money within two years. Everything else goes on the list for the year after.\n"
                "\n"
                "Last year's sheets are in the shared folder. Use the same columns; {b} adds them\n"
                "up by hand where they differ.\n"
                "\n"
                "{a}\n"
            ),
        ),
        Paper(
            "hr",
            "leave.csv",
            "Leave",
            ("who=who", "from=date", "days=num:1:15", "state=one:granted|granted|granted|asked"),
        ),
        Paper(
            "hr",
            "first-aiders.txt",
            "First aiders and fire wardens",
            text=(
                "First aiders: {a}, {b}. The box on the ground floor was refilled on {past}.\n"
                "Fire warden: {boss}. Meeting point: the car park, not the gate.\n"
                "Next drill: in the week of {date}, unannounced. Yes, again in the rain.\n"
            ),
        ),
        Paper(
            "*",
            "open-points.txt",
            "Open points",
            text="Open points, {past}\n\n{numbered}\nDone: {m} of {n} since the new year\n",
            pool=(
                "Answer to {firm}, {b}, until {date}",
                "Who stands in for {boss} in the week after next?",
                "Keys of the second floor: {n} given out, {m} short",
                "{place}: road works until the end of the month, plan half an hour more",
                "Chairs for the meeting room, ordered twice, came never",
                "List of telephone numbers: two are wrong, {b} knows which",
                "Form for {other}: the new one has no field for the date",
                "{firm} want a contact in writing, {boss} signs",
                "Photographs of {place} for the yearly report",
                "Old files from {other}: throw away or hand over? Ask the archive",
                "Printer: contract ends on {date}, three offers or none",
                "Interns in summer: two, and somebody who has time for them",
                "Parking at {place}, again",
                "Translation of the leaflet, {firm} did the last one",
            ),
        ),
        Paper(
            "*",
            "minutes.txt",
            "Minutes of the weekly meeting",
            text="Weekly meeting, {past}, 9:00 to 9:{n}\nThere: {boss}, {a}, {b}\n\n{numbered}\nNext time: {date}\n",
            pool=(
                "Last minutes: no objections.",
                "{place}: the work takes {m} days longer. {b} tells {firm}.",
                "Figures: {n} % above last year, mostly because of {other}. {boss} asks for a table without it.",
                "Holidays: two of us must be in on every day. {a} keeps the list.",
                "The door at the back does not close by itself. Please pull.",
                "{firm} come on {date}, the small room is booked. {b} meets them at the gate.",
                "Complaint about {place}: justified. {a} writes the answer, {boss} signs.",
                "Overtime of the last month: {n} hours in all, to be taken before summer.",
                "{b} reports from {other}: better than its name.",
                "New form from {date} on. The old ones may be used up.",
                "Fire drill on {past}: {m} minutes, two people stayed for their coffee.",
                "Budget: nothing new. Nobody buys anything before {date}.",
                "The guests from abroad sit in the small room. They may ask us things; be kind.",
                "Any other business: none, for once.",
                "{a} collects for the present of {b}. Closed envelope.",
                "Heating in the east wing: the fitter was there, it is a different pump.",
            ),
        ),
        Paper(
            "*",
            "handover.txt",
            "Handover while away",
            text="While I am away, from {date}\n\n{lines}\nI am back before you miss me. {a}\n",
            pool=(
                "- {place}: {b} knows about it. If they ring, they want to know the day, not why.",
                "- The weekly table is due on {day}. Copy last week's and change the dates first,\n  or the sums will be wrong and you will not see it.",
                "- {firm} may send {n} boxes. They go to the store, not to my office.",
                "- Nothing else is urgent. If it is, {boss} decides.",
                "- The plant needs water, the other one is plastic.",
                "- {b} has my key. The left one is for {other}.",
                "- Letter {k} must be out by {day}. It is in the tray, it lacks one signature.",
                "- If {firm} call about invoice {k}: paid on {past}.",
                "- Do not restart the old machine on my desk, it does not come back by itself.",
                "- Mails to me are read on {day}s, by {b}.",
                "- The list for {other} is in the shared folder, this month's. Only add at the end.",
                "- Somebody will come to look at the window. It is the window.",
            ),
        ),
        Paper(
            "*",
            "phone-notes.txt",
            "Notes from the telephone",
            text="{past}\n{lines}",
            pool=(
                "{firm}, about {k}. Call back after two.",
                "{b}: table of {place} has one line too many.",
                "{other}: they are closed on {day}.",
                "Somebody for {boss}, did not say who. Had a cold.",
                "{firm}, wrong extension, wanted the other department.",
                "{place}: delivery {date}, before eight.",
                "My sister. Not urgent.",
                "{b} ill until {day}.",
                "Reception: parcel, {m} kg, who ordered that?",
                "{firm} again. Offer comes by mail, {n} pages, he is sorry.",
            ),
        ),
        Paper(
            "*",
            "draft-letter.txt",
            "Draft of a letter",
            text="To {firm}\n\nYour letter of {past}, our number {k}\n\nDear Sir or Madam,\n\n{lines}\nYours faithfully\n\n{boss}\n{org}\n",
            pool=(
                "Thank you for your letter. We looked into the matter and found that you are right\nabout {m} of the {n} items; the others were delivered to {place} on {past}.\n",
                "Please let us have the missing papers by {date}, as we cannot close the matter\nwithout them.\n",
                "As agreed by telephone with {b}, the date moves to {date}. All else stays as it is.\n",
                "We would ask you to address such letters to our office and not to {other},\nwhere nobody is in charge of them.\n",
                "Our colleague {b} will be glad to answer your questions.\n",
                "The amount was transferred on {past}. Should it not have arrived, please send us\na copy of your statement.\n",
            ),
        ),
    ),
    tables=(
        Paper(
            "hr",
            "leave_days",
            "Leave",
            (
                "request_no=no:L",
                "account=who",
                "first_day=date",
                "days=num:1:15",
                "state=one:granted|granted|asked",
            ),
            rows=(120, 160),
        ),
        Paper(
            "hr",
            "trainings",
            "Trainings",
            (
                "account=who",
                "course=one:first aid|fire warden|data protection|forklift|writing",
                "held_on=date",
                "hours=num:2:16",
            ),
            rows=(60, 90),
        ),
    ),
    pages=(
        Page(
            "it",
            "start",
            "Information technology",
            "We look after the computers so that you can forget about them.\n\n"
            "  * Something does not work: write to the help desk, with the name of the machine\n"
            "  * A new colleague comes: [[it:accounts|how to ask for an account]]\n"
            "  * Something looks odd: tell us, also when it was your own mistake\n",
        ),
        Page(
            "it",
            "accounts",
            "Accounts and keys",
            "An account needs a ticket from the head of the department. It is entered in the account "
            "list on the day it is made.\n\n"
            "===== Keys =====\n"
            "Administrators log in with keys. Every key that may log in anywhere is in the key "
            "register; a key that is not in it does not belong to us, whatever its comment says.\n\n"
            "===== Leaving =====\n"
            "Accounts of colleagues who leave are locked on their last day and kept for three "
            "months, because somebody always needs a file.\n",
        ),
        Page(
            "it",
            "maintenance",
            "Maintenance",
            "Work on servers is done on Tuesdays and Thursdays after 17:30 and is in the change "
            "calendar before it is done. Emergency changes are entered on the next morning.\n\n"
            "During a window logs may have gaps. If you find one outside a window, tell {boss}.\n",
        ),
        Page(
            "house",
            "start",
            "House",
            "  * Reception: 200\n  * Porter, at night: 299\n  * Meeting rooms: the list hangs at the "
            "door, whoever writes first has it\n  * Post leaves at 15:30\n",
        ),
        Page(
            "house",
            "travel",
            "Travel",
            "Claims within four weeks, with the tickets. {place} counts as one day, {other} as half "
            "a day. Ask {a} in finance before you book anything with {firm}.\n",
        ),
    ),
)
