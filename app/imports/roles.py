"""Words in headings that tell of people: their offices, their telephones, what else is about a person. Pure."""

from collections.abc import Mapping

from app.contacts.schemas import ContactRole
from app.language import words

ROLES: Mapping[str, ContactRole] = {
    "ketua": "ketua", "sekretaris": "sekretaris", "bendahara": "bendahara", "kader": "kader", "petugas": "petugas", "penjaga": "petugas",
    "wakil": "lainnya", "pengurus": "lainnya", "koordinator": "lainnya", "koord": "lainnya", "pj": "lainnya", "pic": "lainnya", "pemilik": "lainnya",
    "narahubung": "lainnya", "cp": "lainnya", "pengelola": "lainnya", "pembina": "lainnya",
}  # fmt: skip
PAIRS: Mapping[str, str] = {"penanggung jawab": "pj", "contact person": "cp", "kontak person": "cp"}
PHONES = words(
    "hp nohp hape telepon telp telpon tlp notelp notlp tlpn wa nowa whatsapp handphone ponsel phone mobile kontak contact seluler"
)
PERSONS = words("nik ktp ttl npwp nokk agama enumerator surveyor pendata responden username email surel submitter")
"""Of somebody, but nothing that a contact holds."""
PERSONS_IN_WORDS = ("no kk", "nomor kk", "tanggal lahir", "tgl lahir", "tempat lahir", "jenis kelamin", "submitted by", "submittername")
GROUPS = words("anggota keluarga kepala orang pelapor pengisi peserta pasien warga penduduk")
"""Of questions that a survey asks about people."""
OF_AN_OFFICE = words("""jumlah jml total banyaknya banyak aktif terlatih sk masa periode tanggal tgl mulai selesai pendidikan foto status ada kantor puskesmas id
    kantong insentif""")
"""About an office, not about whoever holds it."""


def tells_of_a_person(text: str) -> bool:
    """Whether a part of a folded heading names an office or something of a person."""
    for pair, word in PAIRS.items():
        text = text.replace(pair, word)
    parts = set(text.split())
    return bool(parts & (ROLES.keys() | PHONES | PERSONS | GROUPS)) or any(one in text for one in PERSONS_IN_WORDS)
