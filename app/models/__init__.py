"""The schema as code: one module per noun. All of them are imported here, for Alembic to see them."""

from importlib import import_module
from pkgutil import iter_modules

from app.models.base import INTERNAL_HALF, PUBLIC_HALF, WRITE_HALF, Base

__all__ = ["INTERNAL_HALF", "PUBLIC_HALF", "WRITE_HALF", "Base"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
