"""Reaching a node: exactly-once jobs, locks and packages over SSH; knows neither plan nor Airflow."""
