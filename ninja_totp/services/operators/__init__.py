"""What operators do and see: reset, unlock, reports, pruning."""
