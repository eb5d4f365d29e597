"""deployplan: deployment plans that Airflow carries out on production nodes."""

__version__ = "0.1.0"
