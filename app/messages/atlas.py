"""Of the pages of points and kelurahan."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS = {
    "area-unknown": Message(
        Text("Kelurahan tidak ditemukan", "No such kelurahan"),
        Text("Tidak ada kelurahan dengan kode atau nama ini di peta.", "No kelurahan of this code or name is on the map."),
        Text("Pilih kelurahan di halaman peta, /portal/peta.", "Choose a kelurahan on the page of the map, /portal/peta."),
    ),
    "point-not-public": Message(
        Text("Titik tidak ditemukan", "No such point"),
        Text("Tidak ada titik terbit di alamat ini.", "No published point has this address."),
        Text("Periksa tautannya, atau cari titiknya di /portal/peta.", "Check the link, or look for the point at /portal/peta."),
    ),
}
