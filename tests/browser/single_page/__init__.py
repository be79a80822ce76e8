"""The demo's API with the page of examples/typescript in front of it, in one origin."""
