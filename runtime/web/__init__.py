"""The screens: routes, the base page, templates, style."""
