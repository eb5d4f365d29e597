"""How Airflow's SQLite database is opened here. Airflow imports this by its name, before anything else of ours."""

CONNECT_ARGS = {"timeout": 30.0}
"""Seconds to wait for another process to write. After the default of 5 the triggerer gives up, with all it watches."""
