"""One file per field type; `runtime.fields.registry` finds them by looking into this folder."""
