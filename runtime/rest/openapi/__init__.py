"""OpenAPI 3.1 of one workspace, made from its definitions."""
