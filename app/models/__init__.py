"""The schema as code: one module per noun, one import here for Alembic to see them all."""

from app.models import account, audit, boundary, category, contact, history, outbox, photo, point, published, region, transfer, webhook
from app.models.base import INTERNAL_HALF, PUBLIC_HALF, WRITE_HALF, Base

__all__ = [
    "INTERNAL_HALF",
    "PUBLIC_HALF",
    "WRITE_HALF",
    "Base",
    "account",
    "audit",
    "boundary",
    "category",
    "contact",
    "history",
    "outbox",
    "photo",
    "point",
    "published",
    "region",
    "transfer",
    "webhook",
]
