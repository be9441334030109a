"""Questions to the tables of a catalog: filters, search, sorting, pages, as prepared statements."""
