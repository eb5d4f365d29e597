"""A login to Airflow that keeps trying while it restarts, or its database does."""

from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from deployplan.local.settings import LocalError

Json = dict[str, Any]

_BUSY = frozenset({500, 502, 503, 504})
_PATIENCE = 90.0


class AirflowRefused(LocalError):
    """Airflow answered with an error; `status` is the HTTP status and `detail` what it said."""

    def __init__(self, method: str, path: str, status: int, detail: str) -> None:
        super().__init__(f"airflow answered {status} to {method} {path}: {detail}")
        self.status = status
        self.detail = detail


class _Busy(Exception):
    """An answer that another try may better: a server is starting, or its database is."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class RestSession:
    """One person's session with Airflow.

    token: one that Airflow gave before; no password is used then.
    patience: how long in seconds, in all, one call may keep trying while Airflow is busy or away.
    Raises AirflowRefused for any other error answer, httpx.TransportError when Airflow stays away.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        token: str | None = None,
        patience: float = _PATIENCE,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.user = user
        self._password = password
        self._patience = patience
        self._token = token
        self._may_log_in = token is None
        timeout = httpx.Timeout(30.0, connect=5.0)
        self._client = httpx.Client(base_url=url, timeout=timeout, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: Any = None, *, login: bool = True) -> Any:
        """Send any request of the API and return its decoded JSON."""
        response = self._patiently(method, path, body, login)
        if response.status_code == 401 and login and self._may_log_in:
            self._token = None
            response = self._patiently(method, path, body, login)
        if response.is_error:
            raise AirflowRefused(method, path, response.status_code, _detail(response))
        return response.json() if response.content else {}

    def _object(self, method: str, path: str, body: Any = None, *, login: bool = True) -> Json:
        answer = self.call(method, path, body, login=login)
        if not isinstance(answer, dict):
            raise LocalError(f"airflow answered {method} {path} with a {type(answer).__name__}, not with an object")
        return answer

    def _list(self, path: str, key: str) -> tuple[Json, ...]:
        """All pages of a listing."""
        found: list[Json] = []
        mark = "&" if "?" in path else "?"
        while True:
            page = self._object("GET", f"{path}{mark}limit=100&offset={len(found)}")
            found += page[key]
            if not page[key] or len(found) >= page.get("total_entries", 0):
                return tuple(found)

    def _patiently(self, method: str, path: str, body: Any, login: bool) -> httpx.Response:
        tries = Retrying(
            retry=retry_if_exception_type((_Busy, httpx.TransportError)),
            wait=wait_exponential_jitter(multiplier=0.5, max=5.0),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        try:
            return tries(self._once, method, path, body, login)
        except _Busy as busy:
            return busy.response

    def _once(self, method: str, path: str, body: Any, login: bool) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._login()}"} if login else {}
        return _unless_busy(self._client.request(method, path, json=body, headers=headers))

    def _login(self) -> str:
        if self._token is None:
            body = {"username": self.user, "password": self._password}
            response = _unless_busy(self._client.post("/auth/token", json=body))
            if response.is_error:
                raise AirflowRefused("POST", "/auth/token", response.status_code, _detail(response))
            self._token = str(response.json()["access_token"])
        return self._token


def _unless_busy(response: httpx.Response) -> httpx.Response:
    if response.status_code in _BUSY:
        raise _Busy(response)
    return response


def _detail(response: httpx.Response) -> str:
    try:
        answer = response.json()
    except ValueError:
        return response.text[:500]
    return str(answer.get("detail", answer)) if isinstance(answer, dict) else str(answer)
