"""The one JSON text that stands for a value: what is hashed and signed, here and by whoever checks it."""

import json
from typing import Any


def canonical(value: Any) -> bytes:
    """Return the text of a value that JSON knows: keys sorted, no blanks, UTF-8. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
