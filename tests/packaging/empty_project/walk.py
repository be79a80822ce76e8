"""Runs inside the empty project: enrols over HTTP, and prints what it saw as one JSON object."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()

import pyotp  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

setup_test_environment()
User.objects.create_user("ada", password="a long passphrase")
client = Client()


def post(path: str, **body: str) -> tuple[int, dict[str, object]]:
    """Return the status and the JSON of a POST to the mounted routers."""
    response = client.post(f"/api/{path}", body, content_type="application/json")
    return response.status_code, response.json()


anonymous, _ = post("totp/create/")
logged_in, first_step = post("session/create/", username="ada", password="a long passphrase")
created, setup = post("totp/create/")
code = pyotp.TOTP(str(setup["secret"])).now()
confirmed, confirmation = post("totp/confirm/", input_code=code)
schema = client.get("/api/openapi.json")

json.dump(
    {
        "anonymous": anonymous,
        "logged_in": logged_in,
        "is_totp_enabled": first_step["is_totp_enabled"],
        "created": created,
        "confirmed": confirmed,
        "backup_codes": len(confirmation["backup_codes"]),
        "schema": schema.status_code,
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    },
    sys.stdout,
)
