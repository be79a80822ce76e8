"""What operators do and see: reset, unlock, exempt, reports, pruning, keys."""
