"""The sentences of every error, in both languages: what is wrong, and what to do next. `{…}` are facts, never input."""

from typing import NamedTuple

from app.language import Text


class Message(NamedTuple):
    """`title` names the kind of problem and never changes; `detail` says what is wrong here; `hint` what to do."""

    title: Text
    detail: Text
    hint: Text = Text("", "")


# Not "nothing was stored": a connection that ends during COMMIT leaves that open, and the same id makes it harmless.
_TRY_AGAIN = Text(
    "Coba lagi sebentar lagi; dengan id yang sama titik tidak akan tersimpan dua kali.",
    "Try again in a moment; with the same id a point is never stored twice.",
)
_CHECK_PLACE = Text(
    "Periksa koordinatnya, atau kelurahannya. Bila memang benar di sana, kirim lagi dengan override_reason berisi alasannya.",
    "Check the coordinate, or the kelurahan. If it really is there, send it again with an override_reason that says why.",
)

# Added to the hint of a misplaced point where exactly one other reading of its coordinate lands.
SUGGESTION = Text(
    "Mungkin maksudnya {lon}, {lat} ({repairs}).",
    "Perhaps {lon}, {lat} was meant ({repairs}).",
)
PROBLEMS: dict[str, Message] = {
    "token-missing": Message(
        Text("Perlu masuk", "Sign-in needed"),
        Text("Permintaan ini memerlukan token.", "This request needs a token."),
        Text("Kirim header Authorization: Bearer diikuti token Anda.", "Send the header Authorization: Bearer followed by your token."),
    ),
    "token-unknown": Message(
        Text("Token tidak berlaku", "Token not valid"),
        Text("Token ini tidak dikenal, sudah dicabut atau sudah habis masanya.", "This token is unknown, revoked or expired."),
        Text("Minta token baru kepada admin.", "Ask the administrator for a new token."),
    ),
    "sign-in-refused": Message(
        Text("Gagal masuk", "Sign-in refused"),
        Text("Proses masuk lewat server identitas tidak berhasil.", "Signing in at the identity server did not succeed."),
        Text(
            "Mulai lagi dari awal di /tokens/oidc. Bila tetap gagal, sebutkan request_id kepada admin.",
            "Begin again at /tokens/oidc. If it fails again, tell the administrator the request_id.",
        ),
    ),
    "account-not-there": Message(
        Text("Belum ada akun", "No account here"),
        Text("Anda dikenal oleh server identitas, tetapi tidak ada akun aktif untuk Anda di sini.", "The identity server knows you, but there is no active account for you here."),
        Text("Minta admin menambahkannya, dengan nama Anda di server identitas.", "Ask the administrator to add one, by the name that you have at the identity server."),
    ),
    "identity-server-unavailable": Message(
        Text("Server identitas tidak menjawab", "Identity server not answering"),
        Text("Server identitas kota sedang tidak menjawab sebagaimana mestinya.", "The city's identity server does not answer as it should."),
        Text("Coba lagi sebentar lagi. Bila tetap gagal, sebutkan request_id kepada admin.", "Try again in a moment. If it fails again, tell the administrator the request_id."),
    ),
    "identity-server-missing": Message(
        Text("Tidak ada server identitas", "No identity server"),
        Text("Layanan ini tidak memakai server identitas.", "This service uses no identity server."),
        Text("Minta token kepada admin.", "Ask the administrator for a token."),
    ),
    "action-forbidden": Message(
        Text("Tidak berwenang", "Not allowed"),
        Text("Peran {role} tidak boleh melakukan ini.", "The role {role} may not do this."),
    ),
    "kelurahan-not-yours": Message(
        Text("Bukan kelurahan Anda", "Not your kelurahan"),
        Text("Anda hanya dapat mengisi untuk kelurahan {own}.", "You can only write for kelurahan {own}."),
        Text(
            "Perbaiki kolom kelurahan, atau minta PIC kelurahan itu mengirimnya.",
            "Correct the property kelurahan, or ask the PIC of that kelurahan to send it.",
        ),
    ),
    "only-administrator": Message(
        Text("Tidak berwenang", "Not allowed"),
        Text("Hanya admin yang boleh mengubah akun orang lain.", "Only an administrator may change the accounts of others."),
    ),
    "scope-missing": Message(
        Text("Token tidak mencakup ini", "Not in the scope of this token"),
        Text("Token ini dibatasi dan tidak mencakup langkah ini.", "This token is limited and does not cover this."),
        Text("Pakai token lain yang mencakup: {scopes}.", "Use another token that covers: {scopes}."),
    ),
    "sign-in-wrong": Message(
        Text("Tidak dapat masuk", "Sign-in failed"),
        Text("Nama akun atau sandinya salah.", "The name of the account or the password is wrong."),
        Text("Periksa lagi. Bila lupa, minta tautan sandi baru kepada admin.", "Check both. If you forgot it, ask the administrator for a link that sets a new one."),
    ),
    "account-unknown": Message(
        Text("Akun tidak ditemukan", "No such account"),
        Text("Tidak ada akun dengan nama ini.", "There is no account of this name."),
        Text("Lihat daftarnya di /accounts, atau buat dulu: titik account add NAMA --role …", "See the list at /accounts, or make it first: titik account add NAME --role …"),
    ),
    "account-taken": Message(
        Text("Nama akun sudah dipakai", "Account name taken"),
        Text("Nama akun ini sudah dipakai.", "An account of this name is there already."),
        Text("Pilih nama lain.", "Choose another name."),
    ),
    "account-inactive": Message(
        Text("Akun tidak aktif", "Account not active"),
        Text("Akun ini tidak aktif.", "This account is not active."),
        Text("Aktifkan dulu akunnya.", "Activate the account first."),
    ),
    "last-admin": Message(
        Text("Admin terakhir", "The last administrator"),
        Text("Ini admin aktif yang terakhir.", "This is the last active administrator."),
        Text("Tambahkan admin lain dulu.", "Add another administrator first."),
    ),
    "tokens-full": Message(
        Text("Token sudah terlalu banyak", "Too many tokens"),
        Text("Satu akun punya paling banyak {most} token.", "An account has at most {most} tokens."),
        Text("Cabut dulu token yang tidak dipakai lagi.", "Revoke those that are no longer used first."),
    ),
    "token-not-there": Message(
        Text("Token tidak ditemukan", "No such token"), Text("Anda tidak punya token berlaku dengan nomor ini.", "You have no valid token of this number.")
    ),
    "link-ended": Message(
        Text("Tautan tidak berlaku", "Link not valid"),
        Text("Tautan ini sudah dipakai atau sudah lewat waktunya.", "This link was used already, or is too old."),
        Text("Minta tautan baru kepada admin.", "Ask the administrator for a new one."),
    ),
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
    "body-too-deep": Message(
        Text("JSON terlalu dalam", "JSON nested too deep"), Text("Isi permintaan bertingkat terlalu dalam.", "The body is nested too deep.")
    ),
    "body-too-large": Message(
        Text("Isi terlalu besar", "Body too large"),
        Text("Isi permintaan melebihi {limit} byte.", "The body is larger than {limit} bytes."),
        Text("Kirim satu titik dalam setiap permintaan.", "Send one point per request."),
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
        Text("Ada isian yang perlu diperbaiki; lihat errors.", "Some values need correcting; see errors."),
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
        Text("Titik di luar kota", "The point is outside the city"),
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
        Text("Baca dulu titiknya, lalu kirim header If-Match berisi ETag-nya.", "Read the point first, then send the header If-Match with its ETag."),
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
        Text("Ada titik dengan nama mirip dalam jarak 30 m.", "There is a point of a similar name within 30 m."),
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
    "database-unavailable": Message(
        Text("Basis data tidak menjawab", "Database not answering"), Text("Basis data sedang tidak dapat dihubungi.", "The database cannot be reached."), _TRY_AGAIN
    ),
    "too-busy": Message(Text("Sedang sibuk", "Busy"), Text("Permintaan ini terlalu lama menunggu.", "This request waited too long."), _TRY_AGAIN),
    "no-edition": Message(
        Text("Belum ada batas", "No boundaries yet"),
        Text("Belum ada edisi batas kelurahan yang aktif.", "No boundary edition is active yet."),
        Text("Admin: titik boundaries load BERKAS --activate", "Administrator: titik boundaries load FILE --activate"),
    ),
    "rate-limited": Message(
        Text("Terlalu sering", "Too many requests"),
        Text("Terlalu banyak permintaan dalam waktu singkat.", "Too many requests in a short time."),
        Text("Tunggu {seconds} detik, lalu coba lagi; yang sudah terkirim tidak hilang.", "Wait {seconds} seconds, then try again; what was sent is not lost."),
    ),
    "server-error": Message(
        Text("Kesalahan pada layanan", "Server error"),
        Text("Terjadi kesalahan pada layanan.", "Something went wrong in the service."),
        Text("Bila berulang, sebutkan request_id kepada admin.", "If it happens again, tell the administrator the request_id."),
    ),
}  # fmt: skip

FAULTS: dict[str, Text] = {
    "value-missing": Text("Wajib diisi.", "Needed."),
    "value-invalid": Text("Nilai ini salah.", "This value is wrong."),
    "member-unknown": Text("Tidak dikenal di sini.", "Not known here."),
    "not-text": Text("Harus berupa teks.", "Must be text."),
    "text-too-long": Text("Paling banyak {expected} huruf.", "At most {expected} characters."),
    "text-too-short": Text("Paling sedikit {expected} huruf.", "At least {expected} characters."),
    "list-too-long": Text("Paling banyak {expected} nilai.", "At most {expected} values."),
    "list-too-short": Text("Paling sedikit {expected} nilai.", "At least {expected} values."),
    "too-many-rows": Text("Paling banyak {expected} baris; saring datanya atau pilih format lain.", "At most {expected} rows; filter the data or choose another format."),
    "not-a-number": Text("Harus berupa angka.", "Must be a number."),
    "number-too-small": Text("Harus lebih dari {expected}.", "Must be more than {expected}."),
    "number-too-large": Text("Paling besar {expected}.", "At most {expected}."),
    "not-one-of": Text("Harus {expected}.", "Must be {expected}."),
    "not-a-uuid": Text("Harus berupa UUID.", "Must be a UUID."),
    "not-a-uuid7": Text("Harus berupa UUID versi 7.", "Must be a UUID of version 7."),
    "not-an-instant": Text("Harus berupa waktu RFC 3339, misalnya 2026-11-22T08:30:00+07:00.", "Must be an RFC 3339 time such as 2026-11-22T08:30:00+07:00."),
    "timezone-missing": Text("Zona waktunya belum ada, misalnya +07:00.", "The time zone is missing, e.g. +07:00."),
    "not-an-object": Text("Harus berupa objek JSON.", "Must be a JSON object."),
    "too-many-members": Text("Paling banyak {expected} isian dalam satu objek.", "At most {expected} members in one object."),
    "not-a-list": Text("Harus berupa daftar.", "Must be a list."),
    "not-yes-or-no": Text("Harus true atau false.", "Must be true or false."),
    "duplicate-key": Text("Satu nama muncul dua kali dalam satu objek.", "One object has a member of the same name twice."),
    "nul-character": Text("Tidak boleh memuat karakter NUL.", "Must not contain a NUL character."),
    "server-decides": Text("Ditentukan oleh layanan; jangan dikirim.", "Decided by the service; leave it out."),
    "status-by-move": Text("Penutupan diusulkan dengan DELETE, kepindahan dengan predecessors pada titik baru.", "Propose a closing by DELETE, a move by predecessors of the new point."),
    "succession-number": Text("move dan split punya satu pendahulu, merge sedikitnya dua.", "move and split have one predecessor, merge at least two."),
    "predecessor-unknown": Text("Bukan titik terbit lain dari kategori ini di kelurahan Anda.", "Not another published point of this category in your kelurahan."),
    "id-differs": Text("Harus sama dengan id pada alamat.", "Must be the id of the address."),
    "text-alone": Text("text tidak dapat dipakai bersama lon, lat atau crs.", "text goes without lon, lat and crs."),
    "view-alone": Text("view=work tidak memakai bbox atau kelurahan.", "view=work takes neither bbox nor kelurahan."),
    "not-a-phone": Text("Harus berupa nomor telepon, misalnya 0812 3456 789.", "Must be a telephone number such as +62 812 3456 789."),
    "not-a-date": Text("Harus berupa tanggal, misalnya 2027-12-31.", "Must be a date such as 2027-12-31."),
    "term-out-of-range": Text("Dari hari ini sampai paling lama sepuluh tahun.", "From today to ten years ahead at most."),
    "key-invalid": Text("Paling banyak 255 karakter ASCII yang tampak.", "At most 255 visible ASCII characters."),
    "version-invalid": Text('Bukan ETag dari layanan ini, misalnya "3".', 'Not an ETag of this service, such as "3".'),
    "category-differs": Text("Koleksi ini untuk {expected}.", "This collection is for {expected}."),
    "not-a-neighbourhood-number": Text("Harus berupa nomor, misalnya 01.", "Must be a number such as 01."),
    "kelurahan-unknown": Text("Tidak ada kelurahan dengan kode ini.", "There is no kelurahan of this code."),
    "reason-missing": Text("Alasan wajib diisi untuk mengembalikan.", "A reason is needed to return."),
    "attribute-unknown": Text("Tidak dikenal. Yang dikenal: {known}.", "Not known. Known are: {known}."),
    "attribute-type": Text("Harus berupa {expected}.", "Must be of type {expected}."),
    "attribute-enum": Text("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
    "attribute-minimum": Text("Paling kecil {expected}.", "At least {expected}."),
    "attribute-maximum": Text("Paling besar {expected}.", "At most {expected}."),
    "attribute-too-long": Text("Paling banyak {expected} huruf.", "At most {expected} characters."),
    "attribute-pattern": Text("Bentuknya harus {expected}.", "Must match {expected}."),
    "attribute-format": Text("Harus berupa {expected}.", "Must be a {expected}."),
    "attribute-invalid": Text("Nilai ini salah.", "This value is wrong."),
    "account-kelurahan": Text("Akun pic memerlukan sedikitnya satu kelurahan, dan peran lain tidak memakainya.", "A pic account needs at least one kelurahan, and other roles take none."),
    "successor-unfit": Text("Harus akun pic lain yang aktif.", "Must be another active pic account."),
    "password-wrong": Text("Sandi ini salah.", "This password is wrong."),
    "password-guessable": Text("Terlalu mudah ditebak: jangan memuat nama akun, dan pakai lebih banyak huruf yang berbeda.", "Too easy to guess: leave out the name of the account, and use more different characters."),
    "parameter-unknown": Text("Parameter ini tidak dikenal. Yang dikenal: {known}.", "This parameter is not known. Known are: {known}."),
    "parameter-repeated": Text("Parameter ini hanya boleh sekali.", "This parameter may be given once only."),
    "parameter-missing": Text("Parameter ini wajib ada.", "This parameter is needed."),
    "bbox-invalid": Text("Empat angka barat,selatan,timur,utara dalam derajat.", "Four numbers west,south,east,north in degrees."),
    "filter-invalid": Text("Bukan CQL2 yang benar mulai baris {line}, kolom {column}.", "Not valid CQL2 from line {line}, column {column}."),
    "filter-too-long": Text("Paling banyak {expected} huruf.", "At most {expected} characters."),
    "filter-too-deep": Text("Bertingkat lebih dalam dari {expected}.", "Nested deeper than {expected} levels."),
    "filter-too-large": Text("Paling banyak {expected} operator.", "At most {expected} operators."),
    "filter-operator": Text("Operator atau fungsi ini tidak dikenal. Yang dikenal: {known}.", "This operator or function is not known. Known are: {known}."),
    "filter-operands": Text("{operator} memerlukan {expected} operan.", "{operator} takes {expected} operands."),
    "filter-type": Text("{operator} memerlukan nilai jenis {expected}.", "{operator} takes values of type {expected}."),
    "filter-no-condition": Text("Di sini perlu syarat, yaitu sesuatu yang benar atau salah.", "A condition is needed here: something that is true or false."),
    "filter-number": Text("Angka ini, atau hasil hitungannya, terlalu besar atau terlalu rinci: paling banyak {expected} angka di kedua sisi koma.", "This number, or what is computed, is too large or too fine: at most {expected} digits on either side of the point."),
    "property-unknown": Text("Properti ini tidak dikenal. Yang dikenal: {known}.", "This property is not known. Known are: {known}."),
    "pattern-invalid": Text("Pola LIKE paling banyak {length} huruf dengan {wildcards} tanda % dan _, dan tidak berakhir dengan \\.", "A LIKE pattern has at most {length} characters with {wildcards} of % and _, and does not end in \\."),
    "geometry-invalid": Text("Bukan geometri sah yang dapat dipakai di sini: cincin tertutup, koordinat x y dalam CRS-nya, tanpa GeometryCollection.", "Not a valid geometry of use here: closed rings, coordinates x y in their CRS, no GeometryCollection."),
    "instant-invalid": Text("Bukan waktu: TIMESTAMP('2026-11-22T01:30:00Z'), DATE('2026-11-22') atau INTERVAL('2026-01-01','..'), yang awalnya tidak sesudah akhirnya.", "Not a time: TIMESTAMP('2026-11-22T01:30:00Z'), DATE('2026-11-22') or INTERVAL('2026-01-01','..'), whose start is not after its end."),
    "offset-invalid": Text("Bilangan bulat dari 0.", "A whole number from 0."),
    "datetime-invalid": Text("Waktu RFC 3339 atau rentang seperti 2026-01-01/.. .", "An RFC 3339 time, or an interval such as 2026-01-01/.. ."),
    "value-of-kind": Text("Harus bernilai {expected}.", "Must be a value of the kind {expected}."),
    "cursor-of-page": Text("Berkas memuat semuanya; jangan kirim cursor.", "A file holds everything; leave the cursor out."),
    "crs-of-format": Text("Format ini hanya memuat EPSG:4326.", "This format holds EPSG:4326 only."),
    "limit-invalid": Text("Bilangan bulat dari 1.", "A whole number from 1."),
    "cursor-unknown": Text("Bukan penanda halaman dari layanan ini; mulai dari halaman pertama.", "Not a page mark of this service; begin at the first page."),
    "coordinate-invalid": Text("Bukan koordinat.", "Not a coordinate."),
    "crs-unknown": Text("CRS ini tidak dikenal; contoh EPSG:32749.", "This CRS is not known; e.g. EPSG:32749."),
    "tile-unknown": Text("Tidak ada ubin dengan nomor ini.", "There is no tile of this number."),
    "format-unknown": Text("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
}  # fmt: skip
