"""The site's application: shows the records of its database, a page at a time.

It reads; nothing that a visitor sends is kept, and the login answers nobody here (accounts are
the directory's, and its link is not set up).
"""

import csv
import html
import json
import os
from urllib.parse import parse_qs

import psycopg2

TITLE = os.environ.get("TITLE") or os.environ.get("ORGANISATION") or "Records"
OWNER = os.environ.get("ORGANISATION", "")
WORD = os.environ.get("RECORDS") or "records"
PAGE = 25
LARGEST = 8192
BOOK = "/var/lib/webapp/records.csv"
COLUMNS = ("id", "noted", "subject", "owner", "state")


def database():
    """Connect to the database that the password file names, or return None."""
    try:
        with open(os.environ.get("PGPASSFILE", "/etc/webapp/pgpass"), encoding="ascii") as file:
            host, port, name, user, _ = file.readline().strip().split(":", 4)
    except (OSError, ValueError):
        return None
    return psycopg2.connect(
        host=host, port=port, dbname=name, user=user, connect_timeout=10, application_name="webapp"
    )


def records(words="", page=0):
    """Return a page of records whose subject or owner has these words, newest first."""
    link = database()
    if link is None:
        return book(words, page)
    try:
        with link, link.cursor() as cursor:
            cursor.execute(
                "SELECT id, to_char(noted, 'YYYY-MM-DD HH24:MI'), subject, owner, state"
                " FROM records WHERE strpos(lower(subject || ' ' || owner), %s) > 0"
                " ORDER BY noted DESC, id DESC LIMIT %s OFFSET %s",
                (words.lower(), PAGE, page * PAGE),
            )
            return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    finally:
        link.close()


def book(words, page):
    """Return the same from the file that an application without a database has."""
    try:
        with open(BOOK, encoding="utf-8", newline="") as file:
            rows = [{name: row[name] for name in COLUMNS} for row in csv.DictReader(file)]
            rows = [{**row, "id": int(row["id"])} for row in rows]
    except (OSError, ValueError, KeyError):
        return []
    found = [row for row in rows if words.lower() in f"{row['subject']} {row['owner']}".lower()]
    return found[::-1][page * PAGE : (page + 1) * PAGE]


def page(body, heading):
    """Lay out a page."""
    title = f"{TITLE} | {heading}"
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>"
        '<link rel="stylesheet" href="/app.css"></head>\n<body>\n'
        f"<header><h1>{html.escape(TITLE)}</h1><p>{html.escape(OWNER)}</p></header>\n"
        f'<nav><a href="/">{html.escape(WORD.capitalize())}</a> <a href="/login">Log in</a></nav>\n'
        f"<main>\n<h2>{html.escape(heading)}</h2>\n{body}\n</main>\n</body>\n</html>\n"
    )


def listing(query):
    """Show a page of records."""
    words = query.get("q", [""])[0][:80]
    number = query.get("page", ["0"])[0]
    rows = records(words, min(int(number), 1000) if number.isdigit() else 0)
    head = "".join(f"<th>{name.capitalize()}</th>" for name in COLUMNS)
    lines = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(str(row[name]))}</td>" for name in COLUMNS) + "</tr>"
        for row in rows
    )
    form = f'<form><input name="q" value="{html.escape(words)}"><button>Search</button></form>'
    return page(f"{form}\n<table>\n<tr>{head}</tr>\n{lines}\n</table>", WORD.capitalize())


def login(said=""):
    """Show the form of the login."""
    form = (
        '<form method="post"><input name="user" placeholder="Account">'
        '<input name="password" type="password" placeholder="Password">'
        "<button>Log in</button></form>"
    )
    return page(f"<p>{said}</p>\n{form}", "Log in")


def answer(environ):
    """Return status, type and text for a request."""
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
    query = parse_qs(environ.get("QUERY_STRING", "")[:1000])
    status, kind = "200 OK", "text/html; charset=utf-8"
    if path == "/login" and method == "POST":
        environ["wsgi.input"].read(LARGEST)
        status, text = "403 Forbidden", login("Account or password are not known.")
    elif method not in {"GET", "HEAD"}:
        status, kind, text = "405 Method Not Allowed", "text/plain", "method not allowed\n"
    elif path == "/login":
        text = login()
    elif path == "/health":
        kind, text = "application/json", json.dumps({"status": "up", "application": TITLE})
    elif path == "/records.json":
        kind, text = "application/json", json.dumps(records(query.get("q", [""])[0][:80]))
    elif path == "/":
        text = listing(query)
    else:
        status, text = "404 Not Found", page("<p>There is no such page.</p>", "Not found")
    return status, kind, text


def application(environ, start_response):
    """Answer a request; a database that is away is said so."""
    try:
        status, kind, text = answer(environ)
    except psycopg2.Error as error:
        print(f"database: {error}".strip(), file=environ["wsgi.errors"])
        status, kind = "503 Service Unavailable", "text/html; charset=utf-8"
        text = page("<p>The database does not answer. Try again in a minute.</p>", "Away")
    data = text.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(data)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [data]
