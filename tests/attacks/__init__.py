"""Attacks that befell others, tried here."""
