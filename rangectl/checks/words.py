"""What people's programs call themselves, and what people write and type."""

from __future__ import annotations

BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",  # noqa: E501 - as long as they are
)
OUTSIDE = ("www.example.com", "example.org", "mirror.example.net", "time.example.org")
COMMANDS = (
    "uptime",
    "df -h",
    "free -m",
    "w",
    "last -n 5",
    "ls -l /var/log",
    "systemctl --failed --no-pager",
    "journalctl -n 20 --no-pager",
)
SUBJECTS = (
    "Meeting on Thursday",
    "Updated figures",
    "Delivery next week",
    "Room booking",
    "Holiday list",
    "Minutes of this morning",
    "Printer on the second floor",
    "Question about the invoice",
    "Draft for comments",
    "Shift plan",
    "Visitors tomorrow",
    "Training dates",
)
PARAGRAPHS = (
    "Could you have a look at this before noon?",
    "The numbers from last week are in the usual folder.",
    "I have moved the meeting by half an hour, the room stays the same.",
    "Nothing urgent, but I would like to close this before the end of the month.",
    "They called again about the delivery. I said we would get back to them.",
    "The new list replaces the one of Monday.",
    "Please tell me if you cannot make it.",
    "I left the papers on your desk.",
    "As agreed, here is where we stand.",
    "The printer is working again.",
)
