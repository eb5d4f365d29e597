"""Shows every deployment plan that cannot be used as an import error of Airflow; defines no dag itself."""

from airflow.sdk import get_parsing_context

from deployplan.airflow_glue.dags.factory import rejected_plans
from deployplan.plan.text.problem import PlanRejected

# A task process looks for its own DAG in every file; it need not check all plans for that.
if get_parsing_context().dag_id is None and (problems := rejected_plans()):
    raise PlanRejected(problems) from None
