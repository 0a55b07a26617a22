"""What can be wrong with the chain of the audit, and its sentences."""

from typing import NamedTuple

from app.audit.schemas import WrongLink
from app.language import Language, Text


class ChainFinding(NamedTuple):
    """What is wrong at one place of the chain; `audit_id` is None where nothing is left that knew it."""

    code: str
    position: int | None
    audit_id: int | None
    last: int | None = None
    """The last position of a gap."""
    subject: str | None = None
    """What was written, where that is wrong and not the chain: the id of a revision, a point, a photo, an edition."""

    @property
    def text(self) -> Text:
        return FINDINGS[self.code].fill(position=self.position, audit_id=self.audit_id, last=self.last, subject=self.subject)

    def answer(self, language: Language) -> WrongLink:
        """As clients read it."""
        return {
            "code": self.code, "detail": self.text.say(language), "is_note": self.is_note, "position": self.position, "audit_id": self.audit_id,
        }  # fmt: skip

    @property
    def is_note(self) -> bool:
        """Whether it may well be as it should, and only cannot be shown."""
        return self.code in NOTES


FINDINGS = {
    "row-changed": Text(
        "Baris audit {audit_id} (posisi {position}) diubah setelah disegel.",
        "Audit row {audit_id} (position {position}) was changed after it was sealed.",
    ),
    "row-missing": Text("Baris audit {audit_id} (posisi {position}) hilang.", "Audit row {audit_id} (position {position}) is missing."),
    "row-backdated": Text(
        "Baris audit {audit_id} (posisi {position}) bertanggal jauh lebih awal dari segelnya, padahal baris yang lebih baru sudah disegel sebelumnya.",
        "Audit row {audit_id} (position {position}) is dated long before its seal, though newer rows had been sealed by then.",
    ),
    "row-postdated": Text(
        "Baris audit {audit_id} (posisi {position}) bertanggal setelah segelnya.",
        "Audit row {audit_id} (position {position}) is dated after its seal.",
    ),
    "row-late": Text(
        "Baris audit {audit_id} (posisi {position}) disegel lama setelah tanggalnya: layanan waktu itu berhenti, atau tanggalnya bukan yang sebenarnya.",
        "Audit row {audit_id} (position {position}) was sealed long after its date: the service was stopped then, or the date is not the true one.",
    ),
    "row-unsealed": Text(
        "Baris audit {audit_id} tidak bersegel, padahal lebih dari satu menit.",
        "Audit row {audit_id} has no seal though it is older than a minute.",
    ),
    "revision-rewritten": Text(
        "Revisi {subject} bukan lagi seperti yang dicatat di baris audit {audit_id}.",
        "Revision {subject} is no longer what audit row {audit_id} recorded.",
    ),
    "revision-unrecorded": Text("Revisi {subject} tidak punya baris audit.", "Revision {subject} has no audit row."),
    "revision-missing": Text(
        "Revisi {subject}, yang dicatat di baris audit {audit_id}, hilang.",
        "Revision {subject}, recorded in audit row {audit_id}, is missing.",
    ),
    "revision-state": Text(
        "Keadaan revisi {subject} bukan yang dicatat terakhir, di baris audit {audit_id}.",
        "The state of revision {subject} is not the one recorded last, in audit row {audit_id}.",
    ),
    "revision-unproven": Text(
        "{subject} revisi dicatat sebelum ada hash di auditnya: isinya tidak dapat diperiksa.",
        "{subject} revisions were recorded before the audit had hashes: their content cannot be checked.",
    ),
    "point-changed": Text(
        "Kategori, kelurahan, atau status titik {subject} bukan yang diberikan revisinya.",
        "The category, kelurahan or status of point {subject} is not what its revisions give.",
    ),
    "photo-rewritten": Text(
        "Foto {subject} bukan lagi seperti yang dicatat di baris audit {audit_id}.",
        "Photo {subject} is no longer what audit row {audit_id} recorded.",
    ),
    "photo-unfounded": Text(
        "Foto {subject} ditampilkan, padahal tidak ada yang menerbitkannya seperti itu.",
        "Photo {subject} is shown, though nobody published it as it is.",
    ),
    "edition-rewritten": Text(
        "Edisi batas {subject} bukan lagi seperti yang dicatat di baris audit {audit_id}.",
        "Boundary edition {subject} is no longer what audit row {audit_id} recorded.",
    ),
    "item-rewritten": Text(
        "Titik {subject} di bagian yang terbit bukan yang diberikan revisinya. Bila kategori, wilayah, atau program ini berubah sejak itu: "
        "titik published rebuild, lalu periksa lagi.",
        "Point {subject} in the published half is not what its revision gives. If a category, a region or this program has changed since: "
        "titik published rebuild, then verify again.",
    ),
    "item-missing": Text(
        "Titik {subject} terbit, tetapi tidak ada di bagian yang terbit.", "Point {subject} is published, but not in the published half."
    ),
    "item-unfounded": Text(
        "Titik {subject} ada di bagian yang terbit tanpa revisi terbit.",
        "Point {subject} is in the published half without a published revision.",
    ),
    "seal-missing": Text("Segel posisi {position} sampai {last} hilang.", "The seals of positions {position} to {last} are missing."),
    "chain-broken": Text(
        "Rantai putus di posisi {position} (baris audit {audit_id}): segelnya atau yang sebelumnya diubah atau berpindah.",
        "The chain breaks at position {position} (audit row {audit_id}): this seal or the one before was changed or moved.",
    ),
    "head-unsigned": Text(
        "Kepala rantai posisi {position} (baris audit {audit_id}) tidak ditandatangani dengan kunci layanan ini.",
        "The head at position {position} (audit row {audit_id}) is not signed with this service's key.",
    ),
    "head-missing": Text(
        "Rantai pernah sampai posisi {position} (baris audit {audit_id}); segel itu tidak ada lagi.",
        "The chain once reached position {position} (audit row {audit_id}); that seal is gone.",
    ),
    "head-differs": Text(
        "Di posisi {position} (baris audit {audit_id}) rantai berbeda dari kepala yang disimpan: dibuat ulang.",
        "At position {position} (audit row {audit_id}) the chain differs from the head that was kept: it was made anew.",
    ),
}


NOTES = ("row-late", "revision-unproven")
