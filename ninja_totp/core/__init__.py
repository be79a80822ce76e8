"""The part that knows no framework: codes, lock-out policy, encryption, provisioning, errors.

Nothing here imports Django, Ninja or Pydantic, reads a clock or looks up a setting. Time (`now`,
`at`: whole seconds since 1970 UTC), keys and parameters come in as arguments, so that every rule
can be tested as a value. Storing and deciding races is the business of the models.
"""
