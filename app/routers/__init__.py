"""The URL map: one module per resource, in the order in which they are tried and documented."""

from fastapi import APIRouter

from app.routers import collections, health, items, landing, locate, reviews, tiles

ROUTERS: tuple[APIRouter, ...] = (
    landing.router,
    collections.router,
    items.router,
    tiles.router,
    locate.router,
    reviews.router,
    health.router,
)
