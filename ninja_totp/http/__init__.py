"""What the Ninja API and the REST framework API share: everything about HTTP but the framework.

Client address and rate limit, credentials (`issuers`), error schemas, and for each call the step
from a validated body to a use case and back. Nothing here imports Django-Ninja's routers or REST
framework, and no rule about a second factor is decided here: that is `services/`.
"""
