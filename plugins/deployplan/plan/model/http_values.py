"""Values that only HTTP has: status codes, headers, certificates."""

import re
import ssl
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from deployplan.plan.text.scalars import Text, parse_whole, quote_value, value_error


def parse_status(value: Any) -> int | str:
    """Return a status code, or a class of them: `2xx`."""
    if isinstance(value, str) and re.fullmatch(r"[1-5]xx", value):
        return str(value)
    code = parse_whole(value)
    if type(code) is not int:
        raise value_error(
            "wrong-type", f"{quote_value(value)} is no status code", "write 200, or 2xx for any that says success"
        )
    if not 100 <= code <= 599:
        raise value_error("out-of-range", f"{code} is no status code; they are 100 to 599")
    return code


def parse_header(value: Any) -> str:
    """Return the text of a header, which is one line of ASCII."""
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]{1,1000}", value):
        raise value_error("wrong-type", f"{quote_value(value)} is no text of a header: one line of ASCII", "quote it")
    return str(value)


def parse_certificates(value: Any) -> str:
    """Return the certificates (PEM) of an authority."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=value if isinstance(value, str) and value.isascii() else "")
    except (ssl.SSLError, ValueError) as error:
        raise value_error(
            "wrong-type", "this is no certificate in PEM", "write -----BEGIN CERTIFICATE----- …"
        ) from error
    return str(value)


Status = Annotated[
    int | str,
    PlainValidator(parse_status),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string", "pattern": "^[1-5]xx$"}]}
    ),
]
HeaderName = Annotated[Text, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=100)]
HostName = Annotated[Text, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$", max_length=260)]
Header = Annotated[str, PlainValidator(parse_header), WithJsonSchema({"type": "string"})]
Certificates = Annotated[str, PlainValidator(parse_certificates), WithJsonSchema({"type": "string"})]
