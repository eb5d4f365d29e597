"""Airflow, practice nodes and the demo on one machine: starts processes and speaks REST, imports no Airflow."""
