#!/bin/sh
# Prints how many connections wait for a lock on the orders database.
set -eu
python3 - "$HOME/database/orders.db" <<'PYTHON'
import sqlite3, sys

connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=rw", uri=True, timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")
    sys.stdout.write("0\n")
except sqlite3.OperationalError:
    sys.stdout.write("1\n")
PYTHON
