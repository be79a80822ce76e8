"""What the Ninja API and the REST framework API share: all of HTTP except the framework.

Rate limit, credentials (`issuers`), error schemas, and one function for each call, from a validated
body to a use case and back. No rule about a second factor is decided here: see `services/`.
"""
