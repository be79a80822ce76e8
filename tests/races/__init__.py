"""Real threads and real processes on the configured database."""
