"""The URL map: one module per resource, in the order in which they are tried: what phones and maps ask for most comes first."""

from fastapi import APIRouter

from app.routers import (
    accounts,
    categories,
    collections,
    contacts,
    feature,
    features,
    health,
    imports,
    items,
    landing,
    locate,
    me,
    photos,
    points,
    reviews,
    sign_in,
    sync,
    tiles,
    tilesets,
    tokens,
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
    sync.router,
    reviews.router,
    points.router,
    imports.router,
    categories.router,
    contacts.router,
    photos.router,
    me.router,
    sign_in.router,
    tokens.router,
    accounts.router,
    health.router,
)
