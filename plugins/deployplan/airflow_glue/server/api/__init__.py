"""Our own part of the API server: `/deployplan/api/v1/…`, behind the door (api_door.py)."""
