"""The URL map: one module per resource, in the order in which they are tried: what phones and maps ask for most comes first."""

from fastapi import APIRouter

from app.routers import collections, contacts, health, items, landing, locate, points, reviews, sign_in, tiles

ROUTERS: tuple[APIRouter, ...] = (
    items.router,
    tiles.router,
    landing.router,
    collections.router,
    locate.router,
    reviews.router,
    points.router,
    contacts.router,
    sign_in.router,
    health.router,
)
