"""What can be said of an import and of the rows of its file."""

from app.coordinates.words import REASONS
from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "import-unknown": Message(
        Text("Impor tidak ada", "No such import"),
        Text("Tidak ada impor dengan id ini, atau bukan milik Anda.", "There is no import of this id, or it is not yours."),
        Text("Daftar impor Anda ada di /imports.", "Your imports are listed under /imports."),
    ),
    "import-not-judged": Message(
        Text("Belum selesai diperiksa", "Not judged yet"),
        Text("Berkas ini belum dapat disimpan; keadaannya: {state}.", "This file cannot be committed; it is: {state}."),
        Text("Tunggu sampai keadaannya judged, lalu lihat laporannya.", "Wait until its state is judged, then look at the report."),
    ),
    "import-committed": Message(
        Text("Sudah disimpan", "Committed already"),
        Text("Impor ini sudah atau sedang disimpan dengan pilihan lain.", "This import was, or is being, committed with another choice."),
        Text("Untuk baris yang tersisa, perbaiki berkasnya dan kirim sebagai impor baru.", "For the rows that are left, correct the file and send it as a new import."),
    ),
    "import-has-faults": Message(
        Text("Ada baris yang belum benar", "Some rows are not right"),
        Text("{number} baris tidak dapat disimpan atau masih perlu dijawab, jadi tidak ada yang disimpan.", "{number} rows cannot be committed or wait for an answer, so nothing was."),
        Text('Perbaiki barisnya, atau simpan yang baik saja: "rows": "good".', 'Correct the rows, or commit those that are good: "rows": "good".'),
    ),
    "import-rows-unfit": Message(
        Text("Ada baris yang tidak dapat dipilih", "Rows that cannot be chosen"),
        Text("Baris ini tidak ada atau salah: {rows}.", "These rows do not exist, or have faults: {rows}."),
        Text("Pilih hanya baris yang di laporan tidak bertanda fault.", "Choose only rows that the report does not call fault."),
    ),
    "import-at-work": Message(
        Text("Sedang dikerjakan", "At work"),
        Text("Impor ini sedang diperiksa atau disimpan.", "This import is being judged or committed."),
        Text("Tunggu sampai selesai.", "Wait until that is done."),
    ),
    "import-crashed": Message(
        Text("Berkas tidak dapat dikerjakan", "The file cannot be worked on"),
        Text("Pemeriksaan berkas ini berhenti berkali-kali tanpa hasil.", "Working on this file has stopped again and again without a result."),
        Text("Simpan tabelnya sebagai CSV atau .xlsx yang baru, lalu kirim lagi. Bila tetap gagal, hubungi admin.", "Save the table as a new CSV or .xlsx and send it again. If that fails too, ask the administrator."),
    ),
    "importer-gone": Message(
        Text("Pengirim tidak aktif lagi", "The sender is gone"),
        Text("Akun yang mengirim berkas ini sudah tidak aktif, jadi berkasnya tidak dikerjakan.", "The account that sent this file is no longer active, so the file is not worked on."),
        Text("Minta petugas lain mengirimnya lagi.", "Ask a colleague to send it again."),
    ),
    "import-outdated": Message(
        Text("Diperiksa ulang", "Judged again"),
        Text("Batas wilayah atau aturan kategori berubah sejak berkas ini diperiksa, jadi belum ada yang disimpan.", "Boundaries or the rules of the category have changed since this file was judged, so nothing was committed."),
        Text("Lihat laporan yang baru, lalu simpan.", "Look at the new report, then commit."),
    ),
    "import-without-contacts": Message(
        Text("Tidak ada kontak", "No contacts"),
        Text("Tidak ada baris baik yang memuat nama orang, jadi tidak ada kontak untuk disimpan.", "No row that can be committed has the name of a person, so there is no contact to keep."),
        Text("Simpan tanpa contacts, atau sebutkan kolomnya (columns) saat mengirim berkas: contact_name untuk nama, contact_phone untuk nomor.", "Commit without contacts, or name the columns when you send the file: contact_name for names, contact_phone for numbers."),
    ),
    "columns-unknown": Message(
        Text("Kolom tidak dikenal", "Columns not recognised"),
        Text("Tidak satu pun judul kolom berkas ini dikenal.", "None of the headings of this file is known."),
        Text("Pakai templat dari /categories/…/template.xlsx, atau sebutkan artinya dengan parameter columns.", "Use the template of /categories/…/template.xlsx, or say what they mean by the parameter columns."),
    ),
}  # fmt: skip

FAULTS: dict[str, Text] = {
    "columns-not-ids": Text("Isi kolom ini bukan id dari Titik, jadi tidak dipakai: titiknya dicari dari nomor atau namanya, dan yang belum ada menjadi titik baru.", "These columns hold no ids of Titik, so they are not used: points are looked for by their number or name, and those that are not there become new ones."),
    "columns-not-the-field": Text("Judul kolom ini seperti {title}, tetapi isinya bukan, jadi kolomnya tidak dibaca. Bila memang itu maksudnya, sebutkan dengan columns.", "These columns are headed like {title}, yet their cells are something else, so they are not read. If that is what they are, say so by columns."),
    "columns-differ": Text("Isinya lain daripada kolom {other}, yang dipakai.", "It says something else than the column {other}, which is used."),
    "columns-contradict": Text("Bertentangan dengan kolom {other}. Betulkan salah satunya.", "It contradicts the column {other}. Correct either."),
    "place-columns-differ": Text("Kolom ini menyebut letak lain daripada titik di petanya; yang dipakai titik di peta.", "This column says another place than the geometry, which is used."),
    "row-field-missing": Text("{title} belum diisi.", "{title} is missing."),
    "row-field-unmatched": Text("{title} belum ada: tidak ada kolom yang dikenal untuk itu. Mungkin maksudnya kolom ini: {columns}. Sebutkan dengan columns saat mengirim berkas.", "{title} is missing: no column is known for it. It may be one of these: {columns}. Say so by columns when you send the file."),
    "columns-contacts": Text("Kolom ini berisi nama atau nomor orang, jadi tidak disimpan di titiknya. Tempatnya di kontak, yang tidak pernah terbuka untuk umum. Untuk menyimpannya, sertakan contacts saat commit: dasar hukum dan akhir masa jabatan.", "These columns hold names or numbers of people, so they are not kept with the point. They belong to its contacts, which are never public. To keep them, send contacts with the commit: the legal basis and the end of the term."),
    "columns-place-name": Text("Nama titik di kategori ini dibuat dari nomornya, jadi kolom ini tidak dipakai. Bila isinya memang nama tempat, kirim berkas lagi dengan columns yang menyebutnya name.", "Points of this category are named by their numbers, so this column is not used. If it does hold names of places, send the file again with columns that call it name."),
    "columns-person": Text("Kolom ini berisi data pribadi yang tidak disimpan di Titik, jadi tidak dibaca. Sebaiknya hapus dari berkas.", "These columns hold personal data that Titik does not keep, so they are not read. Better delete them from the file."),
    "contact-phone": Text("Ini bukan satu nomor telepon. Kontaknya dapat disimpan, tetapi tanpa nomor.", "This is not one telephone number. The contact can be kept, but without it."),
    "contact-nameless": Text("Ada nomor telepon tanpa nama; kontaknya tidak dapat disimpan.", "There is a telephone number without a name; no contact can be kept of it."),
    "contact-name-long": Text("Nama orang ini lebih dari 200 huruf; kontaknya tidak dapat disimpan.", "This name of a person has more than 200 characters; the contact cannot be kept."),
    "text-personal": Text("Ada nomor telepon atau sebutan orang (Bu, Pak, H.) di isian yang terbuka untuk umum. Sebaiknya hapus; pemeriksa akan melihatnya.", "A public field holds a telephone number or a person's title (Bu, Pak, H.). Better take it out; the reviewer will see it."),
    "name-not-made": Text("Nama di kategori ini dibuat dari nomornya: {made}. Nama lain terbuka untuk umum: terima (names) hanya bila ini nama tempat, bukan nama orang.", "Names in this category are made of the numbers: {made}. Another name becomes public: accept it (names) only if it is that of a place, not of a person."),
    **{f"coordinate-{reason}": text for reason, text in REASONS.items()},
    "field-unknown": Text("Tidak ada isian dengan nama ini. Yang ada: {known}.", "There is no field of this name. There is: {known}."),
    "columns-invalid": Text('Tulis sebagai JSON: {{"judul kolom": "isian"}}.', 'Write it as JSON: {{"heading": "field"}}.'),
    "cell-not-a-whole-number": Text("Harus berupa bilangan bulat, misalnya 12.", "Must be a whole number, e.g. 12."),
    "cell-ambiguous-number": Text("Dapat berarti ribuan atau desimal. Tulis {whole} atau {decimal}.", "May be thousands or decimals. Write {whole} or {decimal}."),
    "cell-not-a-date": Text("Harus berupa tanggal, misalnya 17-08-2026.", "Must be a date, e.g. 17-08-2026 (day, month, year)."),
    "kelurahan-not-found": Text("Kelurahan ini tidak dikenal. Tulis nama atau kodenya seperti di daftar kelurahan; bila namanya ada di dua kecamatan, isi juga kecamatannya.", "This kelurahan is not known. Write its name or code as in the list; where two kecamatan have one of this name, give the kecamatan too."),
    "kelurahan-not-your-own": Text("{name} bukan kelurahan Anda.", "{name} is not a kelurahan of yours."),
    "kelurahan-not-clear": Text("Letaknya dekat beberapa kelurahan ({candidates}); isi kolom kelurahan.", "The place is near several kelurahan ({candidates}); fill in the column kelurahan."),
    "point-outside-all": Text("Letaknya di luar kota. Periksa koordinatnya.", "The place lies outside the city. Check the coordinate."),
    "coordinate-datum-differs": Text('Kolom datum baris ini menyebut datum lain daripada berkasnya, atau datum yang tidak dikenal. Betulkan salah satunya, atau jangan pakai kolom itu: columns={{"judul": null}}.', 'The column of the datum names another one in this row than the file, or one that is not known. Correct either, or leave that column out: columns={{"heading": null}}.'),
    "coordinate-missing": Text("Koordinat belum diisi.", "The coordinate is missing."),
    "coordinate-repaired": Text("Koordinat ini terbaca bila dianggap: {repairs}. Hasilnya {lat}, {lon}. Betulkan selnya, atau terima perbaikannya.", "This coordinate can be read if: {repairs}. That gives {lat}, {lon}. Correct the cell, or accept the repair."),
    "coordinate-coarse": Text("Angka koordinatnya kurang dari empat desimal, jadi letaknya dapat meleset puluhan meter.", "The coordinate has less than four decimals, so the place may be off by tens of metres."),
    "place-near": Text("Letaknya {distance} di luar batas {declared}; diterima, dan pemeriksa akan melihatnya.", "It lies {distance} outside of {declared}; accepted, and the reviewer will see it."),
    "place-overlap": Text("Di sini batas beberapa kelurahan bertumpang tindih; diterima.", "Boundaries of several kelurahan overlap here; accepted."),
    "place-shared": Text("Sudah {number} baris memakai koordinat yang persis sama. Apakah ini letak kantor, bukan letak masing-masing?", "{number} rows have exactly this coordinate by now. Is it that of an office, and not their own?"),
    "place-shared-first": Text("Baris lain memakai koordinat yang persis sama. Apakah ini letak kantor, bukan letak masing-masing?", "Other rows have exactly this coordinate. Is it that of an office, and not their own?"),
    "place-explained": Text("Letaknya di luar {declared}; diterima karena ada alasannya, dan pemeriksa akan melihatnya.", "It lies outside of {declared}; accepted because a reason is given, and the reviewer will see it."),
    "place-rejudged": Text("Menurut batas yang baru letaknya di luar {declared}. Titiknya tidak dipindah, jadi diterima; pemeriksa akan melihatnya.", "By the new boundaries it lies outside of {declared}. The point was not moved, so it is accepted; the reviewer will see it."),
    "row-elsewhere": Text("Titik ini berada di {found}, bukan di {declared}: {distance} di sebelah {direction} batas {declared}. Periksa koordinat atau kelurahannya, atau isi alasan letak.", "This point lies in {found}, not in {declared}: {distance} {direction} of its boundary. Check the coordinate or the kelurahan, or give a reason for the place."),
    "row-outside": Text("Titik ini di luar kota, {distance} di sebelah {direction} batas {declared}. Periksa koordinatnya, atau isi alasan letak.", "This point lies outside the city, {distance} {direction} of {declared}. Check the coordinate, or give a reason for the place."),
    "row-near-duplicate": Text("Mirip dengan {name}, {distance} dari sini, yang sudah ada. Bila memang lain, terima baris ini.", "It looks like {name}, {distance} from here, which is there already. If it is another one, accept this row."),
    "rows-alike": Text("Mirip dengan baris {row} dan kurang dari 30 m dari sana. Bila memang lain, terima baris ini.", "It looks like row {row}, and is less than 30 m from there. If it is another one, accept this row."),
    "row-id-invalid": Text("Ini bukan id titik. Kosongkan untuk titik baru.", "This is no id of a point. Leave it empty for a new one."),
    "row-id-unknown": Text("Tidak ada titik Anda dengan id ini. Kosongkan untuk titik baru.", "There is no point of yours with this id. Leave it empty for a new one."),
    "row-id-taken": Text("Id ini sudah dipakai titik lain. Kosongkan untuk titik baru.", "Another point has this id already. Leave it empty for a new one."),
    "row-category-differs": Text("Titik dengan id ini termasuk kategori lain ({category}).", "The point of this id is of another category ({category})."),
    "row-point-closed": Text("Titik ini sudah ditutup atau pindah.", "This point is closed, or has moved."),
    "row-key-taken": Text("Nomor ini sudah dipakai titik lain.", "Another point has this number already."),
    "row-point-twice": Text("Titik yang sama sudah ada di baris {row}.", "The same point is in row {row} already."),
    "row-twice": Text("Sama dengan baris {row}: kelurahan dan nomornya sudah ada di sana.", "The same as row {row}: its kelurahan and number are there already."),
    "row-overtaken": Text("Titik ini diubah orang lain sejak berkas diperiksa, jadi barisnya tidak disimpan.", "Somebody has changed this point since the file was judged, so the row was not committed."),
}  # fmt: skip
