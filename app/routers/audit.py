"""The record of what was done, for administrators: looking something up, and verifying its chain."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.audit import sealing
from app.audit.record import Action
from app.audit.schemas import AuditEntries, Verification
from app.audit.searching import AuditFilter, page
from app.errors import BadRequest, Fault
from app.http.editing import Editing
from app.http.paging import Paging
from app.http.parameters import PRIVATE, Speaking
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.http.services import services
from app.regions import queries as regions

router = APIRouter(route_class=StrictRoute, prefix="/audit", tags=["audit"])

VERIFIED_AT_ONCE = 50_000
"""Seals that one request reads: some seconds."""
_NEWEST = 2**63 - 1


async def filters_of(
    account: Annotated[str | None, Query(max_length=100, description="The name of an account")] = None,
    action: Annotated[str | None, Query(max_length=40, description="A word such as `revision.publish`")] = None,
    subject: Annotated[str | None, Query(max_length=100, description="The id of what was acted on")] = None,
    kind: Annotated[str | None, Query(max_length=40, description="Of which noun: point, …")] = None,
    kelurahan: Annotated[str | None, Query(max_length=64)] = None,
    category: Annotated[str | None, Query(max_length=64)] = None,
    datetime: Annotated[str | None, Query(max_length=100, description="An instant or an interval (RFC 3339), open with `..`")] = None,
) -> AuditFilter:
    return AuditFilter(account, action, subject, kind, kelurahan, category, datetime)


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.AUDIT_READ)
async def get_audit(
    request: Request, response: Response, paged: Paging, wanted: Annotated[AuditFilter, Depends(filters_of)]
) -> AuditEntries:
    """What was done, the newest first: by whom, when, to what. Every row stands in a chain that shows whether it was changed."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        before = int(paged.after("audit", str(_NEWEST)))
        kelurahan = await regions.code_of_parameter(editor.session, wanted.kelurahan)
        entries, last = await page(editor.session, wanted._replace(kelurahan=kelurahan), before, paged.limit)
    return {"entries": entries, "numberReturned": len(entries), "links": paged.links("audit", last)}


@router.get("/verification", responses=problems(400, 401, 403, 503))
@needs(Action.AUDIT_READ)
async def get_verification(request: Request, response: Response, paged: Paging, language: Speaking) -> Verification:
    """Reads the chain from its beginning, part by part, and says where it does not hold. What is stored is held against the record by
    `titik audit verify` alone.
    """
    response.headers.update(PRIVATE)
    secret = services(request).settings.secret
    async with Editing(request) as editor:
        after = int(paged.after("verification", "0"))
        part = await sealing.verify_part(editor.session, after, VERIFIED_AT_ONCE)
        if part is None:
            raise BadRequest(faults=[Fault("cursor", "cursor-unknown")])
        head = None if part.goes_on else await sealing.signed_head(editor.session, secret)
    findings = [one.answer(language) for one in part.findings[: paged.limit]]
    return {
        "findings": findings, "verified_to": part.last, "head": head, "numberReturned": len(findings),
        "links": paged.links("verification", part.last if part.goes_on else None),
    }  # fmt: skip
