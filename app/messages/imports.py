"""What can be wrong with files that are imported."""

from app.language import Text
from app.messages.kinds import Message

_SAVE_AGAIN = Text(
    "Buka berkas itu dengan program asalnya, simpan lagi, lalu kirim hasilnya.",
    "Open the file in the program that it comes from, save it again, and send the result.",
)
_PACK_AGAIN = Text(
    "Buat .zip yang baru dengan cara biasa, hanya berisi berkas yang perlu.",
    "Make a new .zip in the usual way, of only the files that are needed.",
)
_FEWER = Text("Bagi menjadi beberapa berkas, misalnya satu per kecamatan.", "Split it into several files, for example one per kecamatan.")
_AS_XLSX = Text(
    "Buka dengan Excel atau LibreOffice, pilih Simpan Sebagai, jenis Excel Workbook (.xlsx) tanpa kata sandi.",
    "Open it in Excel or LibreOffice and save it as an Excel workbook (.xlsx) without a password.",
)
_KNOWN = Text(
    "Yang dapat dibaca: CSV, Excel (.xlsx), OpenDocument (.ods), GeoJSON, KML/KMZ, GPX, GeoPackage, shapefile (.zip), FlatGeobuf.",
    "CSV, Excel (.xlsx), OpenDocument (.ods), GeoJSON, KML/KMZ, GPX, GeoPackage, shapefile (.zip) and FlatGeobuf can be read.",
)
_BY_LAYER = Text("Sebutkan salah satu sebagai sheet.", "Name one of them as sheet.")

_UNREADABLE = Text("Berkas tidak dapat dibaca", "File cannot be read")
_UNSAFE = Text("Berkas tidak aman", "File not safe")
_TOO_LARGE = Text("Berkas terlalu besar", "File too large")

_MAKE_ROOM = Text(
    "Simpan (commit) impor yang sudah diperiksa, atau hapus yang tidak diperlukan lagi: daftarnya di GET /imports, hapus dengan DELETE /imports/…. Titik yang sudah disimpan tetap ada. Setelah 30 hari impor terhapus sendiri.",
    "Commit those that were judged, or delete those that are no longer needed: GET /imports lists them, DELETE /imports/… deletes one. Points that were committed stay. After 30 days imports go by themselves.",
)

PROBLEMS: dict[str, Message] = {
    "imports-open-full": Message(
        Text("Impor Anda sudah terlalu banyak", "Too many imports"),
        Text("Ada {number} impor Anda yang belum selesai; paling banyak {most}.", "{number} of your imports {number:is|are} not done; at most {most} may be."),
        _MAKE_ROOM,
    ),
    "imports-bytes-full": Message(
        Text("Impor Anda sudah terlalu banyak", "Too many imports"),
        Text("Berkas impor Anda yang tersimpan sudah {kept_mb} MB; dengan yang ini melebihi {most_mb} MB.", "{kept_mb} MB of files of your imports are kept; with this one it would be more than {most_mb} MB."),
        _MAKE_ROOM,
    ),
    "imports-rows-full": Message(
        Text("Impor Anda sudah terlalu banyak", "Too many imports"),
        Text("Baris impor Anda yang tersimpan sudah {number}; paling banyak {most}.", "{number} {number:row|rows} of your imports {number:is|are} kept; at most {most} may be."),
        _MAKE_ROOM,
    ),
    "file-unreadable": Message(_UNREADABLE, Text("Berkas ini tidak dapat dibaca sebagai tabel.", "This file cannot be read as a table."), _KNOWN),
    "file-empty": Message(_UNREADABLE, Text("Berkas ini kosong.", "This file is empty."), _SAVE_AGAIN),
    "file-not-known": Message(_UNREADABLE, Text("Jenis berkas ini tidak dikenal.", "This kind of file is not known."), _KNOWN),
    "file-not-a-table": Message(_UNREADABLE, Text("Berkas ini dokumen atau gambar, bukan tabel.", "This file is a document or a picture, not a table."), _KNOWN),
    "file-packed": Message(
        _UNREADABLE,
        Text("Berkas ini dimampatkan dengan cara yang tidak dibuka di sini.", "This file is packed in a way that is not opened here."),
        Text("Buka dulu di komputer Anda, lalu kirim isinya.", "Unpack it on your computer first, then send what is inside."),
    ),
    "header-missing": Message(
        Text("Judul kolom tidak ditemukan", "No column headings found"),
        Text("Di {rows} baris pertama tidak ada baris judul kolom.", "There is no row of column headings among the first {rows} rows."),
        Text("Tulis judul kolom (Nama, Kelurahan, Lintang, Bujur, …) dalam satu baris di atas data, atau pakai templat.", "Write the headings (Nama, Kelurahan, Lintang, Bujur, …) in one row above the data, or use the template."),
    ),
    "rows-too-many": Message(_TOO_LARGE, Text("Isinya lebih dari {most} baris.", "It holds more than {most} rows."), _FEWER),
    "columns-too-many": Message(
        _TOO_LARGE,
        Text("Isinya lebih dari {most} kolom.", "It holds more than {most} columns."),
        Text("Hapus kolom yang tidak diperlukan.", "Delete the columns that are not needed."),
    ),
    "record-too-long": Message(_TOO_LARGE, Text("Ada satu baris dengan lebih dari {most} huruf.", "One row has more than {most} characters."), _SAVE_AGAIN),
    "quote-not-closed": Message(
        _UNREADABLE,
        Text('Tanda kutip (") yang dibuka di baris {line} tidak pernah ditutup.', 'A quotation mark (") that opens in line {line} is never closed.'),
        Text("Hapus atau lengkapi tanda kutip itu, atau simpan tabelnya sebagai .xlsx.", "Remove or complete that mark, or save the table as .xlsx."),
    ),
    "workbook-old-or-locked": Message(_UNREADABLE, Text("Buku kerja ini berbentuk lama (.xls) atau berkata sandi.", "This workbook is of the old kind (.xls), or has a password."), _AS_XLSX),
    "workbook-other": Message(_UNREADABLE, Text("Berkas Excel jenis .xlsb tidak dibaca di sini.", "Excel files of the kind .xlsb are not read here."), _AS_XLSX),
    "workbook-is-web-page": Message(_UNREADABLE, Text("Berkas ini halaman web atau XML yang dinamai seperti berkas Excel.", "This file is a web page, or XML, that is called like an Excel file."), _AS_XLSX),
    "workbook-damaged": Message(_UNREADABLE, Text("Buku kerja ini rusak.", "This workbook is damaged."), _SAVE_AGAIN),
    "workbook-empty": Message(_UNREADABLE, Text("Tidak ada lembar yang berisi.", "No sheet holds anything."), Text("Isi lembar Data, lalu simpan.", "Fill in the sheet Data, then save it.")),
    "workbook-too-large": Message(
        _TOO_LARGE,
        Text("Satu lembar mencakup lebih dari {most} sel, termasuk yang kosong.", "One sheet spans more than {most} cells, blank ones among them."),
        Text("Hapus isi yang tersesat jauh di kanan atau bawah, atau simpan sebagai CSV.", "Delete what has strayed far to the right or below, or save it as CSV."),
    ),
    "sheet-missing": Message(
        Text("Lembar tidak ditemukan", "No such sheet"),
        Text("Lembar itu tidak ada. Yang ada: {names}.", "There is no such sheet. There is: {names}."),
        _BY_LAYER,
    ),
    "archive-damaged": Message(_UNREADABLE, Text("Arsip .zip di berkas ini rusak.", "The .zip archive of this file is damaged."), _SAVE_AGAIN),
    "archive-lies": Message(_UNSAFE, Text("Isi arsip lebih besar daripada yang ditulis di daftarnya.", "The archive holds more than its directory says."), _PACK_AGAIN),
    "archive-many-members": Message(_UNSAFE, Text("Arsip ini memuat lebih dari {most} berkas.", "The archive holds more than {most} files."), _PACK_AGAIN),
    "archive-names": Message(_UNSAFE, Text("Nama berkas di dalam arsip ini menunjuk ke luar, atau ada yang sama.", "Names of files in the archive point outside of it, or are equal."), _PACK_AGAIN),
    "archive-links": Message(_UNSAFE, Text("Arsip ini memuat tautan, bukan berkas biasa.", "The archive holds links, not plain files."), _PACK_AGAIN),
    "archive-locked": Message(_UNREADABLE, Text("Arsip ini berkata sandi.", "The archive has a password."), Text("Kirim lagi tanpa kata sandi.", "Send it again without a password.")),
    "archive-method": Message(_UNREADABLE, Text("Arsip ini dimampatkan dengan cara yang tidak biasa.", "The archive is packed by an unusual method."), _PACK_AGAIN),
    "archive-bomb": Message(_UNSAFE, Text("Isi arsip ini terlalu besar bila dibuka: lebih dari {most} MB, atau luar biasa mampat.", "The archive is too large when unpacked: more than {most} MB, or packed beyond measure."), _FEWER),
    "archive-nested": Message(_UNSAFE, Text("Ada arsip di dalam arsip ini.", "There is an archive inside the archive."), _PACK_AGAIN),
    "archive-without-table": Message(
        _UNREADABLE,
        Text("Tidak ada shapefile, KML atau buku kerja di dalam .zip ini.", "There is no shapefile, KML or workbook in this .zip."),
        Text("Berkas CSV, Excel, GeoJSON dan GeoPackage harap dikirim tanpa .zip.", "Send CSV, Excel, GeoJSON and GeoPackage files without a .zip."),
    ),
    "xml-declares": Message(_UNSAFE, Text("Berkas ini memuat deklarasi DTD atau entitas, yang tidak dibaca di sini.", "The file declares a DTD or entities, which are not read here."), _SAVE_AGAIN),
    "xml-too-deep": Message(_UNSAFE, Text("XML di berkas ini bertingkat lebih dari {most}.", "The XML of this file is nested more than {most} levels deep."), _SAVE_AGAIN),
    "shapefile-alone": Message(
        Text("Shapefile tidak lengkap", "Shapefile not complete"),
        Text("Satu berkas .shp saja tidak memuat atribut.", "A .shp alone holds no attributes."),
        Text("Jadikan satu .zip: .shp, .shx, .dbf dan .prj.", "Put .shp, .shx, .dbf and .prj into one .zip."),
    ),
    "shapefile-incomplete": Message(
        Text("Shapefile tidak lengkap", "Shapefile not complete"),
        Text("Di dalam .zip ini bagian {missing} tidak ada.", "The part {missing} is not in this .zip."),
        Text("Jadikan satu .zip: .shp, .shx, .dbf dan .prj, dengan nama depan yang sama.", "Put .shp, .shx, .dbf and .prj of the same name into one .zip."),
    ),
    "xml-damaged": Message(_UNREADABLE, Text("XML di berkas ini rusak mulai baris {line}.", "The XML of this file is damaged from line {line}."), _SAVE_AGAIN),
    "kml-network-link": Message(
        Text("KML ini hanya berisi tautan", "This KML only links"),
        Text("Berkas ini menunjuk ke berkas lain di jaringan (NetworkLink); tautan tidak diikuti.", "This file points to another one on the network (NetworkLink); links are not followed."),
        Text("Ekspor titik-titiknya sendiri. Di Google My Maps: Ekspor ke KML, tanpa pilihan “terus perbarui dengan tautan jaringan”.", "Export the places themselves. In Google My Maps: Export to KML, without “keep data up to date with network link”."),
    ),
    "markup-without-points": Message(
        Text("Tidak ada titik", "No points"),
        Text("Tidak ada satu pun titik (Placemark atau waypoint) di berkas ini; jalur tidak dibaca.", "There is no point (Placemark or waypoint) in this file; tracks are not read."),
        Text("Ekspor titik-titiknya, bukan rekaman perjalanannya.", "Export the points, not the recorded journey."),
    ),
    "kmz-several-documents": Message(_UNREADABLE, Text("KMZ ini memuat beberapa dokumen KML.", "This KMZ holds several KML documents."), Text("Kirim setiap KML sendiri.", "Send each KML by itself.")),
    "json-damaged": Message(_UNREADABLE, Text("JSON di berkas ini rusak di sekitar baris {line}.", "The JSON of this file is damaged near line {line}."), _SAVE_AGAIN),
    "json-too-deep": Message(_UNSAFE, Text("JSON di berkas ini bertingkat terlalu dalam.", "The JSON of this file is nested too deep."), _SAVE_AGAIN),
    "geojson-without-features": Message(
        _UNREADABLE,
        Text("JSON di berkas ini benar, tetapi tidak memuat titik: bukan Feature, FeatureCollection, atau daftar baris.", "The JSON of this file is right, yet it holds no points: no Feature, FeatureCollection or list of records."),
        Text("Di QGIS: Ekspor, Simpan Fitur Sebagai, GeoJSON. Atau daftar baris, masing-masing dengan nama, lat dan lon.", "In QGIS: Export, Save Features As, GeoJSON. Or a list of records, each with name, lat and lon."),
    ),
    "layer-damaged": Message(_UNREADABLE, Text("Lapisan di berkas ini rusak.", "The layer in this file is damaged."), _SAVE_AGAIN),
    "layer-missing": Message(Text("Lapisan tidak ditemukan", "No such layer"), Text("Lapisan itu tidak ada. Yang ada: {names}.", "There is no such layer. There is: {names}."), _BY_LAYER),
    "layers-several": Message(Text("Lapisan belum dipilih", "No layer chosen"), Text("Ada beberapa lapisan titik: {names}.", "There are several layers of points: {names}."), _BY_LAYER),
    "layer-without-points": Message(
        Text("Tidak ada titik", "No points"),
        Text("Tidak ada lapisan titik di berkas ini; garis dan bidang tidak diimpor.", "There is no layer of points in this file; lines and areas are not imported."),
        Text("Simpan lapisan titiknya. Titik tengah bidang dapat dibuat di QGIS (Centroids).", "Save the layer of points. QGIS makes points of areas (Centroids)."),
    ),
    "crs-missing": Message(
        Text("Sistem koordinat tidak disebut", "CRS not said"),
        Text("Koordinatnya bukan derajat, dan berkas ini tidak menyebut sistemnya.", "The coordinates are no degrees, and the file does not say which system they are in."),
        Text("Sertakan berkas .prj, atau simpan lagi sebagai EPSG:4326 (WGS 84).", "Add the .prj file, or save it again as EPSG:4326 (WGS 84)."),
    ),
    "crs-untrue": Message(
        Text("Sistem koordinat tidak cocok", "CRS does not fit"),
        Text("Sistem koordinat yang disebut berkas ini tidak cocok dengan angkanya: meter dan derajat tertukar.", "The coordinate system that the file names does not fit its numbers: metres and degrees are confused."),
        Text("Tetapkan sistem yang benar di QGIS (Set Layer CRS), lalu simpan sebagai EPSG:4326.", "Set the right system in QGIS (Set Layer CRS), then save it as EPSG:4326."),
    ),
    "crs-several": Message(
        Text("Terlalu banyak sistem koordinat", "Too many CRS"),
        Text("Titik-titik di berkas ini menyebut lebih dari {most} sistem koordinat.", "The features of this file name more than {most} coordinate systems."),
        Text("Simpan lagi sebagai EPSG:4326 (WGS 84).", "Save it again as EPSG:4326 (WGS 84)."),
    ),
    "crs-not-known": Message(
        Text("Sistem koordinat tidak dikenal", "CRS not known"),
        Text("Sistem koordinat berkas ini, atau datumnya, tidak dikenal: letaknya dapat meleset ratusan meter.", "The coordinate system of this file, or its datum, is not known: places could be off by hundreds of metres."),
        Text("Simpan lagi sebagai EPSG:4326 (WGS 84).", "Save it again as EPSG:4326 (WGS 84)."),
    ),
}  # fmt: skip

FAULTS: dict[str, Text] = {
    "geometry-missing": Text("Titiknya belum ada di peta.", "There is no point on the map."),
    "geometry-not-a-point": Text("Bentuknya garis atau bidang; yang diimpor hanya titik.", "It is a line or an area; only points are imported."),
    "geometry-several-points": Text("Baris ini berisi beberapa titik; pisahkan menjadi satu baris per titik.", "It holds several points; make a row of each."),
    "geometry-crs-not-known": Text("Sistem koordinat yang disebut titik ini sendiri tidak dikenal; tulis EPSG:4326 atau nomor EPSG lain.", "The coordinate system that it names itself is not known; write EPSG:4326 or another number of EPSG."),
    "geometry-crs-unclear": Text("Berkas ini menyebut coordRefSys, tetapi titik ini tidak punya place: tidak jelas dalam sistem koordinat mana ia ditulis.", "The file names coordRefSys, and this feature has no place: which coordinate system it is in is not clear."),
    "geometry-datum": Text("Tidak diketahui bagaimana koordinat dari datum berkas ini diubah ke WGS 84 di tempat ini; tanpa itu letaknya dapat meleset ratusan meter. Ubah dulu ke EPSG:4326.", "Nobody knows how coordinates of the datum of this file become WGS 84 at this place; without that they may be off by hundreds of metres. Transform it to EPSG:4326 first."),
    "geometry-coordinates": Text("Koordinat titiknya bukan bujur dan lintang yang sah.", "Its coordinates are no valid longitude and latitude."),
    "too-many-cells": Text("Baris ini punya isian di luar kolom yang berjudul; mungkin ada tanda pemisah di dalam teks.", "This row has cells beyond the columns with a heading; perhaps a text holds the separator."),
    "text-cut": Text("Ada teks yang terlalu panjang; yang dibaca 10.000 huruf pertama.", "A text is too long; its first 10,000 characters were read."),
    "text-damaged": Text("Ada huruf yang rusak (\ufffd) di baris ini; simpan berkas sebagai CSV UTF-8.", "This row has damaged letters (\ufffd); save the file as CSV UTF-8."),
    "quote-open": Text('Tanda kutip (") di baris ini tampaknya tidak ditutup, sehingga baris sesudahnya ikut terbaca.', 'A quotation mark (") in this row seems not to be closed, so that rows below were read as a part of it.'),
}  # fmt: skip
