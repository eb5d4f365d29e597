"""What Airflow starts in a worker: operators, steps and cards."""
