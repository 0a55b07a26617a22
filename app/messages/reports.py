"""What can be wrong with reports, and with answers to them."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "report-unknown": Message(
        Text("Laporan tidak ditemukan", "No such report"),
        Text(
            "Tidak ada laporan dengan nomor ini. Laporan dihapus 90 hari setelah ditutup.",
            "There is no report of this number. Reports are deleted 90 days after they are closed.",
        ),
        Text(
            "Periksa lagi nomornya: tiga kelompok berisi empat huruf atau angka.",
            "Check the number: three groups of four letters or digits.",
        ),
    ),
    "report-photo-unknown": Message(
        Text("Foto tidak ada", "No photo"),
        Text("Laporan ini tidak punya foto yang dapat Anda lihat.", "This report has no photo that you can see."),
    ),
    "report-state": Message(
        Text("Laporan sudah berubah", "The report has changed"),
        Text("Laporan ini sudah dijawab atau dibuka lagi oleh orang lain.", "Somebody else has answered this report or opened it again."),
        Text(
            "Baca lagi laporannya. Untuk mengubah jawaban, buka lagi dulu.",
            "Read it again. To change an answer, open the report again first.",
        ),
    ),
    "reports-of-address-full": Message(
        Text("Laporan hari ini sudah cukup", "Enough reports for today"),
        Text(
            "Dari jaringan ini sudah dikirim {most} laporan hari ini.",
            "{most} reports have been sent from this network today.",
        ),
        Text(
            "Kirim lagi {hours} jam lagi, atau lewat jaringan lain. Bila mendesak, datanglah ke kantor kelurahan.",
            "Send it again in {hours} {hours:hour|hours}, or from another network. If it is urgent, go to the office of the kelurahan.",
        ),
    ),
}

FAULTS: dict[str, Text] = {
    "report-of-point": Text(
        "Laporan ini tentang satu titik: sebutkan id-nya. Untuk yang belum ada di peta, pilih missing.",
        "This report is about a point: give its id. For what is not on the map yet, choose missing.",
    ),
    "report-of-place": Text(
        "Yang belum ada di peta tidak punya id: sebutkan tempatnya.", "What is not on the map has no id: tell where it is."
    ),
    "report-point-unknown": Text(
        "Titik ini tidak ada di peta, atau sudah dihapus. Cari lagi titiknya.",
        "This point is not on the map, or not any more. Look for it again.",
    ),
    "report-without-place": Text("Sebutkan kelurahan, atau letaknya di peta.", "Name the kelurahan, or the place on the map."),
    "report-without-text": Text("Tulis singkat apa yang Anda lihat.", "Write in a few words what you have seen."),
    "report-place-unread": Text(
        "Letak ini tidak terbaca, atau di luar kota. Salin tautan atau koordinat dari aplikasi peta, atau kosongkan dan pilih kelurahannya.",
        "This place cannot be read, or lies outside the city. Copy a link or a coordinate from a map application, or leave it empty and choose the kelurahan.",
    ),
    "report-outside": Text(
        "Tempat ini di luar kelurahan mana pun di sini. Periksa angkanya, atau pilih kelurahannya.",
        "This place lies in no kelurahan here. Check the numbers, or choose the kelurahan.",
    ),
    "report-not-closing": Text("Hasil hanya untuk laporan yang ditutup.", "An outcome is for a report that is closed."),
    "report-without-answer": Text(
        "Tulis jawaban untuk pelapor: apa yang dilakukan, atau mengapa tidak.", "Write an answer to its sender: what was done, or why not."
    ),
}
