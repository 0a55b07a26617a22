"""What can be wrong with the definition of a category, and with a change of one."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "category-there": Message(
        Text("Kategori sudah ada", "Category already there"),
        Text("Sudah ada kategori dengan id ini, tetapi isinya lain.", "There is a category of this id, but it says something else."),
        Text(
            "Pilih id lain, atau ubah yang ada: PUT ke alamatnya di /categories dengan If-Match.",
            "Choose another id, or change the one that is there: PUT to its address in /categories with If-Match.",
        ),
    ),
    "category-unknown": Message(
        Text("Kategori tidak ada", "No such category"),
        Text("Tidak ada kategori dengan id ini.", "There is no category of this id."),
        Text("Lihat daftarnya di /categories.", "See the list at /categories."),
    ),
    "category-misfits": Message(
        Text("Ada isian yang tidak cocok lagi", "Stored values would not fit"),
        Text(
            "{number} titik berisi nilai yang tidak cocok dengan definisi baru. Tidak ada yang diubah.",
            "{number} {number:point holds|points hold} values that the new definition would not take. Nothing was changed.",
        ),
        Text(
            "Minta PIC kelurahannya memperbaiki titik-titik itu (contohnya di misfits, paling banyak 20), lalu coba lagi dengan ?dry_run=true; atau longgarkan definisinya.",
            "Ask the PIC of their kelurahan to change those points (misfits has examples, at most 20), then try again with ?dry_run=true; or make the definition wider.",
        ),
    ),
    "category-shows": Message(
        Text("Ada yang akan terlihat", "Something would be shown"),
        Text(
            "Perubahan ini memperlihatkan yang tadinya tersembunyi: {fields}. Tidak ada yang diubah.",
            "This change would show what was hidden: {fields}. Nothing was changed.",
        ),
        Text(
            "Bila memang itu maksudnya, ulangi dengan ?show=true (baris perintah: --show). Bila tidak, lengkapi definisinya.",
            "If that is meant, repeat it with ?show=true (command line: --show). If not, complete the definition.",
        ),
    ),
    "category-too-slow": Message(
        Text("Terlalu banyak untuk diperiksa", "Too much to check"),
        Text(
            "Kategori ini memiliki terlalu banyak titik untuk diperiksa dalam satu permintaan. Tidak ada yang diubah.",
            "This category has too many points to check within one request. Nothing was changed.",
        ),
        Text("Minta operator menjalankan: titik category set BERKAS", "Ask the operator to run: titik category set FILE"),
    ),
    "category-stale": Message(
        Text("Kategori sudah berubah", "The category has changed"),
        Text("Kategori ini sudah berubah sejak Anda membacanya.", "This category has changed since you read it."),
        Text("Baca lagi, ulangi perubahan Anda, lalu kirim ulang.", "Read it again, repeat your change, then send it once more."),
    ),
    "category-changing": Message(
        Text("Kategori sedang diubah", "The category is being changed"),
        Text(
            "Kategori ini berubah tepat ketika permintaan Anda diproses. Tidak ada yang disimpan.",
            "This category changed just while your request was dealt with. Nothing was stored.",
        ),
        Text("Kirim lagi dalam beberapa detik.", "Send it again in a few seconds."),
    ),
}

FAULTS: dict[str, Text] = {
    "category-id-invalid": Text(
        "Huruf kecil, angka dan garis bawah, mulai dengan huruf, 2 sampai 41 huruf; misalnya taman_kota.",
        "Small letters, digits and underscores, beginning with a letter, 2 to 41 characters, e.g. taman_kota.",
    ),
    "category-id-reserved": Text("Nama ini dipakai oleh Titik sendiri; pilih yang lain.", "Titik itself uses this name; choose another."),
    "category-id-differs": Text("Id kategori tidak dapat diubah: {expected}.", "The id of a category cannot change: {expected}."),
    "attribute-name-invalid": Text(
        "Nama isian: huruf kecil, angka dan garis bawah, mulai dengan huruf, paling panjang 40; misalnya jumlah_kursi.",
        "The name of an attribute has small letters, digits and underscores, begins with a letter, at most 40; e.g. jumlah_kursi.",
    ),
    "attribute-name-taken": Text(
        "Nama ini sudah berarti lain pada setiap titik; pilih yang lain.", "On every point this name means something else; choose another."
    ),
    "schema-too-large": Text("Skema paling besar {expected} KB.", "A schema has at most {expected} KB."),
    "schema-too-many": Text("Paling banyak {expected} isian.", "At most {expected} attributes."),
    "schema-word-unknown": Text(
        "Kata JSON Schema ini tidak dipakai di sini. Yang dipakai: {known}.",
        "This word of JSON Schema is not used here. Used are: {known}.",
    ),
    "schema-reference": Text(
        "Skema tidak boleh merujuk ke tempat lain. Tulis aturannya langsung di sini.",
        "A schema must not refer elsewhere. Write the rule here itself.",
    ),
    "schema-type": Text("Isi type dengan salah satu: {expected}.", "Give type as one of: {expected}."),
    "schema-value": Text(
        "Nilai ini tidak sah untuk {expected}; lihat docs/categories.md.", "This is no valid value of {expected}; see docs/categories.md."
    ),
    "schema-range": Text("Lebih besar dari {expected}.", "It is greater than {expected}."),
    "pattern-unreadable": Text(
        "Ini bukan pola (regular expression) yang dapat dibaca.", "This is no pattern (regular expression) that can be read."
    ),
    "pattern-backtracks": Text(
        "Pola ini dapat membuat pemeriksa berhenti lama: jangan mengulang kelompok yang berisi ulangan atau pilihan, melihat ke depan, atau merujuk balik.",
        "This pattern can keep a checker busy for long: do not repeat a group that repeats or chooses within, look ahead, or refer back.",
    ),
    "field-not-there": Text("Isian ini tidak dikenal di sini. Yang dikenal: {known}.", "This field is not known here. Known are: {known}."),
    "name-nowhere": Text(
        "Wajibkan name, atau isi name_template: setiap titik perlu nama.",
        "Require name, or give a name_template: every point needs a name.",
    ),
    "template-invalid": Text(
        "Tulis nama isian dalam kurung kurawal; kurung kurawal tidak dipakai untuk hal lain, dan nama jadinya paling panjang 200 huruf.",
        "Write the names of fields in braces; braces stand for nothing else, and the name has at most 200 characters.",
    ),
    "template-field": Text(
        "Nama hanya dapat dibuat dari isian yang wajib. Di sini: {known}.",
        "A name can be made only of fields that are required. Here: {known}.",
    ),
    "colour-invalid": Text("Tulis warna seperti #0072B2.", "Write a colour as #0072B2."),
    "icon-invalid": Text("Satu atau dua huruf atau tanda yang terlihat.", "One or two letters or signs that can be seen."),
}
