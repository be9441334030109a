"""REST, `/api/v1`: JSON over the records service, described by OpenAPI."""
