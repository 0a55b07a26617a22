"""What can be wrong with the definition of an indicator, with its name, its expression, and with a change of one."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "indicator-unknown": Message(
        Text("Indikator tidak ada", "No such indicator"),
        Text("Tidak ada indikator dengan id ini, atau tidak ada versinya.", "There is no indicator of this id, or no such version of it."),
        Text("Lihat daftarnya di /indicators.", "See the list at /indicators."),
    ),
    "indicator-not-counted": Message(
        Text("Indikator ini tidak dihitung dari peta", "This indicator is not counted from the map"),
        Text(
            "Hanya indikator yang dihitung dari peta (kind: counted) memiliki angka di sini.",
            "Only indicators that are counted from the map (kind: counted) have figures here.",
        ),
        Text("Lihat kind setiap indikator di /indicators.", "See the kind of each indicator at /indicators."),
    ),
    "indicator-not-countable": Message(
        Text("Tidak dapat dihitung sekarang", "It cannot be counted now"),
        Text(
            "Indikator ini menghitung kategori atau isian yang tidak (lagi) dapat dilihat di sini.",
            "This indicator counts a category or a field that cannot be seen here (any more).",
        ),
        Text("Minta pengelola memperbaiki definisinya.", "Ask the administrator to mend its definition."),
    ),
    "indicator-there": Message(
        Text("Indikator sudah ada", "Indicator already there"),
        Text("Sudah ada indikator dengan id ini, tetapi isinya lain.", "There is an indicator of this id, but it says something else."),
        Text(
            "Pilih id lain, atau ubah yang ada: PUT ke alamatnya di /indicators dengan If-Match.",
            "Choose another id, or change the one that is there: PUT to its address in /indicators with If-Match.",
        ),
    ),
    "indicator-stale": Message(
        Text("Indikator sudah berubah", "The indicator has changed"),
        Text("Indikator ini sudah berubah sejak Anda membacanya.", "This indicator has changed since you read it."),
        Text("Baca lagi, ulangi perubahan Anda, lalu kirim ulang.", "Read it again, repeat your change, then send it once more."),
    ),
    "indicators-full": Message(
        Text("Terlalu banyak indikator", "Too many indicators"),
        Text("Paling banyak {expected} indikator.", "There can be at most {expected} {expected:indicator|indicators}."),
        Text("Ubah indikator yang tidak dipakai lagi.", "Change an indicator that is of no use any more."),
    ),
}

FAULTS: dict[str, Text] = {
    "indicator-id-invalid": Text(
        "Huruf kecil, angka dan garis bawah, mulai dengan huruf, 2 sampai 41 huruf, dan bukan min, max atau round; misalnya jumlah_penduduk.",
        "Small letters, digits and underscores, beginning with a letter, 2 to 41 characters, and not min, max or round; e.g. jumlah_penduduk.",
    ),
    "indicator-id-differs": Text("Id indikator tidak dapat diubah: {expected}.", "The id of an indicator cannot change: {expected}."),
    "name-capitals": Text(
        "Awali setiap kata dengan huruf besar, kecuali kata sambung; misalnya Jumlah Penduduk menurut Agama.",
        "Begin each word with a capital but for small words; e.g. Jumlah Penduduk menurut Agama.",
    ),
    "name-not-unique": Text(
        "Indikator lain sudah bernama begini. Beri nama yang membedakannya.",
        "Another indicator has this name. Give one that tells them apart.",
    ),
    "name-period": Text(
        "Jangan sebut waktu (tahun, bulan, sebulan, semester): waktu ada pada nilainya.",
        "Do not name a time (a year, a month, a semester): values have their period.",
    ),
    "name-region": Text("Jangan sebut nama wilayah: wilayah ada pada nilainya.", "Do not name a region: values have their kelurahan."),
    "concept-measure": Text(
        "Konsep tidak diawali ukuran (Jumlah, Persentase, Rata-rata, …). Tulis hanya halnya, misalnya Penduduk; ukuran ada di isian Ukuran.",
        "A concept does not begin with a measure (Jumlah, Persentase, Rata-rata, …). Write the thing alone, e.g. Penduduk; the measure has a field of its own.",
    ),
    "concept-shortened": Text(
        "Jangan singkat konsep. Tulis kepanjangannya, singkatan umum boleh dalam kurung; misalnya Rukun Tetangga (RT).",
        "Do not shorten a concept. Write it in full; a common abbreviation may follow in brackets, e.g. Rukun Tetangga (RT).",
    ),
    "indicator-member-alien": Text(
        "Ini bukan untuk jenis indikator yang dipilih. Kosongkan, atau pilih jenis lain.",
        "This is not for the chosen kind of indicator. Leave it empty, or choose another kind.",
    ),
    "listed-twice": Text("Ini tertulis dua kali. Hapus salah satunya.", "This is listed twice. Remove one of them."),
    "count-of-no-share": Text(
        "Pembanding hanya untuk bagian (persen). Kosongkan, atau pilih bagian.",
        "What it is taken of is for shares only. Leave it empty, or choose a share.",
    ),
    "indicator-not-there": Text(
        "Ada indikator yang tidak dikenal di sini. Yang mirip: {known}.", "An indicator is not known here. Similar are: {known}."
    ),
    "indicator-more-secret": Text(
        "Indikator terbuka tidak boleh memakai yang internal: {known}. Jadikan indikator ini internal, atau pilih yang lain.",
        "A public indicator must not use one that is internal: {known}. Make this one internal, or choose another.",
    ),
    "indicator-used": Text(
        "Indikator terbuka memakai indikator ini: {known}. Ubah itu dulu.", "Public indicators use this one: {known}. Change those first."
    ),
    "check-indicators": Text(
        "Sebutkan {least} sampai {most} indikator untuk pemeriksaan ini.", "Name {least} to {most} indicators for this check."
    ),
    "check-classes": Text(
        "Pemeriksaan ini memerlukan klasifikasi. Isi klasifikasinya, atau pilih pemeriksaan lain.",
        "This check needs a classification. Give one, or choose another check.",
    ),
    "check-map": Text("Sebutkan indikator yang dihitung dari peta.", "Name an indicator that is counted from the map."),
    "expression-too-long": Text(
        "Rumus paling panjang {expected} huruf.", "An expression has at most {expected} {expected:character|characters}."
    ),
    "expression-too-deep": Text(
        "Paling banyak {expected} tingkat kurung. Bagi rumusnya menjadi beberapa indikator.",
        "Brackets go at most {expected} deep. Divide the expression among several indicators.",
    ),
    "expression-too-many": Text(
        "Paling banyak {expected} bilangan dan indikator. Bagi rumusnya menjadi beberapa indikator.",
        "Of numbers and indicators it has at most {expected}. Divide it among several indicators.",
    ),
    "expression-sign": Text(
        "Tanda ke-{position} tidak dikenal. Pakai bilangan (titik untuk desimal), id indikator, + - * / dan kurung.",
        "Character {position} is not known. Use numbers (a point for decimals), ids of indicators, + - * / and brackets.",
    ),
    "expression-number": Text(
        "Bilangan pada huruf ke-{position} terlalu panjang: paling banyak {expected} angka.",
        "The number at character {position} is too long: at most {expected} {expected:digit|digits}.",
    ),
    "expression-function": Text(
        "Yang pada huruf ke-{position} bukan fungsi. Yang ada: {known}.",
        "At character {position} there is no function. There are: {known}.",
    ),
    "expression-rounding": Text(
        "Tulis round(nilai, angka di belakang koma), dengan bilangan 0 sampai {expected}; misalnya round(a / b, 2).",
        "Write round(value, decimals) with a number from 0 to {expected}; e.g. round(a / b, 2).",
    ),
    "expression-unexpected": Text(
        "Di huruf ke-{position} ada yang tidak pada tempatnya. Periksa tanda hitung dan kurung; desimal ditulis dengan titik.",
        "At character {position} something is out of place. Look at signs and brackets; decimals have a point.",
    ),
    "expression-ends": Text(
        "Rumus berakhir di tengah jalan. Lengkapi bilangan, indikator, atau kurung tutupnya.",
        "The expression ends halfway. Complete the number, the indicator, or the closing bracket.",
    ),
    "expression-division-by-zero": Text("Pembagian dengan nol pada huruf ke-{position}.", "Division by zero at character {position}."),
    "expression-itself": Text("Indikator tidak dapat memakai dirinya sendiri.", "An indicator cannot use itself."),
    "expression-circle": Text("Rumus ini berputar kembali ke dirinya sendiri: {known}.", "This expression leads back to itself: {known}."),
    "expression-chain": Text(
        "Terlalu banyak indikator yang saling bertumpu (paling banyak {expected}): {known}.",
        "Too many indicators rest on each other (at most {expected}): {known}.",
    ),
}
