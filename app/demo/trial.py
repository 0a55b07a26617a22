"""`serve --demo` and `demo load`: the approximate edition, the samples, the tokens, each only where it is missing."""

import asyncio
import secrets
from pathlib import Path
from typing import NamedTuple

from app.boundaries import queries, service
from app.boundaries.checking import Boundary, check
from app.boundaries.service import EditionFacts
from app.cluster import place as places
from app.connections import open_once
from app.db import WriteSession
from app.demo import kediri, points
from app.errors import OperatorError
from app.language import Text
from app.operator.operation import Say, owner_dsn, write_private
from app.regions.codes import Region, city_of
from app.regions.queries import all_regions
from app.settings import Settings

TOKEN_FILE, PASSWORD_FILE = "demo-tokens.env", "demo-password"
ELSEWHERE = Text(
    "Basis data ini berisi kota lain. Data contoh hanya untuk Kota Kediri; pakai TITIK_DATA_DIR yang lain.",
    "This database holds another city. The sample data are of Kota Kediri only; use another TITIK_DATA_DIR.",
)
_TOKEN_SECONDS = 365 * 24 * 3600.0
LINK_SECONDS = 4 * 3600.0


class Trial(NamedTuple):
    """The files with the tokens and the password of its accounts (mode 0600), and by account the path of a link that signs in once."""

    tokens: Path
    links: dict[str, str]
    password: Path


def prepare(settings: Settings, say: Say, *, address: str) -> Trial:
    """Makes the trial complete."""
    return asyncio.run(_prepare(settings, say, address))


async def _prepare(settings: Settings, say: Say, address: str) -> Trial:
    with places.writing(settings.data_dir):
        places.make_data_dir(settings.data_dir)
    async with open_once(owner_dsn(settings)) as session:
        await load_samples(session, say)
    path = settings.data_dir / TOKEN_FILE
    known = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line) if path.exists() else {}
    async with open_once(owner_dsn(settings)) as session:
        tokens = {name: known.get(name, "") for name in points.TRIAL_ACCOUNTS}
        if not await points.are_valid(session, settings.secret, tokens):
            tokens = await points.trial_tokens(session, settings.secret, _TOKEN_SECONDS)
        links = await points.trial_links(session, settings.secret, LINK_SECONDS)
    password = await _password(settings)
    wanted = {"TITIK_URL": address, **tokens}
    if wanted != known:
        with places.writing(path):
            write_private(path, "".join(f"{name}={value}\n" for name, value in wanted.items()))
    return Trial(path, {name: f"/portal/masuk/{code}" for name, code in links.items()}, password)


async def _password(settings: Settings) -> Path:
    """The file with the password of all accounts of the trial. It stays as it is from start to start, and so do the browsers that are signed in."""
    path = settings.data_dir / PASSWORD_FILE
    is_new = not path.exists()
    password = secrets.token_urlsafe(12) if is_new else path.read_text().strip()
    async with open_once(owner_dsn(settings)) as session:
        await points.set_trial_passwords(session, password, is_new=is_new)
    if is_new:
        with places.writing(path):
            write_private(path, f"{password}\n")
    return path


async def load_samples(session: WriteSession, say: Say) -> int:
    """The sample points, within the active edition; where none is active, within the approximate one. 0: they are there already."""
    if await session.value(points.SAMPLE_POINTS, name=points.WRITER):
        return 0
    regions = await _regions_of_kediri(session)
    active = await queries.active_boundaries(session)
    boundaries = tuple(boundary for boundary in active if city_of(boundary.code) == kediri.CITY)
    if active and not boundaries:
        raise OperatorError("demo-elsewhere", ELSEWHERE)
    if not boundaries:
        say(Text("Membuat batas perkiraan kelurahan …", "Making the approximate kelurahan boundaries …"))
        boundaries = await approximate_edition(session, regions)
    say(Text("Mengisi titik contoh …", "Filling in sample points …"))
    features = points.sample_features(regions, boundaries)
    return await points.load(session, features, [boundary.code for boundary in boundaries])


async def _regions_of_kediri(session: WriteSession) -> tuple[Region, ...]:
    """Loaded by the way of every other city where there are none. `OperatorError` where the database is that of another city."""
    if not await all_regions(session):
        await kediri.load(session)
    regions = await all_regions(session)
    if not any(region.code == kediri.CITY for region in regions):
        raise OperatorError("demo-elsewhere", ELSEWHERE)
    return tuple(region for region in regions if city_of(region.code) == kediri.CITY)


async def approximate_edition(session: WriteSession, regions: tuple[Region, ...]) -> tuple[Boundary, ...]:
    from app.demo import division  # noqa: PLC0415 - a second that only the first start needs

    boundaries = division.approximate_boundaries(regions)
    facts = EditionFacts(name=division.NAME, source=division.SOURCE.id, accuracy_m=division.ACCURACY_M, approximate=True)
    await service.load(session, facts, boundaries, check(boundaries, regions))
    await service.activate(session, facts.name)
    return boundaries
