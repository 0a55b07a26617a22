"""What can be wrong with editions of the boundaries."""

from app.language import Text
from app.messages.kinds import Message

_NOT_LOADED = Text("Edisi tidak dimuat", "Edition not loaded")
_NOTHING_STORED = Text("Tidak ada yang disimpan.", "Nothing was stored.")
_LOOK_FIRST = Text(
    "Lihat dulu apa yang akan berubah: POST …/impact, lalu GET …/impact. Kirim ETag-nya sebagai If-Match, atau nama edisi sebagai confirm.",
    "Look first at what would change: POST …/impact, then GET …/impact. Send its ETag as If-Match, or the name of the edition as confirm.",
)
_NAME_COLUMN = Text(
    'Sebutkan kolomnya, misalnya di columns "code": "KODE" (bidang: code, bps_code, name, kecamatan). Tidak ada yang disimpan.',
    'Name the column, for example in columns "code": "KODE" (fields: code, bps_code, name, kecamatan). Nothing was stored.',
)

PROBLEMS: dict[str, Message] = {
    "edition-unknown": Message(
        Text("Edisi tidak ditemukan", "No such edition"),
        Text("Tidak ada edisi batas dengan nama ini.", "There is no boundary edition of this name."),
        Text("Daftarnya: GET /boundaries/editions.", "They are listed by GET /boundaries/editions."),
    ),
    "edition-taken": Message(
        _NOT_LOADED,
        Text("Sudah ada edisi dengan nama ini.", "There is an edition of this name already."),
        Text("Pilih nama lain (edition); edisi yang sudah dimuat tidak ditimpa.", "Choose another name (edition); an edition that is loaded is never overwritten."),
    ),
    "editions-loading-full": Message(
        Text("Terlalu banyak berkas menunggu", "Too many files wait"),
        Text("Sudah {most} berkas batas menunggu dimuat.", "{most} boundary files wait to be loaded already."),
        Text("Tunggu sampai salah satu selesai, lalu kirim lagi.", "Wait until one of them is done, then send it again."),
    ),
    "edition-not-loaded": Message(_NOT_LOADED, Text("Berkas ini tidak dapat dimuat.", "This file cannot be loaded."), _NOTHING_STORED),
    "columns-not-recognised": Message(
        _NOT_LOADED,
        Text(
            "Tidak ada lapisan poligon dengan kolom kode atau nama kelurahan. Yang ada: {layers}.",
            "There is no layer of polygons with a column of codes or names of kelurahan. There is: {layers}.",
        ),
        _NAME_COLUMN,
    ),
    "no-kelurahan-found": Message(
        _NOT_LOADED,
        Text(
            "Tidak satu baris pun dari lapisan {layer} cocok dengan kelurahan yang dikenal di sini (misalnya: {examples}). Mungkin ini berkas kota lain.",
            "No row of layer {layer} matches a kelurahan that is known here (for example: {examples}). This may be the file of another city.",
        ),
        _NAME_COLUMN,
    ),
    "datum-not-exact": Message(
        _NOT_LOADED,
        Text(
            "Perubahan dari datum {datum} ke WGS 84 di tempat ini setepat {accuracy}; edisi ini harus setepat {wanted} m.",
            "From datum {datum} to WGS 84 is exact to {accuracy} at this place; this edition is to be exact to {wanted} m.",
        ),
        Text(
            "Ekspor ulang ke EPSG:4326 dengan cara yang lebih tepat, atau sebutkan ketelitian yang sebenarnya (accuracy_m).",
            "Export to EPSG:4326 in a more exact way, or say the actual accuracy (accuracy_m).",
        ),
    ),
    "edition-incomplete": Message(
        _NOT_LOADED,
        Text("Berkas ini tidak memuat semua kelurahan; temuan di bawah menyebut yang kurang.", "This file does not have every kelurahan; the findings say which are missing."),
        Text(
            "Lengkapi berkasnya, atau kirim lagi dengan incomplete=true. Tidak ada yang disimpan.",
            "Complete the file, or send it again with incomplete=true. Nothing was stored.",
        ),
    ),
    "edition-unsound": Message(
        _NOT_LOADED,
        Text("Berkas ini berisi kesalahan; lihat temuan yang bertanda error.", "This file has errors; see the findings whose severity is error."),
        Text(
            "Perbaiki di perangkat GIS, lalu kirim lagi. Bila temuan {acceptable} memang benar, kirim lagi dengan accept berisi kodenya. Tidak ada yang disimpan.",
            "Correct them in a GIS, then send it again. If findings of {acceptable} are right after all, send it again with their codes as accept. Nothing was stored.",
        ),
    ),
    "edition-lacks-kelurahan": Message(
        Text("Edisi tidak memuat kelurahan yang punya titik", "The edition lacks kelurahan that have points"),
        Text(
            "Edisi ini tidak memuat {number} kelurahan yang sudah punya titik: {codes}. Letak titik di sana tidak dapat dinilai.",
            "This edition lacks {number} kelurahan that have points: {codes}. Nobody could say where those points lie.",
        ),
        Text("Muat edisi yang lengkap. Tidak ada yang berubah.", "Load an edition that has them all. Nothing was changed."),
    ),
    "edition-used": Message(
        Text("Edisi pernah dipakai", "The edition was in use"),
        Text(
            "Edisi ini sedang atau pernah dipakai; putusan letak dan riwayat titik menyebutnya, jadi tidak dapat dihapus.",
            "This edition is, or was, in use; verdicts and histories of points name it, so it cannot be removed.",
        ),
        Text("Biarkan saja: edisi yang tidak dipakai tidak menilai apa pun.", "Leave it: an edition that is not in use judges nothing."),
    ),
    "edition-at-work": Message(
        Text("Edisi sedang dikerjakan", "The edition is at work"),
        Text("Edisi ini sedang dibandingkan atau mulai dipakai.", "This edition is being compared, or put into use."),
        Text("Tunggu sampai selesai, lalu ulangi.", "Wait until that is done, then repeat this."),
    ),
    "activation-unconfirmed": Message(
        Text("Perlu kepastian", "Confirmation needed"),
        Text("Memakai edisi ini menilai ulang semua titik.", "Activating this edition judges all points again."),
        _LOOK_FIRST,
    ),
    "impact-outdated": Message(
        Text("Perbandingan sudah usang", "The comparison is out of date"),
        Text("Titik atau edisi yang dipakai sudah berubah sejak perbandingan ini dibuat.", "Points, or the edition in use, have changed since this comparison was made."),
        Text("Buat lagi: POST …/impact, lihat hasilnya, lalu ulangi.", "Make it again: POST …/impact, look at it, then repeat this."),
    ),
    "activation-under-way": Message(
        Text("Sebuah edisi sedang diaktifkan", "An edition is being activated"),
        Text("Satu edisi diaktifkan pada satu waktu, dan satu sedang dikerjakan.", "One edition is activated at a time, and one is at work."),
        Text("Tunggu sampai selesai (GET /boundaries/jobs/…, lihat job), lalu ulangi.", "Wait until it is done (GET /boundaries/jobs/…, see job), then repeat this."),
    ),
    "impact-unknown": Message(
        Text("Belum dibandingkan", "Not compared yet"),
        Text("Belum ada yang meminta perbandingan edisi ini dengan yang dipakai.", "Nobody has had this edition compared with the one in use."),
        Text("Minta dengan POST ke alamat yang sama.", "Ask for it by a POST to the same address."),
    ),
    "activation-unknown": Message(
        Text("Belum diaktifkan", "Not activated"),
        Text(
            "Edisi ini belum pernah diaktifkan lewat HTTP, atau itu sudah lebih dari 30 hari.",
            "This edition has not been activated over HTTP, or that was more than 30 days ago.",
        ),
        Text("Lihat dulu dampaknya: POST …/impact.", "Look first at what it would change: POST …/impact."),
    ),
    "changes-not-ready": Message(
        Text("Belum selesai", "Not ready"),
        Text("Pekerjaan ini sedang berjalan.", "This is being worked on."),
        Text("Lihat kemajuannya: GET /boundaries/jobs/… (lihat job).", "See how far it is: GET /boundaries/jobs/… (see job)."),
    ),
    "boundary-job-unknown": Message(
        Text("Pekerjaan tidak ditemukan", "No such job"),
        Text("Tidak ada pekerjaan ini, atau sudah lebih dari 30 hari.", "There is no such job, or it is more than 30 days old."),
    ),
    "boundary-job-crashed": Message(
        Text("Pekerjaan berulang kali terhenti", "The job has died several times"),
        Text("Pekerjaan ini berulang kali terhenti di tengah jalan dan tidak dicoba lagi.", "This job has died several times on its way and is not tried again."),
        Text(
            "Tidak ada yang berubah. Ulangi; bila terhenti lagi, minta operator melakukannya lewat baris perintah: titik boundaries load atau activate.",
            "Nothing was changed. Repeat it; if it dies again, ask the operator to do it by the command line: titik boundaries load or activate.",
        ),
    ),
    "boundary-asker-gone": Message(
        Text("Peminta tidak berwenang lagi", "Who asked may not any more"),
        Text("Akun yang meminta pekerjaan ini sudah tidak aktif atau tidak berwenang lagi.", "The account that asked for this is not active or may not any more."),
        _NOTHING_STORED,
    ),
}  # fmt: skip

FAULTS: dict[str, Text] = {
    "fields-invalid": Text(
        "Tulis sebagai JSON, nama bidang lalu judul kolomnya: {example}. Bidang: {known}.",
        "Write it as JSON, each field with the heading of its column: {example}. Fields: {known}.",
    ),
    "accept-unknown": Text(
        "Yang dapat diterima hanya: {known}. Pisahkan dengan koma.", "What can be accepted: {known}, with commas between them."
    ),
    "edition-name": Text("Nama edisi: 1 sampai 100 huruf, tanpa garis miring.", "The name of an edition: 1 to 100 letters, no slash."),
    "edition-confirm": Text("Harus persis nama edisi ini.", "It must be exactly the name of this edition."),
    "edition-not-there": Text(
        "Tidak ada edisi dengan nama ini. Daftarnya: GET /boundaries/editions.",
        "There is no edition of this name. They are listed by GET /boundaries/editions.",
    ),
    "date-invalid": Text("Tulis tanggal sebagai 2026-11-22.", "Write a date as 2026-11-22."),
}
