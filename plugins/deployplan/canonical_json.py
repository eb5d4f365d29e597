"""The one JSON text that stands for a value: what is hashed and signed, here and by whoever checks it."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """Return the text of a value that JSON knows: keys sorted, no blanks, UTF-8. Raises ValueError for NaN."""
    return _ENCODER.encode(value).encode()
