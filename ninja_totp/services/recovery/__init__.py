"""Recovering an account whose authenticator is lost: links by mail, and what a recovery ends."""
