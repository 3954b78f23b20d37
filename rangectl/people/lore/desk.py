"""What the help desk is asked and answers, and what outside firms send round."""

from __future__ import annotations

TROUBLES = (
    ("Printer on the second floor", "The printer takes the paper and gives nothing back.",
     "A label was stuck in it. Please do not print on labels there, the small one does that."),
    ("Password", "I changed my password before the weekend and now neither of the two works.",
     "Caps lock was on when you set it, it happens a lot. I set a new one, you have it by telephone."),
    ("Shared folder is read only", "I can open the table but not save it.",
     "A colleague had it open on another desk. Close it there and it works."),
    ("Slow since this morning", "Everything takes seconds that took none on Friday.",
     "The nightly copy was late and ran until ten. It should be as always now."),
    ("Account for a new colleague", "We have somebody new from next week and need an account.",
     "Done, with the usual rights. First password by telephone, please let her call 290."),
    ("Mail from a courier service", "I got a mail about a parcel that I did not order. I did not click.",
     "Well done, thank you for telling us. Delete it."),
    ("File deleted by mistake", "I deleted the list of this month, it was in the shared folder.",
     "It is back, as of last night. What you typed today is lost, sorry."),
    ("Screen flickers", "The left screen flickers when the lift goes.",
     "It is the cable. I bring another one this afternoon."),
)  # fmt: skip
"""What the help desk is told, and what it answers."""

NEWS = (
    ("{firm}: news of the month", "Dear customers,\n\nour service desk is moving and will be closed on {date}. Orders that reach us before noon leave on the same day, as always.\n\nNew in the catalogue: {n} items, mostly small ones. The price list of {past} stays valid until the end of the quarter.\n\nYour team at {firm}"),
    ("{firm}: planned work on {date}", "Dear partners,\n\non {date} between 22:00 and 02:00 we work on our systems. Messages that you send meanwhile are kept and handled in the morning. You need not do anything.\n\nQuestions: answer to this mail.\n\n{firm}"),
    ("Invitation: users' meeting of {firm}", "Dear Sir or Madam,\n\nthis year's meeting takes place on {date}. There are {n} places. Topics are the new release, what went wrong with the last one, and lunch.\n\nPlease answer by {day}.\n\n{firm}"),
)  # fmt: skip
"""What outside firms send round."""
