"""How files of jobs are sent: a text as it is, and anything else as JSON. Schemathesis knows JSON, and no lines of it."""

import json

import schemathesis


@schemathesis.serializer("text/csv", "application/x-ndjson")
def text(_ctx, value):
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text.encode("utf-8", "surrogatepass")
