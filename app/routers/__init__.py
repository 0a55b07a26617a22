"""The URL map: one module per resource, in the order in which they are tried: what phones and maps ask for most comes first."""

from fastapi import APIRouter

from app.routers import (
    accounts,
    changes,
    collections,
    contacts,
    feature,
    features,
    health,
    items,
    landing,
    locate,
    me,
    points,
    reviews,
    sign_in,
    tiles,
    tilesets,
    tokens,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    features.router,
    feature.router,
    items.router,
    tiles.router,
    tilesets.router,
    landing.router,
    collections.router,
    locate.router,
    changes.router,
    reviews.router,
    points.router,
    contacts.router,
    me.router,
    sign_in.router,
    tokens.router,
    accounts.router,
    webhooks.router,
    health.router,
)
