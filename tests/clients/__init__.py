"""Clients that are made from the OpenAPI documents. `make test-typescript` runs what needs npm."""
