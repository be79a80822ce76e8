"""What a user sees who may not see a page yet: another page first, or an error."""

from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from ninja_totp.core.errors import TotpError
from ninja_totp.http.errors import error_response


def page_or_error(request: HttpRequest, page: str | None, error: TotpError) -> HttpResponse:
    """Redirect a browser to `page` (a path or the name of a URL), and back by `next`.

    `next` is a path of this site, or empty. Without a page, and for other clients, answer `error`:
    a script accepts anything, and cannot use a redirect to a page.
    """
    if not page or "text/html" not in request.headers.get("Accept", ""):
        return error_response(error)
    back = _here(request)
    hosts, is_secure = {request.get_host()}, request.is_secure()
    is_safe = url_has_allowed_host_and_scheme(back, hosts, require_https=is_secure)
    return redirect_to_login(back if is_safe else "", page)


def _here(request: HttpRequest) -> str:
    # A redirect loses the body: after a form, return to the page with the form.
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # "http://["
        return request.get_full_path()
    if referrer.netloc != request.get_host():
        return request.get_full_path()
    return referrer._replace(scheme="", netloc="").geturl()
