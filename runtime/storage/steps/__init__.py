"""One change between two revisions each: what it risks, whom it touches, how it is carried out."""
