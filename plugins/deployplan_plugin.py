"""For an Airflow that knows deployplan by its plugins folder alone, as the image of docker-compose.yaml does."""

from importlib.metadata import entry_points

# Where the package is installed Airflow has taken it by its entry point, and calls a second one an error.
if not entry_points(group="airflow.plugins", name="deployplan"):
    from deployplan.airflow_glue.plugin import DeployPlanPlugin

    __all__ = ["DeployPlanPlugin"]
