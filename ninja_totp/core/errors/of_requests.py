"""Why a request is turned away before anything is looked up."""

from ninja_totp.core.errors.root import TotpError, gettext_noop

__all__ = [
    "CsrfFailed",
    "InvalidRequest",
    "MalformedRequest",
    "PayloadTooLarge",
    "Throttled",
    "UnsupportedMediaType",
]


class MalformedRequest(TotpError):
    """The body cannot be read: truncated, nested too deeply, not of the announced kind."""

    code = "malformed_request"
    sentence = gettext_noop("The request body could not be read.")


class PayloadTooLarge(TotpError):
    """The body is larger than any honest request."""

    code = "payload_too_large"
    status = 413
    sentence = gettext_noop("The request body is too large.")


class UnsupportedMediaType(TotpError):
    """The body is not announced as JSON; a foreign page could send it without asking (CSRF)."""

    code = "unsupported_media_type"
    status = 415
    sentence = gettext_noop("The request body must be sent as application/json.")


class InvalidRequest(TotpError):
    """Fields are missing or of the wrong kind.

    `fields` maps the name of a field to sentences about it; they must not repeat the input.
    """

    code = "invalid_request"
    status = 422
    sentence = gettext_noop("Some fields are missing or not valid.")
    further = ("fields",)

    def __init__(self, sentence: str | None = None, *, fields: dict[str, list[str]]) -> None:
        super().__init__(sentence)
        self.fields = fields


class CsrfFailed(TotpError):
    """A request that is authenticated by a cookie lacks the CSRF token."""

    code = "csrf_failed"
    status = 403
    sentence = gettext_noop("The CSRF token is missing or incorrect.")


class Throttled(TotpError):
    """Too many requests in a short time, whatever they held. `retry_after` is in seconds."""

    code = "throttled"
    status = 429
    sentence = gettext_noop("Too many requests. Try again later.")
    further = ("retry_after",)

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after
