"""What admins and modules write: reading, checking and writing definition files."""
