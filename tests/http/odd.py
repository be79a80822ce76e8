"""Input that no honest client sends, as bytes of JSON. MARKER tells an echo when it is seen.

Bodies are judged before anything is looked up. Codes look like codes to somebody: they reach the
use case and count as wrong there.
"""

import json
from typing import Any

__all__ = ["CODES", "FOREIGN_TYPES", "MARKER", "VALUES", "WHOLE_BODIES", "body_with"]

MARKER = "5ee-wh0-ech0es"

# As the whole of a JSON body.
WHOLE_BODIES: dict[str, bytes] = {
    "an array": json.dumps([MARKER]).encode(),
    "an array of objects": json.dumps([{"input_code": MARKER}]).encode(),
    "a text": json.dumps(MARKER).encode(),
    "a number": b"123456",
    "a negative fraction": b"-0.5e-7",
    "true": b"true",
    "null": b"null",
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "a huge exponent": b"1e999999",
    "a number of a million digits": b"9" * 1_000_000,
    "truncated": b'{"input_code": "' + MARKER.encode(),
    "a lone brace": b"}",
    "trailing text": b"{} " + MARKER.encode(),
    "single quotes": b"{'input_code': '1'}",
    "two objects": b"{}{}",
    "not UTF-8": b'{"input_code": "\xff\xfe\xfd"}',
    "half of a UTF-16 text": b"\xff\xfe{",
    "deep arrays": b"[" * 200_000 + b"]" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep and open": b"[" * 1_000_000,
    "arrays that just parse": b"[" * 400 + b"]" * 400,
    "three megabytes": json.dumps({"input_code": MARKER * 215_000}).encode(),
}

# As the value of one field, in JSON.
VALUES: dict[str, str] = {
    "a number": "123456",
    "a fraction": "123456.0",
    "a huge number": "1" + "0" * 4000,
    "not a number": "NaN",
    "infinity": "Infinity",
    "true": "true",
    "an empty text": '""',
    "an array": json.dumps([MARKER]),
    "an array of arrays": json.dumps([[MARKER], [MARKER]]),
    "an object": json.dumps({MARKER: MARKER}),
    "two nulls": "[null, null]",
    "a NUL": '"123\\u0000' + MARKER + '"',
    "a lone high surrogate": '"\\ud800' + MARKER + '"',
    "a lone low surrogate": '"' + MARKER + '\\udfff"',
    "a megabyte": json.dumps(MARKER * 70_000),
    "three megabytes": json.dumps(MARKER * 215_000),
    "a deep array": "[" * 300 + "]" * 300,
}

# As a code. Somebody's int(), isdigit() or upper() would take them for one.
CODES: dict[str, str] = {
    "full-width digits": "\uff11\uff12\uff13\uff14\uff15\uff16",
    "Arabic digits": "\u0661\u0662\u0663\u0664\u0665\u0666",
    "superscript digits": "\u00b9\u00b2\u00b3\u2074\u2075\u2076",
    "an underscore": "12_3456",
    "a sign": "+12345",
    "a fraction": "1234.5",
    "hexadecimal": "0x1234",
    "blanks alone": " " * 6,
    "a bidirectional mark": "\u202e123456",
    "SQL": "' OR 1=1 --",
    "a format": "%s%s%n{0}",
}

FOREIGN_TYPES = (
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/jsonp",
    "application/json-patch+json",
    "application/xml",
    "a/b;;;=",
    "application",
    "*/*",
)


def body_with(name: str, value: str, others: dict[str, Any]) -> bytes:
    """Return an object of `others`, in which `name` has `value`, a piece of JSON."""
    fields = [f"{json.dumps(key)}: {json.dumps(other)}" for key, other in others.items()]
    return "{{{}}}".format(", ".join([*fields, f"{json.dumps(name)}: {value}"])).encode()
