"""What a field is: the contract in `base`, a file per type in `types`, found by `registry`."""
