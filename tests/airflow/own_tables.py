"""Airflow's own tables in an SQLite file, for programs that look at them; imported by those, never by a test."""

import os
from pathlib import Path


def make_tables(folder: Path) -> None:
    """Make an Airflow home with all tables in the folder, for this process."""
    os.environ["AIRFLOW_HOME"] = str(folder)
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{folder}/airflow.db"
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    from airflow.models.base import Base

    from airflow import models, settings

    settings.initialize()
    models.import_all_models()
    Base.metadata.create_all(settings.engine)
