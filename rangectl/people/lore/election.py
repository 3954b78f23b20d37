"""An election commission in the week of a count."""

from __future__ import annotations

from rangectl.people.lore.shape import Lore, Matter, Page, Paper

LORE = Lore(
    places=("district 3", "district 7", "precinct 7-14", "precinct 3-02", "the warehouse", "the town hall in Lesk"),
    firms=(
        ("Printworks Halden", "printworks-halden.example"),
        ("Observers' League", "observers-league.example"),
        ("Velmora Statistics Office", "statistics.velmora.example"),
    ),
    matters=(
        Matter("tally", "Record of {place}", (
            "The record of {place} adds up to {k} and the sum says {m} more. Second count is on {day} "
            "at nine, two people and an observer. Until then it stays marked.",
            "I come. Please have the first sheet out of the safe before nine.",
            "Second count agrees with the parts; the sum was a slip of the pen. Correction is entered "
            "with both names.")),
        Matter("tally", "Baseline of {past}", (
            "The signed baseline of {past} is on the audit host, with the sums on paper in the safe. "
            "Whoever changes a row from now on writes an entry first, also for commas.",
            "Understood. I told the clerks, and put it over the coffee machine.")),
        Matter("tally", "Screens in the entry room", (
            "Two screens in the entry room show the other half of the record only after a scroll. {b} "
            "nearly entered a column twice.",
            "IT turned them upright. {n} rows fit now.")),
        Matter("register", "Moved voters", (
            "{n} people moved from {place} to {other} after the closing day. They vote where they were. "
            "The letter explains it, but could the telephone explain it too?",
            "The team has the wording. Most callers are content with it.")),
        Matter("register", "Print of the lists", (
            "{firm} deliver the lists on {date}, {k} pages. {m} go to {place} directly, by car, with two "
            "of us in it.",
            "I drive. The seal numbers go in the book as always.")),
        Matter("districts", "Heating at {place}", (
            "The hall at {place} has no heating on {day}. They offer the gymnasium next door.",
            "Take it, if the way is marked and has no steps. Send {b} to look.",
            "No steps. Signs are up.")),
        Matter("press", "Question about the results page", (
            "The results page was slow for {n} minutes on {past} and somebody wrote that we were being "
            "attacked. It was the television showing our address.",
            "Answer that it was visited a lot and that no result was late. Both are true.")),
        Matter("logistics", "Boxes", (
            "{n} boxes for {place} are in the warehouse, sealed, {m} spares. The van comes on {date} at "
            "six.",
            "Good. Please photograph the seals, the observers ask for it.")),
    ),
    papers=(
        Paper("tally", "precincts.csv", "Precinct records",
              ("record=no:P", "precinct=place", "votes=num:180:1400", "invalid=num:0:22", "entered=who", "at=date")),
        Paper("tally", "corrections.csv", "Corrections",
              ("day=date", "precinct=place", "column=one:sum|invalid|list 2|list 5", "by=who", "second=who", "entry=no:E")),
        Paper("tally", "two-persons.txt", "Two persons", text=(
              "No row is changed by one person alone. The second one sits at the other desk and reads aloud.\n"
              "Tally hosts are not restarted before the certification on {date}. If one hangs: call {boss}, touch nothing.\n")),
        Paper("register", "moved.csv", "Moved after the closing day", ("form=no:M", "from=place", "to=place", "day=date")),
        Paper("districts", "halls.csv", "Halls", ("precinct=place", "hall=one:school|town hall|gymnasium|fire station", "keys=who", "steps=num:0:3")),
        Paper("press", "answers.txt", "Answers to what everybody asks", text=(
              "When is the result final? When it is certified, on {date}.\nCan I see the count? Yes, at {place}, with a "
              "passport, from the door.\nWho are the temporary workers? {n} people from the employment office, sworn in on {past}.\n")),
        Paper("logistics", "seals.csv", "Seals", ("seal=num:10000:99999", "box=no:B", "to=place", "day=date", "by=who")),
    ),
    pages=(
        Page("tally", "start", "Tally", "  * Entry by two, audit by a third\n  * Temporary workers have accounts that end with the certification\n"
             "  * The database is read only for everybody else, administrators among them\n"),
        Page("press", "wording", "Wording", "We say results, not counts, until {date}. We never say hacked.\n"),
    ),
    tables=(
        Paper("tally", "precinct_results", "Results by precinct",
              ("record_no=no:P", "precinct=place", "list_no=num:1:7", "votes=num:12:640", "entered_by=who", "entered_on=date"), rows=(420, 480)),
        Paper("tally", "corrections", "Corrections",
              ("entry_no=no:E", "precinct=place", "made_by=who", "second=who", "made_on=date"), rows=(20, 30)),
    ),
)  # fmt: skip
