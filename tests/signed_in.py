"""A person who is logged in to Airflow's simple auth manager, as requests to the API application carry them."""


def login_token(name: str, role: str = "USER") -> str:
    """Return the token of a person; the API application must have begun."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=name, role=role))


def as_user(name: str, role: str = "USER") -> dict[str, str]:
    """Return the headers of a person's requests."""
    return {"Authorization": f"Bearer {login_token(name, role)}"}
