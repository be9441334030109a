"""What everything else stands on and nothing here knows: errors, identities, clock, languages."""
