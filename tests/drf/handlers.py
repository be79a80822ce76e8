"""An exception handler as projects write them."""

from rest_framework.views import exception_handler


def in_an_envelope_of_the_project(exc, context):
    """Put what the framework would answer under "error"."""
    response = exception_handler(exc, context)
    response.data = {"error": response.data}
    return response
