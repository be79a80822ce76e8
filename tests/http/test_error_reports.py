"""What Django's report of an unexpected error would show of a request, local variables included."""

import pytest
from django.views.debug import ExceptionReporter

from ninja_totp.api import NinjaJWT, create_login_router
from ninja_totp.services.step_up import PASSWORD_ONLY
from tests.http.hosts import new_api


class _Broken(NinjaJWT):
    def refresh(self, token):
        raise RuntimeError

    verify = refresh


def _ours(error):
    report = ExceptionReporter(None, type(error), error, error.__traceback__)
    frames = report.get_traceback_data()["frames"]
    return [frame for frame in frames if "/tests/" not in frame["filename"]]


@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_a_refresh_token_is_in_no_frame(door, ada, mount, path, name):
    api = new_api()
    api.add_router("/jwt/", create_login_router(issuer=_Broken()))
    mount(api)
    token = NinjaJWT().log_in(None, ada.user, PASSWORD_ONLY)["refresh"]

    with pytest.raises(RuntimeError) as raised:
        door.post(path, {name: token})

    assert token not in str(_ours(raised.value))
