"""What a walidata does about a public point that other boundaries have turned: tick it off, or propose the kelurahan in which it lies now."""

from uuid import UUID

from app.access.rights import Actor
from app.db import WriteSession
from app.errors import Conflict, TitikError
from app.points import service as points
from app.points.service import WriteOptions
from app.reviews import reading, service
from app.reviews.schemas import Review
from app.reviews.service import Acknowledging


def kelurahan_now(review: Review) -> str | None:
    """The other kelurahan in which a public point lies by the newer boundaries; None where there is none."""
    rejudged = review["rejudged"]
    if rejudged is None or review["state"] != "published" or rejudged["after"]["verdict"] != "elsewhere":
        return None
    return rejudged["after"]["kelurahan"]


async def acknowledge_one(session: WriteSession, actor: Actor, revision: UUID) -> None:
    """Ticks off one. `Conflict` where another has done so, `Forbidden` for one's own entry."""
    ((_, refusal),) = await service.acknowledge(session, actor, Acknowledging(revisions=[revision]))
    if isinstance(refusal, TitikError):
        raise refusal


async def propose_move(session: WriteSession, actor: Actor, revision: UUID) -> None:
    """A change of nothing but the kelurahan, which another walidata decides on; until then the point stays public as it is.

    `Stale` where something of the point is open already, `Conflict` where its verdict has been seen.
    """
    review = await reading.read_review(session, actor, revision)
    code = kelurahan_now(review)
    if code is None:
        raise Conflict("rejudgement-seen")
    await acknowledge_one(session, actor, revision)
    patch = {"properties": {"kelurahan": code}}
    options = WriteOptions(versions=[review["version"]])
    await points.patch_content(session, actor, review["category"], UUID(str(review["subject"])), patch, options)
