"""The second factor of an account: codes that a telephone shows. Setting it up, showing a code, taking it away."""

import time
from typing import NamedTuple

from app.access.rights import Actor
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid
from app.sessions import queries, totp
from app.settings import Settings

ISSUER = "Titik"


class FactorProposal(NamedTuple):
    """What a telephone is to take over: the text of the QR code, and the key for those who type it."""

    uri: str
    key: str


class FactorState(NamedTuple):
    """`codes_left`: recovery codes that were not used."""

    is_on: bool
    is_demanded: bool
    codes_left: int


async def state_of(session: WriteSession, settings: Settings, actor: Actor) -> FactorState:
    found = await session.first(queries.FACTOR, account_id=actor.id)
    left = await session.value(queries.RECOVERY_LEFT, account_id=actor.id)
    return FactorState(found is not None and found["confirmed_at"] is not None, actor.role in settings.second_factor_roles, left)


async def propose(session: WriteSession, settings: Settings, account_id: int, account: str) -> FactorProposal:
    """The key that counts once a code of it is shown; the same until then. `Conflict` where there is one that counts."""
    locked = await session.value(
        queries.PROPOSE_FACTOR, account_id=account_id, secret=totp.lock(settings.secret, account_id, totp.new_key())
    )
    if locked is None:
        raise Conflict("second-factor-there")
    key = totp.unlock(settings.secret, account_id, locked)
    if key is None:
        # It was proposed under another secret key of the service.
        await session.value(queries.REMOVE_FACTOR, account_id=account_id)
        return await propose(session, settings, account_id, account)
    uri = totp.uri_of(key, account, ISSUER)
    return FactorProposal(uri, uri.partition("secret=")[2].partition("&")[0])


async def set_up(session: WriteSession, settings: Settings, account_id: int, code: str) -> list[str]:
    """With the first code the factor counts. The recovery codes, which can be read this one time. `Invalid` where the code is wrong."""
    found = await session.first(queries.FACTOR, account_id=account_id)
    if found is None or found["confirmed_at"] is not None:
        raise Conflict("second-factor-there")
    await _show_code(session, settings, account_id, found, code)
    codes = totp.new_recovery_codes()
    hashes = [totp.hash_recovery(settings.secret, account_id, one) for one in codes]
    await session.run(queries.STORE_RECOVERY, account_id=account_id, hashes=hashes)
    await record(session, Action.SECOND_FACTOR_CHANGE, account_id, account_id=account_id, detail={"on": True}, notify=False)
    return codes


async def show(session: WriteSession, settings: Settings, account_id: int, code: str) -> None:
    """A code of the telephone, or a recovery code; each is good once. `Invalid` where it is wrong, was used, or is too old."""
    found = await session.first(queries.FACTOR, account_id=account_id)
    if found is None or found["confirmed_at"] is None:
        raise Invalid(faults=[Fault("/kode", "code-wrong")])
    typed = code.replace(" ", "")
    if len(typed) == totp.DIGITS and typed.isdecimal():
        await _show_code(session, settings, account_id, found, typed)
        return
    used = await session.value(queries.USE_RECOVERY, account_id=account_id, hash=totp.hash_recovery(settings.secret, account_id, typed))
    if used is None:
        raise Invalid(faults=[Fault("/kode", "code-wrong")])


async def _show_code(session: WriteSession, settings: Settings, account_id: int, found: queries.FactorRow, code: str) -> None:
    key = totp.unlock(settings.secret, account_id, found["secret"])
    step = None if key is None else totp.step_of(key, code.replace(" ", ""), time.time())
    if step is None or await session.value(queries.TAKE_STEP, account_id=account_id, step=step) is None:
        raise Invalid(faults=[Fault("/kode", "code-wrong")])


async def remove_own(session: WriteSession, settings: Settings, actor: Actor) -> None:
    """`Forbidden` where the role needs one."""
    actor.demand(Action.SECOND_FACTOR_CHANGE)
    if actor.role in settings.second_factor_roles:
        raise Forbidden("second-factor-demanded")
    await session.value(queries.REMOVE_FACTOR, account_id=actor.id)
    await record(session, Action.SECOND_FACTOR_CHANGE, actor.id, account_id=actor.id, detail={"on": False}, notify=False)


async def remove(session: WriteSession, account_id: int) -> None:
    """Of an account whose telephone and recovery codes are lost: whoever calls this records it."""
    await session.value(queries.REMOVE_FACTOR, account_id=account_id)
