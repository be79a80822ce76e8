"""The JSON contract of both APIs: requests and responses. Errors are in `http/errors.py`.

Names begin with `Totp`, because OpenAPI keys components by class name and would silently replace
those of the project. Codes, passwords and tokens are Secret: no repr, log line or report shows
them.
"""
