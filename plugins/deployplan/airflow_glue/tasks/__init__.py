"""What a task of a plan does, and the operators that Airflow shows and starts."""
