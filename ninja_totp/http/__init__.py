"""What the Ninja API and the REST framework API share: everything about HTTP but the framework.

Rate limit, credentials (`issuers`), error schemas, and for each call the step from a validated body
to a use case and back. No rule about a second factor is decided here: that is `services/`.
"""
