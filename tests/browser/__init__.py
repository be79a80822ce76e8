"""A visitor walks through the demo in Chromium. `make test-browser` runs these."""
