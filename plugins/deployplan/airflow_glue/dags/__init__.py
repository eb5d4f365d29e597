"""From plans to DAGs: what Airflow parses."""
