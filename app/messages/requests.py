"""What can be wrong with a request, a point or its place."""

from app.language import Text
from app.messages.kinds import Message

# Not "nothing was stored": a connection that ends during COMMIT leaves that open, and the same id makes it harmless.
_TRY_AGAIN = Text(
    "Coba lagi sebentar lagi; kiriman yang sama dengan id yang sama tidak akan tersimpan dua kali.",
    "Try again in a moment; the same request with the same id is never stored twice.",
)
_CHECK_PLACE = Text(
    "Periksa koordinatnya, atau kelurahannya. Bila memang benar di sana, kirim lagi dengan override_reason berisi alasannya.",
    "Check the coordinate, or the kelurahan. If it really is there, send it again with an override_reason that says why.",
)

PROBLEMS: dict[str, Message] = {
    "own-revision": Message(
        Text("Isian sendiri", "Your own entry"),
        Text("Yang mengisi tidak boleh memutuskan isiannya sendiri.", "Who entered a revision cannot decide on it."),
        Text("Minta walidata lain memeriksanya.", "Ask another walidata to review it."),
    ),
    "not-found": Message(
        Text("Tidak ditemukan", "Not found"), Text("Tidak ada apa pun di alamat ini.", "There is nothing at this address.")
    ),
    "collection-unknown": Message(
        Text("Koleksi tidak ditemukan", "No such collection"),
        Text("Tidak ada koleksi dengan nama ini.", "There is no collection of this name."),
        Text("Daftar koleksi ada di /collections.", "The collections are listed at /collections."),
    ),
    "item-unknown": Message(
        Text("Titik tidak ditemukan", "No such point"),
        Text("Tidak ada titik terbit dengan id ini di koleksi ini.", "No published point of this collection has this id."),
    ),
    "revision-unknown": Message(
        Text("Revisi tidak ditemukan", "No such revision"), Text("Tidak ada revisi dengan id ini.", "There is no revision of this id.")
    ),
    "method-not-allowed": Message(
        Text("Cara tidak didukung", "Method not allowed"), Text("Alamat ini tidak menerima cara itu.", "This address does not take that method.")
    ),
    "parameter-invalid": Message(
        Text("Parameter salah", "Invalid parameter"),
        Text("Ada parameter pada alamat yang salah atau tidak dikenal.", "A parameter of the address is wrong or unknown."),
    ),
    "body-not-json": Message(
        Text("Bukan JSON", "Not JSON"),
        Text("Isi permintaan bukan JSON yang benar (baris {line}, kolom {column}).", "The body is not valid JSON (line {line}, column {column})."),
    ),
    "form-unreadable": Message(
        Text("Formulir tidak terbaca", "Form not readable"),
        Text("Isi permintaan bukan multipart/form-data yang benar dan utuh.", "The body is not a correct and complete multipart/form-data."),
        Text("Kirim lagi; pada curl dengan -F file=@berkas, tanpa -H Content-Type.", "Send it again; with curl as -F file=@name, without -H Content-Type."),
    ),
    "fields-unreadable": Message(
        Text("Isian tidak terbaca", "Fields not readable"),
        Text("Isian formulir ini tidak terbaca, atau terlalu banyak.", "The fields of this form cannot be read, or are too many."),
        Text("Muat ulang halaman itu, isi, lalu kirim lagi.", "Load that page again, fill it in and send it again."),
    ),
    "form-not-one-file": Message(
        Text("Bukan satu berkas", "Not one file"),
        Text("Formulir harus berisi tepat satu berkas, tanpa isian lain.", "The form must hold exactly one file and no other field."),
        Text(
            "Kirim setiap berkas tersendiri, pada curl dengan -F file=@berkas; keterangan lain ditulis pada alamat.",
            "Send each file by itself, with curl as -F file=@name; whatever else there is to say stands in the address.",
        ),
    ),
    "body-too-deep": Message(
        Text("JSON terlalu dalam", "JSON nested too deep"), Text("Isi permintaan bertingkat terlalu dalam.", "The body is nested too deep.")
    ),
    "body-too-large": Message(
        Text("Isi terlalu besar", "Body too large"),
        Text("Isi permintaan melebihi {limit} byte.", "The body is larger than {limit} {limit:byte|bytes}."),
        Text("Kirim lebih sedikit sekaligus, atau kecilkan fotonya.", "Send less at once, or make the photo smaller."),
    ),
    "media-type-unsupported": Message(
        Text("Jenis isi tidak dikenal", "Media type not supported"),
        Text("Isi permintaan dengan Content-Type ini tidak dibaca di sini.", "A body of this Content-Type is not read here."),
        Text(
            "Kirim dengan Content-Type: {accepted}; pada curl dengan -H, sebab bawaannya application/x-www-form-urlencoded.",
            "Send Content-Type: {accepted}; curl needs -H for that, as its own default is application/x-www-form-urlencoded.",
        ),
    ),
    "encoding-unsupported": Message(
        Text("Isi terkompresi", "Encoded body"),
        Text("Isi permintaan dengan Content-Encoding tidak dibaca di sini.", "A body with a Content-Encoding is not read here."),
        Text("Kirim isinya tanpa kompresi, tanpa header Content-Encoding.", "Send the body uncompressed, without the header Content-Encoding."),
    ),
    "request-too-slow": Message(
        Text("Terlalu lambat", "Too slow"),
        Text("Permintaan ini tidak sampai seluruhnya pada waktunya.", "This request did not arrive whole in time."),
        Text("Coba lagi di tempat dengan sinyal yang lebih baik.", "Try again where the network is better."),
    ),
    "request-unreadable": Message(
        Text("Permintaan tidak terbaca", "Request not readable"),
        Text("Ini bukan permintaan HTTP/1.1 yang benar.", "This is not a correct HTTP/1.1 request."),
    ),
    "host-invalid": Message(
        Text("Host salah", "Invalid host"),
        Text("Header Host harus ada satu, berisi nama atau alamat layanan ini.", "There must be one header Host, with the name or address of this service."),
    ),
    "address-too-long": Message(
        Text("Alamat terlalu panjang", "Address too long"), Text("Alamat ini lebih panjang daripada yang diterima.", "This address is longer than what is taken.")
    ),
    "head-too-large": Message(
        Text("Header terlalu besar", "Headers too large"),
        Text("Header permintaan ini terlalu banyak atau terlalu besar.", "The headers of this request are too many or too large."),
    ),
    "body-invalid": Message(
        Text("Isian salah", "Invalid content"),
        Text("Ada isian yang perlu diperbaiki.", "Some values need correcting."),
    ),
    "point-elsewhere": Message(
        Text("Titik di kelurahan lain", "The point is in another kelurahan"),
        Text(
            "Titik ini berada di {found}, bukan di {declared}: {distance} di sebelah {direction} batas {declared}.",
            "This point is in {found}, not in {declared}: {distance} to the {direction} of the boundary of {declared}.",
        ),
        _CHECK_PLACE,
    ),
    "point-outside": Message(
        Text("Titik di luar semua kelurahan", "The point is outside all kelurahan"),
        Text("Titik ini tidak berada di kelurahan mana pun.", "This point is in none of the kelurahan."),
        _CHECK_PLACE,
    ),
    "kelurahan-unclear": Message(
        Text("Kelurahan belum jelas", "Kelurahan unclear"),
        Text("Kelurahan titik ini tidak dapat dipastikan dari letaknya.", "The kelurahan of this point cannot be told from its place."),
        Text("Sebutkan kodenya pada properti kelurahan.", "Name its code in the property kelurahan."),
    ),
    "conflict": Message(Text("Bentrok", "Conflict"), Text("Keadaannya sudah berubah.", "Its state has changed.")),
    "id-taken": Message(
        Text("Id sudah dipakai", "Id already used"),
        Text("Id ini sudah dipakai untuk isian lain.", "This id was used for other content."),
        Text("Pakai id baru (UUIDv7) untuk titik baru.", "Use a new id (UUIDv7) for a new point."),
    ),
    "key-used": Message(
        Text("Idempotency-Key sudah dipakai", "Idempotency-Key already used"),
        Text("Kunci ini sudah dipakai untuk isian lain.", "This key was used for other content."),
        Text("Pakai kunci baru untuk isian baru.", "Use a new key for new content."),
    ),
    "version-missing": Message(
        Text("Versi belum disebut", "Version missing"),
        Text("Perubahan harus menyebut versi yang diubah.", "A change must name the version that it changes."),
        Text("Baca dulu yang akan diubah, lalu kirim header If-Match berisi ETag-nya.", "Read first what you change, then send the header If-Match with its ETag."),
    ),
    "version-stale": Message(
        Text("Sudah berubah", "Changed meanwhile"),
        Text("Titik ini sudah berubah sejak Anda membacanya; lihat changes.", "This point has changed since you read it; see changes."),
        Text("Baca lagi titiknya, gabungkan perubahan Anda, lalu kirim ulang.", "Read the point again, merge your change, then send it once more."),
    ),
    "point-unknown": Message(
        Text("Titik tidak ditemukan", "No such point"),
        Text("Tidak ada titik dengan id ini yang dapat Anda lihat di sini.", "There is no point of this id here that you can see."),
    ),
    "contact-unknown": Message(
        Text("Kontak tidak ditemukan", "No such contact"), Text("Tidak ada kontak dengan id ini pada titik ini.", "This point has no contact of this id.")
    ),
    "contacts-full": Message(
        Text("Kontak sudah penuh", "No room for another contact"),
        Text("Satu titik memuat paling banyak {most} kontak.", "A point has at most {most} contacts."),
        Text("Hapus dulu kontak yang tidak dipakai lagi.", "Delete those that are no longer needed first."),
    ),
    "point-closed": Message(
        Text("Titik sudah ditutup", "The point is closed"), Text("Titik ini sudah ditutup atau pindah.", "This point is closed already, or has moved.")
    ),
    "confirm-open": Message(
        Text("Ada perubahan yang belum selesai", "A change is not finished"),
        Text("Titik ini punya perubahan lain (keadaan: {state}), jadi belum dapat dinyatakan masih ada.", "Another change of this point is open (state: {state}), so it cannot be confirmed yet."),
        Text("Perbaiki dan kirim perubahan itu; setelah terbit, tanggal pemeriksaannya ikut baru.", "Correct and send that change; once it is published, the time of verification is new too."),
    ),
    "move-impossible": Message(
        Text("Langkah tidak mungkin", "Move not possible"),
        Text("Langkah ini tidak mungkin dari keadaan {state}.", "This move is not possible from the state {state}."),
        Text("Muat ulang titiknya dan lihat keadaannya.", "Read the point again and look at its state."),
    ),
    "natural-key-taken": Message(
        Text("Sudah ada", "Already there"),
        Text("Sudah ada titik aktif dengan nomor atau kunci yang sama di kategori ini.", "This category already has a live point of the same number or key."),
        Text(
            "Periksa nomornya (RT, RW, registrasi). Bila titiknya sama, perbarui yang sudah ada; bila tidak tampak, tanyakan kepada walidata.",
            "Check the number (RT, RW, registration). If it is the same point, update the one there is; if none is shown, ask the walidata.",
        ),
    ),
    "near-duplicate": Message(
        Text("Mungkin sudah ada", "Perhaps already there"),
        Text(
            "Ada titik dengan nama mirip dalam jarak 30 m, atau titik lain tepat di tempat ini.",
            "There is a point of a similar name within 30 m, or another point at this very place.",
        ),
        Text(
            "Lihat candidates. Bila memang titik lain, kirim lagi dengan confirm_not_duplicate bernilai true.",
            "See candidates. If yours is another point, send it again with confirm_not_duplicate set to true.",
        ),
    ),
    "revision-open": Message(
        Text("Masih diperiksa", "Under review"), Text("Titik ini masih punya revisi terbuka.", "This point still has an open revision.")
    ),
    "revision-decided": Message(
        Text("Sudah diputuskan", "Already decided"),
        Text("Revisi ini tidak menunggu keputusan lagi.", "This revision is no longer waiting for a decision."),
        Text("Muat ulang daftar periksa.", "Reload the list of reviews."),
    ),
    "closing-unnamed": Message(
        Text("Penutupan tidak ikut serta", "Closings are not taken along"),
        Text(
            "Revisi ini menutup titiknya; keputusan bersama tidak mengambilnya tanpa menyebutkannya.",
            "This revision closes its point; a decision on many does not take it unless it says so.",
        ),
        Text(
            'Putuskan penutupan sendiri-sendiri, atau bersama dengan "kind": "close".',
            'Decide on closings one by one, or together with "kind": "close".',
        ),
    ),
    "kind-differs": Message(
        Text("Jenisnya lain", "Of another kind"),
        Text("Yang diminta {wanted}, tetapi revisi ini {found}.", "The request says {wanted}, but this revision is {found}."),
        Text("Keluarkan dari daftar, atau minta dengan jenisnya.", "Leave it out of the list, or ask for it by its kind."),
    ),
    "rejudgement-seen": Message(
        Text("Tidak ada yang perlu ditandai", "Nothing to tick off"),
        Text("Tidak ada putusan yang berubah dan belum dilihat pada revisi ini.", "No changed verdict of this revision waits to be seen."),
        Text("Muat ulang /reviews?flag=rejudged.", "Reload /reviews?flag=rejudged."),
    ),
    "database-unavailable": Message(
        Text("Basis data tidak menjawab", "Database not answering"), Text("Basis data sedang tidak dapat dihubungi.", "The database cannot be reached."), _TRY_AGAIN
    ),
    "database-full": Message(
        Text("Basis data penuh", "Database full"),
        Text(
            "Basis data kehabisan tempat di disk atau memori; tidak ada yang dapat disimpan. Peta tetap dapat dibaca.",
            "The database has run out of disk or memory, so nothing can be stored. The map can still be read.",
        ),
        Text("Simpan kiriman Anda dan coba lagi nanti. Admin: kosongkan disk basis data.", "Keep what you have and try again later. Administrator: make room on the disk of the database."),
    ),
    "database-read-only": Message(
        Text("Basis data hanya dapat dibaca", "Database read-only"),
        Text(
            "Basis data sedang tidak menerima perubahan. Peta tetap dapat dibaca.",
            "The database takes no changes at the moment. The map can still be read.",
        ),
        Text("Simpan kiriman Anda dan coba lagi nanti.", "Keep what you have and try again later."),
    ),
    "storage-full": Message(
        Text("Tempat berkas penuh", "No room for files"),
        Text("Disk layanan tidak punya tempat lagi untuk berkas ini.", "The disk of the service has no room for this file."),
        Text("Coba lagi nanti. Admin: kosongkan disk di TITIK_DATA_DIR.", "Try again later. Administrator: make room on the disk of TITIK_DATA_DIR."),
    ),
    "no-room": Message(
        Text("Terlalu banyak kiriman", "Too much at once"),
        Text("Layanan sedang memegang terlalu banyak kiriman dan jawaban sekaligus.", "The service is holding too many bodies and answers at once."),
        _TRY_AGAIN,
    ),
    "too-busy": Message(Text("Sedang sibuk", "Busy"), Text("Permintaan ini terlalu lama menunggu.", "This request waited too long."), _TRY_AGAIN),
    "query-too-costly": Message(
        Text("Pertanyaan terlalu berat", "Too costly a question"),
        Text("Jawaban atas pertanyaan ini tidak selesai dalam 3 detik.", "The answer to this question was not ready within 3 seconds."),
        Text(
            "Persempit dengan bbox atau kelurahan, kurangi syaratnya, atau unduh seluruhnya (f=csv, gpkg, parquet) dan saring sendiri.",
            "Narrow it by bbox or kelurahan, use fewer conditions, or download everything (f=csv, gpkg, parquet) and filter it yourself.",
        ),
    ),
    "range-beyond-end": Message(
        Text("Berkas tidak sepanjang itu", "The file is not so long"),
        Text("Berkas ini hanya {size} byte.", "This file has {size} {size:byte|bytes} only."),
        Text("Minta bagian yang ada (header Range), atau seluruhnya.", "Ask for a part that is there (header Range), or for all of it."),
    ),
    "exports-busy": Message(
        Text("Pembuatan berkas sedang penuh", "No room to make another file"),
        Text("Beberapa berkas sedang dibuat untuk orang lain.", "Several files are being made for others."),
        _TRY_AGAIN,
    ),
    "no-edition": Message(
        Text("Belum ada batas", "No boundaries yet"),
        Text("Belum ada edisi batas kelurahan yang aktif.", "No boundary edition is active yet."),
        Text("Admin: titik boundaries load BERKAS --activate", "Administrator: titik boundaries load FILE --activate"),
    ),
    "rate-limited": Message(
        Text("Terlalu sering", "Too many requests"),
        Text("Terlalu banyak permintaan dalam waktu singkat.", "Too many requests in a short time."),
        Text("Tunggu {seconds} detik, lalu coba lagi; yang sudah terkirim tidak hilang.", "Wait {seconds} {seconds:second|seconds}, then try again; what was sent is not lost."),
    ),
    "server-error": Message(
        Text("Kesalahan pada layanan", "Server error"),
        Text("Terjadi kesalahan pada layanan.", "Something went wrong in the service."),
        Text("Bila berulang, sebutkan request_id kepada admin.", "If it happens again, tell the administrator the request_id."),
    ),
}  # fmt: skip
