"""The services and what they stand on, each use case with its twin."""
