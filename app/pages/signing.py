"""Pages around signing in: the token or the refusal that the identity server led to, and a new password."""

from collections.abc import Mapping, Sequence

from app.access.rights import Actor
from app.language import Text
from app.pages.frame import Frame, page
from app.pages.managing_words import OFFICES
from app.pages.qr import qr_code
from app.sessions.factors import FactorProposal, FactorState
from app.sessions.schemas import SignedInBrowser

_CODE = Text("Kode dari ponsel", "Code of your phone")
_FACTOR = Text("Siapkan kode dari ponsel", "Set up codes of your phone")
_RECOVERY = Text("Simpan kode cadangan Anda", "Keep your recovery codes")
_OF_TRIAL = "demo-"
"""How the accounts of `serve --demo` begin."""
_AGAIN = Text("Ketik sandi Anda lagi", "Type your password again")
_ACCOUNT = Text("Akun saya", "My account")
_SIGN_IN = Text("Masuk", "Sign in")
_PASSWORD_FOR = Text("Sandi baru untuk {account}", "A new password for {account}")


def sign_in(frame: Frame, account: str, wrong: Mapping[str, str], elsewhere: str | None) -> str:
    """The form: `account` as it was typed, `wrong` by field. `elsewhere`: where to sign in at the city's identity server."""
    return page("signing_in.html", frame, _SIGN_IN.say(frame.language), account=account, wrong=wrong, elsewhere=elsewhere)


def sign_in_by_link(frame: Frame, account: str) -> str:
    return page("signing_link.html", frame, _SIGN_IN.say(frame.language), account=account)


def code(frame: Frame, account: str, wrong: Mapping[str, str]) -> str:
    """Where the code of the telephone is typed."""
    return page("signing_code.html", frame, _CODE.say(frame.language), account=account, wrong=wrong)


def second_factor(frame: Frame, proposal: FactorProposal, wrong: Mapping[str, str], *, is_demanded: bool) -> str:
    """How a telephone takes over the key."""
    key = " ".join(proposal.key[place : place + 4] for place in range(0, len(proposal.key), 4))
    picture = qr_code(proposal.uri)
    return page("signing_factor.html", frame, _FACTOR.say(frame.language), picture=picture, key=key, wrong=wrong, is_demanded=is_demanded)


def recovery_codes(frame: Frame, codes: Sequence[str], goes_on: str) -> str:
    return page("signing_recovery.html", frame, _RECOVERY.say(frame.language), codes=codes, goes_on=goes_on)


def password_again(frame: Frame, wrong: Mapping[str, str], elsewhere: str | None) -> str:
    """Before what is about rights, keys and boundaries. To an account of a trial it says where its password is."""
    is_of_trial = frame.visitor is not None and frame.visitor.name.startswith(_OF_TRIAL)
    return page("signing_password.html", frame, _AGAIN.say(frame.language), wrong=wrong, elsewhere=elsewhere, is_of_trial=is_of_trial)


def account(
    frame: Frame, actor: Actor, kelurahan: Sequence[str], browsers: Sequence[SignedInBrowser], factor: FactorState, wrong: Mapping[str, str],
    shortest: int,
) -> str:  # fmt: skip
    """One's own: the names of the kelurahan that one writes for, browsers that are signed in, the password, the second factor."""
    return page(
        "signing_account.html", frame, _ACCOUNT.say(frame.language), actor=actor, role=OFFICES[actor.role].say(frame.language), kelurahan=kelurahan, browsers=browsers, factor=factor, wrong=wrong, shortest=shortest,
    )  # fmt: skip


def signed_in(frame: Frame, title: str, lines: Sequence[str], code: str | None, again: str | None = None) -> str:
    """`code`: what is to be copied. `again`: where one begins anew."""
    return page("signed_in.html", frame, title, lines=lines, code=code, again=again)


def password(frame: Frame, account: str, shortest: int, wrong: str | None = None, *, is_saved: bool = False) -> str:
    """The form, with what was wrong with the last one; or that the password is saved."""
    title = _PASSWORD_FOR.say(frame.language, {"account": account})
    return page("password.html", frame, title, shortest=shortest, wrong=wrong, is_saved=is_saved)
