"""The only place that speaks DDL: tables of a catalog, the plan between two, its execution."""
