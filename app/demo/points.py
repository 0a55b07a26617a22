"""A few hundred sample points, sent and published the way real ones are, and the accounts of a trial."""

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

import shapely

from app.access.rights import Actor, Role
from app.accounts import queries as account_queries
from app.accounts import service as accounts
from app.accounts import signing
from app.accounts.passwords import Passwords
from app.accounts.schemas import NewAccount
from app.audit.record import Action, record
from app.boundaries.checking import Boundary
from app.db import WriteSession
from app.errors import Unauthenticated
from app.points import service as points
from app.regions.codes import Region
from app.reviews import service as reviews
from app.reviews.service import Decision
from app.sessions import service as sessions
from app.statement import Statement

HOME = "35.71.01.1011"
"""The kelurahan of the trial's PIC: Mojoroto."""
WRITER, REVIEWER = "contoh-pengisi", "contoh-pemeriksa"
TRIAL_ACCOUNTS: dict[str, tuple[str, Role, tuple[str, ...]]] = {
    "TITIK_TOKEN_PIC": ("demo-pic-mojoroto", "pic", (HOME,)),
    "TITIK_TOKEN_WALIDATA": ("demo-walidata", "walidata", ()),
    "TITIK_TOKEN_OPD": ("demo-opd", "opd", ()),
    "TITIK_TOKEN_ADMIN": ("demo-admin", "admin", ()),
}

_FLOWERS = ("Melati", "Mawar", "Anggrek", "Kenanga", "Dahlia", "Teratai", "Cempaka", "Flamboyan", "Bougenville", "Kamboja")
_SEED = 35_71

ACCOUNT_ID = Statement[int | None]("SELECT id FROM titik.account WHERE name = :name")
HAS_PASSWORD = Statement[bool]("SELECT EXISTS (SELECT FROM titik.password WHERE account_id = CAST(:account_id AS int))")
SAMPLE_POINTS = Statement[int]("SELECT count(*) FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE a.name = :name")
SAMPLE_REVISIONS = Statement[list[str] | None]("""
    SELECT array_agg(r.id::text ORDER BY r.id) FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE a.name = :name
""")
CLEAR = (
    Statement("""
        DELETE FROM published.item WHERE id IN (
            SELECT r.point_id FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE a.name = :name)
    """),
    Statement("""
        DELETE FROM internal.item WHERE id IN (
            SELECT r.point_id FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE a.name = :name)
    """),
    Statement("""
        DELETE FROM titik.placement_change WHERE revision_id IN (
            SELECT r.id FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE a.name = :name)
    """),
    Statement("""
        DELETE FROM titik.notice WHERE revision_id IN (
            SELECT r.id FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE a.name = :name)
    """),
    Statement("""
        WITH gone AS (
            DELETE FROM titik.revision WHERE created_by = (SELECT id FROM titik.account WHERE name = :name) RETURNING point_id
        )
        DELETE FROM titik.point p USING gone WHERE p.id = gone.point_id
    """),
)


def sample_features(regions: Sequence[Region], boundaries: Sequence[Boundary]) -> list[tuple[str, dict[str, object]]]:
    """Categories and GeoJSON Features, about eight for each kelurahan, always the same; their names say that they are samples."""
    names = {region.code: region.name for region in regions}
    features = []
    for boundary in boundaries:
        dice = random.Random(f"{_SEED}{boundary.code}")  # noqa: S311 - sample data
        rt = 0
        for category, number in (("kantor_kelurahan", 1), ("posyandu", 3), ("pos_kamling", 2), ("rt", 2)):
            for index in range(number):
                rt += 1
                properties = _properties(category, names[boundary.code], index, rt, dice)
                features.append((category, _feature(boundary, properties, dice)))
    return features


def _properties(category: str, kelurahan: str, index: int, rt: int, dice: random.Random) -> dict[str, object]:
    numbers = {"rt": f"{rt:02d}", "rw": f"{1 + rt // 4:02d}"}
    match category:
        case "kantor_kelurahan":
            return {"name": f"Kantor Kelurahan {kelurahan} (contoh)", "kondisi": "baik"}
        case "posyandu":
            jenis = ("balita", "lansia", "ilp")[index]
            name = f"Posyandu {dice.choice(_FLOWERS)} {index + 1} (contoh)"
            # Of the others nobody knows when.
            captured = {"captured_at": f"2024-0{index + 1}-15T02:00:00Z"} if index < 2 else {}
            return {"name": name, "jenis": jenis, "kader_aktif": dice.randint(4, 9), **captured, **numbers}
        case "pos_kamling":
            return {"name": f"Pos Kamling RT {numbers['rt']} (contoh)", "aktif": True, "kentongan": True, **numbers}
        case _:
            return {**numbers, "jumlah_kk": dice.randint(40, 90)}


def _feature(boundary: Boundary, properties: dict[str, object], dice: random.Random) -> dict[str, object]:
    west, south, east, north = boundary.geometry.bounds
    while True:
        lon, lat = round(dice.uniform(west, east), 6), round(dice.uniform(south, north), 6)
        if shapely.contains_xy(boundary.geometry, lon, lat):
            break
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {
        "type": "Feature",
        "geometry": geometry,
        # In the smallest kelurahan samples with similar names may lie side by side.
        "properties": {"kelurahan": boundary.code, "method": "map", "accuracy_m": 10.0, "confirm_not_duplicate": True, **properties},
    }


async def load(session: WriteSession, features: Sequence[tuple[str, dict[str, object]]], codes: Sequence[str]) -> int:
    """Submits and publishes the samples, but leaves every tenth for the reviewer; nothing where they are loaded already."""
    if await session.value(SAMPLE_POINTS, name=WRITER):
        return 0
    writer = Actor(await _account(session, WRITER, "pic", codes), WRITER, "pic", tuple(codes))
    reviewer = Actor(await _account(session, REVIEWER, "walidata", ()), REVIEWER, "walidata")
    for number, (category, feature) in enumerate(features):
        submitted = await points.submit(session, writer, category, feature)
        if number % 10 != 9:
            revision = UUID((submitted.feature or {})["properties"]["revision"])
            await reviews.decide(session, reviewer, revision, Decision(decision="publish"))
    return len(features)


async def clear(session: WriteSession) -> None:
    """Takes the samples out again, public ones too; accounts and the record of what was done stay, and name what is gone."""
    if revisions := await session.value(SAMPLE_REVISIONS, name=WRITER):
        await record(session, Action.DEMO_CLEAR, WRITER, detail={"revisions": revisions}, notify=False)
    for statement in CLEAR:
        await session.run(statement, name=WRITER)


async def are_valid(session: WriteSession, secret: bytes, tokens: Mapping[str, str]) -> bool:
    """Whether each of these tokens still opens its account."""
    for variable, token in tokens.items():
        try:
            actor = await accounts.sign_in(session, secret, token)
        except Unauthenticated:
            return False
        if actor.name != TRIAL_ACCOUNTS[variable][0]:
            return False
    return True


async def trial_tokens(session: WriteSession, secret: bytes, seconds: float) -> dict[str, str]:
    """New tokens for the accounts of a trial, by the name of the variable that holds them."""
    tokens = {}
    for variable, (name, role, kelurahan) in TRIAL_ACCOUNTS.items():
        account_id = await _account(session, name, role, kelurahan)
        tokens[variable] = (await signing.issue(session, secret, account_id, seconds)).token
    return tokens


async def trial_links(session: WriteSession, secret: bytes, seconds: float) -> dict[str, str]:
    """The codes of links that sign in once, by the accounts of a trial."""
    return {
        name: await sessions.make_link(session, secret, await _account(session, name, role, kelurahan), seconds)
        for name, role, kelurahan in TRIAL_ACCOUNTS.values()
    }


async def set_trial_passwords(session: WriteSession, password: str, *, is_new: bool) -> None:
    """Gives it to the accounts of a trial, unless it `is_new` only to those that have none. Whoever is signed in stays so."""
    wanting = []
    for name, role, kelurahan in TRIAL_ACCOUNTS.values():
        account_id = await _account(session, name, role, kelurahan)
        if is_new or not await session.value(HAS_PASSWORD, account_id=account_id):
            wanting.append(account_id)
    hashed = await Passwords().hash(password) if wanting else ""
    for account_id in wanting:
        await session.run(account_queries.SET_PASSWORD, account_id=account_id, hash=hashed)


async def _account(session: WriteSession, name: str, role: Role, kelurahan: Sequence[str]) -> int:
    account_id: int | None = await session.value(ACCOUNT_ID, name=name)
    return (
        account_id
        if account_id is not None
        else await accounts.add_account(session, NewAccount(name=name, role=role, kelurahan=list(kelurahan)))
    )
