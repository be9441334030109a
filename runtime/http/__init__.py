"""What pages and REST share of HTTP: who is asking, from where, and with which revision."""
