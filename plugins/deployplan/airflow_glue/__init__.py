"""The only room that knows Airflow: it turns plans into DAGs and carries the runbook's steps out as tasks."""
