"""Where an environment's metrics are asked: a server that speaks Prometheus' API."""

from typing import Annotated

from pydantic import AfterValidator, Field

from deployplan.plan.model.endpoint import NoEndpoint, url_endpoint
from deployplan.plan.model.http_values import Certificates
from deployplan.plan.text.scalars import Text, value_error
from deployplan.plan.text.strict import Strict


def _check_url(url: str) -> str:
    try:
        url_endpoint(url)
    except NoEndpoint as wrong:
        raise value_error("metrics-url", f"metrics are asked at {wrong}", wrong.hint) from wrong
    if "?" in url or "#" in url:
        raise value_error("metrics-url", f"{url!r} has more than a path", "write what stands before /api/v1/query")
    return url.rstrip("/")


class Metrics(Strict):
    """A server that speaks Prometheus' API, asked from the controller; its words decide, so approvals bind to it."""

    url: Annotated[Text, AfterValidator(_check_url)] = Field(
        description="address before `/api/v1/query`: https://prometheus.shop.example:9090"
    )
    ca: Certificates | None = Field(
        None, description="certificates (PEM) of the authority that signs; absent: those the machine trusts"
    )
    connection: Text | None = Field(
        None,
        description="Airflow connection id with login and password, or a password alone, which is a bearer token;"
        " absent: nobody logs in",
    )
