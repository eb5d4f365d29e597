"""The Airflow DAGs: one for every accepted deployment plan in include/plans/."""

from deployplan.airflow_glue.dags.factory import build_dags

globals().update(build_dags())
