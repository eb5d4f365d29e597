"""Brings the orders database to a release, or back: `migrate.py up|down DATABASE VERSION`.

The change itself stands in up.sql and down.sql beside the plan. Doing it twice changes nothing.
"""

import sqlite3
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(direction, database, version):
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE IF NOT EXISTS releases (version TEXT PRIMARY KEY, installed_at TEXT)")
    there = connection.execute("SELECT 1 FROM releases WHERE version = ?", (version,)).fetchone() is not None
    if there == (direction == "up"):
        connection.execute("ROLLBACK")
        say(f"{version} is {'there already' if there else 'not there'}: nothing to do")
        return
    for statement in statements(direction, connection):
        say(statement)
        connection.execute(statement)
    if direction == "up":
        connection.execute("INSERT INTO releases VALUES (?, datetime('now'))", (version,))
    else:
        connection.execute("DELETE FROM releases WHERE version = ?", (version,))
    connection.execute("COMMIT")
    say(f"{version} is {'in' if direction == 'up' else 'out'}")


def statements(direction, connection):
    first = connection.execute("SELECT count(*) FROM releases").fetchone() == (0,)
    files = [HERE / "schema.sql"] if first and direction == "up" else []
    files += [file for file in [HERE / f"{direction}.sql"] if file.exists()]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def say(line):
    sys.stdout.write(f"migrate: {line}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
