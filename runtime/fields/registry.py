"""Finds the field types: every module of `runtime.fields.types` holds exactly one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from runtime.fields import types as folder
from runtime.fields.base import FieldType


@cache
def field_types() -> Mapping[str, FieldType]:
    """Name -> the one instance of the type, in order of names."""
    found: dict[str, FieldType] = {}
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{folder.__name__}.{info.name}")
        for kind in vars(module).values():
            if _is_own_type(kind, module.__name__):
                found[kind.name] = kind()
    return MappingProxyType(dict(sorted(found.items())))


def _is_own_type(kind: object, module: str) -> bool:
    return (
        inspect.isclass(kind)
        and issubclass(kind, FieldType)
        and not inspect.isabstract(kind)
        and kind.__module__ == module
    )
