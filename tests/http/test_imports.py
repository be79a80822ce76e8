"""What importing the routers makes and loads: a start-up that a project pays for each process."""

import subprocess
import sys

from ninja_totp.api import NinjaJWT, create_login_router, create_recovery_router, create_router

_FRESH_PROCESS = """
import django
django.setup()
from ninja_totp.api import totp_router
view = totp_router.path_operations["/confirm/"]
answers = view.operations[0].response_models.values()
print(any(answer.__pydantic_complete__ for answer in answers))
"""


def _answers(router):
    return [
        model
        for view in router.path_operations.values()
        for operation in view.operations
        for model in operation.response_models.values()
        if isinstance(model, type)
    ]


def test_endpoints_with_the_same_answer_share_its_model():
    routers = [
        create_router(),
        create_login_router(issuer=NinjaJWT()),
        create_recovery_router(),
    ]

    answers = [model for router in routers for model in _answers(router)]

    contents = {model.model_fields["response"].annotation for model in answers}
    assert len(set(answers)) == len(contents) < len(answers) / 2


def test_what_may_not_be_needed_is_put_off():
    command = [sys.executable, "-c", _FRESH_PROCESS]

    fresh = subprocess.run(command, capture_output=True, text=True, check=True)

    assert fresh.stdout.split() == ["False"]
