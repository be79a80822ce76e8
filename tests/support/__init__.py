"""What several suites use: a clock that stands still, a user with a phone, clients of the doors."""
