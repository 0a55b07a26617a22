"""The sentences of the administrator's pages: roles, parts, and what was done, a sentence for each word of the record."""

from collections.abc import Mapping
from typing import NamedTuple

from app.access.rights import Role
from app.audit.record import Action
from app.language import Text


class Section(NamedTuple):
    path: str
    title: Text
    lead: Text


SECTIONS = (
    Section(
        "/portal/kelola/akun", Text("Akun", "Accounts"),
        Text("Siapa yang boleh masuk, untuk kelurahan mana; tautan sandi; serah terima.", "Who may sign in, for which kelurahan; links for passwords; handing over."),
    ),
    Section(
        "/portal/kelola/kategori", Text("Kategori", "Categories"),
        Text("Apa yang dihitung, dan isian apa yang dimilikinya.", "What is counted, and which fields it has."),
    ),
    Section(
        "/portal/kelola/indikator", Text("Indikator", "Indicators"),
        Text("Angka apa yang dimiliki profil kelurahan, dan apa artinya.", "Which figures the profile of a kelurahan has, and what they mean."),
    ),
    Section(
        "/portal/kelola/batas", Text("Batas kelurahan", "Boundaries"),
        Text("Muat batas baru, lihat akibatnya di peta, lalu pakai.", "Load new boundaries, see on a map what they change, then use them."),
    ),
    Section(
        "/portal/kelola/webhook", Text("Webhook", "Webhooks"),
        Text("Sistem lain yang diberi tahu, dan apa yang sudah sampai.", "Other systems that are told, and what has reached them."),
    ),
    Section(
        "/portal/kelola/keadaan", Text("Keadaan layanan", "State of the service"),
        Text("Apakah semuanya bekerja, apa yang menunggu, apa yang lambat.", "Whether everything works, what waits, what is slow."),
    ),
    Section(
        "/portal/kelola/catatan", Text("Catatan perbuatan", "Record of what was done"),
        Text("Siapa melakukan apa, kapan; dan apakah catatannya masih utuh.", "Who did what, and when; and whether the record is still whole."),
    ),
)  # fmt: skip

OFFICES: Mapping[Role, Text] = {
    "pic": Text("PIC kelurahan", "PIC of a kelurahan"), "walidata": Text("Walidata", "Walidata"), "opd": Text("OPD", "Agency"),
    "pembina": Text("Pembina data", "Data supervisor"), "admin": Text("Admin", "Administrator"),
}  # fmt: skip
ROLES: Mapping[Role, Text] = {
    "pic": Text("PIC kelurahan: mengisi titik", "PIC of a kelurahan: writes points"),
    "walidata": Text("Walidata: memeriksa dan menerbitkan", "Walidata: reviews and publishes"),
    "opd": Text("OPD: membaca yang internal", "Agency: reads what is internal"),
    "pembina": Text("Pembina data: membaca yang internal", "Data supervisor: reads what is internal"),
    "admin": Text("Admin: akun, kategori, batas", "Administrator: accounts, categories, boundaries"),
}

ACTIONS: Mapping[Action, Text] = {
    Action.ITEM_READ_INTERNAL: Text("Membaca data internal", "Read internal data"),
    Action.POINT_READ_WORK: Text("Membaca titik yang dikerjakan", "Read points being worked on"),
    Action.POINT_DRAFT: Text("Menyimpan rancangan titik", "Kept a draft of a point"),
    Action.POINT_SUBMIT: Text("Mengirim titik", "Submitted a point"),
    Action.POINT_CHANGE: Text("Mengubah titik", "Changed a point"),
    Action.POINT_CONFIRM: Text("Menyatakan titik masih ada", "Confirmed that a point is still there"),
    Action.POINT_CLOSE: Text("Meminta titik ditutup", "Asked to close a point"),
    Action.IMPORT_READ: Text("Membaca impor", "Read an import"),
    Action.IMPORT_BEGIN: Text("Mengunggah berkas", "Uploaded a file"),
    Action.IMPORT_COMMIT: Text("Memasukkan isi berkas", "Committed an import"),
    Action.IMPORT_REMOVE: Text("Menghapus impor", "Removed an import"),
    Action.RESCUE_BRING: Text("Membawa berkas penyelamat milik orang lain", "Brought somebody else's rescue file"),
    Action.REPORT_SEND: Text("Laporan warga masuk", "A report came in"),
    Action.REPORT_READ: Text("Membaca laporan warga", "Read a report"),
    Action.REPORT_ANSWER: Text("Menjawab laporan warga", "Answered a report"),
    Action.REPORT_SHOW: Text("Menampilkan laporan warga kepada umum", "Showed a report to everybody"),
    Action.REPORT_FORGET: Text("Menghapus laporan warga yang lama", "Deleted an old report"),
    Action.REVISION_SUBMIT: Text("Mengirim perubahan", "Submitted a revision"),
    Action.REVISION_WITHDRAW: Text("Menarik kembali kiriman", "Withdrew a revision"),
    Action.REVIEW_READ: Text("Membaca antrean", "Read the queue"),
    Action.REVISION_PUBLISH: Text("Menerbitkan", "Published"),
    Action.REVISION_RETURN: Text("Mengembalikan", "Returned"),
    Action.REVISION_UNPUBLISH: Text("Menurunkan dari peta", "Took from the map"),
    Action.REVISION_ACKNOWLEDGE: Text("Mengakui letak menurut batas baru", "Acknowledged a place by new boundaries"),
    Action.PHOTO_READ: Text("Melihat foto", "Looked at a photo"),
    Action.PHOTO_ADD: Text("Menambah foto", "Added a photo"),
    Action.PHOTO_REMOVE: Text("Menghapus foto", "Removed a photo"),
    Action.PHOTO_PUBLISH: Text("Menerbitkan foto", "Published a photo"),
    Action.CONTACT_READ: Text("Membaca kontak orang", "Read contacts of people"),
    Action.CONTACT_WRITE: Text("Menulis kontak orang", "Wrote contacts of people"),
    Action.CONTACT_PURGE: Text("Menghapus kontak yang berakhir", "Deleted contacts that ended"),
    Action.DEMO_CLEAR: Text("Menghapus data contoh", "Cleared the sample data"),
    Action.REGION_LOAD: Text("Memuat wilayah", "Loaded regions"),
    Action.CITY_CHANGE: Text("Mengubah pengaturan kota", "Changed settings of a city"),
    Action.EDITION_LOAD: Text("Memuat edisi batas", "Loaded an edition of boundaries"),
    Action.EDITION_COMPARE: Text("Membandingkan edisi batas", "Compared editions of boundaries"),
    Action.EDITION_ACTIVATE: Text("Mengaktifkan edisi batas", "Activated an edition of boundaries"),
    Action.EDITION_REMOVE: Text("Menghapus edisi batas yang belum dipakai", "Removed an edition of boundaries that was never in use"),
    Action.ME_READ: Text("Membaca akun sendiri", "Read the own account"),
    Action.ME_CHANGE: Text("Mengubah akun sendiri", "Changed the own account"),
    Action.PASSWORD_CHANGE: Text("Mengganti sandi", "Changed the password"),
    Action.PASSWORD_RESET: Text("Memasang sandi lewat tautan", "Set a password by a link"),
    Action.IDENTITY_ASK: Text("Minta dikaitkan dengan akun kota", "Asked to be bound to an identity of the city"),
    Action.IDENTITY_BIND: Text("Mengaitkan dengan akun kota", "Bound to an identity of the city"),
    Action.TOKEN_READ: Text("Membaca daftar token", "Read the tokens"),
    Action.TOKEN_ISSUE: Text("Membuat token", "Issued a token"),
    Action.TOKEN_REVOKE: Text("Mengakhiri token", "Ended a token"),
    Action.ACCOUNT_READ: Text("Membaca akun", "Read accounts"),
    Action.ACCOUNT_ADD: Text("Menambah akun", "Added an account"),
    Action.ACCOUNT_CHANGE: Text("Mengubah akun", "Changed an account"),
    Action.ACCOUNT_HAND_OVER: Text("Menyerahterimakan akun", "Handed an account over"),
    Action.ACCOUNT_RESET_PASSWORD: Text("Membuat tautan sandi", "Made a link for a password"),
    Action.ACCOUNT_REVOKE_TOKENS: Text("Mengakhiri semua sesi dan token akun", "Ended all sessions and tokens of an account"),
    Action.SESSION_BEGIN: Text("Masuk lewat peramban", "Signed in with a browser"),
    Action.SESSION_READ: Text("Membaca daftar sesi", "Read the sessions"),
    Action.SESSION_END: Text("Mengakhiri sesi", "Ended a session"),
    Action.SECOND_FACTOR_CHANGE: Text("Mengubah faktor kedua", "Changed the second factor"),
    Action.ACCOUNT_REMOVE_SECOND_FACTOR: Text("Mencabut faktor kedua akun", "Removed the second factor of an account"),
    Action.CATEGORY_ADD: Text("Menambah kategori", "Added a category"),
    Action.CATEGORY_CHANGE: Text("Mengubah kategori", "Changed a category"),
    Action.INDICATOR_ADD: Text("Menambah indikator", "Added an indicator"),
    Action.INDICATOR_CHANGE: Text("Mengubah indikator", "Changed an indicator"),
    Action.VALUE_READ_WORK: Text("Membaca angka profil yang dikerjakan", "Read profile figures being worked on"),
    Action.VALUE_DRAFT: Text("Menyimpan rancangan angka profil", "Kept a draft of a profile figure"),
    Action.VALUE_SUBMIT: Text("Mengirim angka profil", "Sent a profile figure"),
    Action.AUDIT_READ: Text("Membaca catatan perbuatan", "Read the record"),
    Action.STATE_READ: Text("Melihat keadaan layanan", "Looked at the state of the service"),
    Action.WEBHOOK_READ: Text("Membaca webhook", "Read webhooks"),
    Action.WEBHOOK_WRITE: Text("Mengubah webhook", "Changed a webhook"),
    Action.WEBHOOK_REPLAY: Text("Mengirim ulang kejadian ke webhook", "Sent events to a webhook again"),
}
"""A test holds that every word has one."""
