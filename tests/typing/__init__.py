"""Uses of the public API that mypy reads and nobody runs: a wrong type is what fails here."""
