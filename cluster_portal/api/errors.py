"""Failures of the API's own machinery."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, Forbidden, NotSignedIn, PortalError


class InvalidToken(NotSignedIn):
    code, title = (
        "invalid_token",
        _("The access token is unknown, expired or withdrawn. Please fetch a new one."),
    )


class InsufficientScope(Forbidden):
    code, title = "insufficient_scope", _("The access token lacks the scope that this address asks for.")


class CsrfRefused(Forbidden):
    code, title = "csrf_failed", _("The request came without the page's protection mark (X-CSRFToken).")


class TooLarge(PortalError):
    code, status, title = "too_large", 413, _("The body is larger than the 2 MB that this address takes.")


class BrokenJSON(PortalError):
    code, status, title = "broken_json", 400, _("The body is not valid JSON.")


class CompressedBody(PortalError):
    code, status, title = (
        "compressed_body",
        415,
        _("Please send the body as it is, without Content-Encoding."),
    )


class BadIdempotencyKey(PortalError):
    code, status = "bad_idempotency_key", 400
    title = _("Idempotency-Key must hold 1 to 255 visible ASCII characters.")


class IdempotencyMismatch(PortalError):
    code, status = "idempotency_mismatch", 422
    title = _("This Idempotency-Key was already used with another body. A new request needs a new key.")


class RequestRunning(Conflict):
    code = "request_running"
    title = _("A request with this Idempotency-Key is still running. Please repeat it in a moment.")


class OutOfRange(PortalError):
    code, status, title = "out_of_range", 400, _("A value is outside of what can be stored.")


class Unavailable(PortalError):
    code, status, title = (
        "unavailable",
        503,
        _("The database does not answer. Please repeat the request in a moment."),
    )
