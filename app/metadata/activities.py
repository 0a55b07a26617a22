"""Activities (MS-Keg): one for each category and one for the profile of the kelurahan, with the eight blocks of the form. Pure.

What the service does by itself (review by another person, the formats of its files) is said here once; what belongs to one category or city is taken from
its definition. What neither says is empty, with the place where it can be filled in.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.definitions.schemas import Both, CategoryAnswer
from app.indicators.words import LEVEL_WORDS, PERIOD_WORDS
from app.language import Text
from app.metadata.schemas import ActivityBlock, ActivityItem
from app.metadata.variables import PROFILE, both, filled, listed

_COMMA = Text(", ", ", ")
_IN_FORM = Text(
    "Titik tidak mengetahuinya. Isi langsung di formulir MS-Keg saat mengajukannya ke BPS.",
    "Titik does not know it. Fill it in in the form MS-Keg when it is sent to BPS.",
)
_IN_CATEGORY = Text("Isi di Kelola → Kategori, perkiraan jumlah.", "Fill it in at Manage → Categories, expected number.")
_IN_CITY = Text('Isi dengan perintah titik city set KODE --contact "…".', 'Fill it in by the command titik city set CODE --contact "…".')
_IN_LICENCE = Text('Isi dengan perintah titik city set KODE --licence "…".', 'Fill it in by the command titik city set CODE --licence "…".')
_IN_INDICATORS = Text("Isi di Kelola → Indikator.", "Fill it in at Manage → Indicators.")
_TITLE = Text("Pendataan {category}", "Collection of data: {category}")
PROFILE_TITLE = Text("Pendataan profil kelurahan", "Collection of data: profile of the kelurahan")
_PROFILE_PURPOSE = Text(
    "Angka tiap kelurahan menurut indikator yang ditetapkan, dengan definisi, satuan, dan sumbernya.",
    "Figures of each kelurahan by indicators that are laid down, with their definitions, units and sources.",
)
_ONE_EACH = Text("Satu titik untuk setiap kelurahan.", "One point for each kelurahan.")
_EXPECTED = Text("Perkiraan {number} titik.", "About {number} points are expected.")
_REGION = Text("{cities}: {number} kelurahan.", "{cities}: {number} kelurahan.")
_NO_SAMPLE = Text("Tidak berlaku: semua didata, tanpa sampel.", "Does not apply: everything is recorded, without a sample.")


class ActivitySettings(NamedTuple):
    """What is the same for all activities."""

    organiser: str
    contact: str | None
    licence: str | None
    cities: Text
    kelurahan: int


class ActivityFacts(NamedTuple):
    """What an activity has of its own; what is None is not known."""

    id: str
    title: Both
    version: int
    purpose: Both
    expected: Both | None
    expected_in: Text
    frequency: Both
    unit: Both
    levels: Both
    method: Text
    tool: Text
    check: Text
    collection: Text
    workflow: Text
    formats: Sequence[str]
    """Names of the formats in which data are given out."""
    release: Text | None
    is_public: bool


def of_category(category: CategoryAnswer, formats: Sequence[str]) -> ActivityFacts:
    expected = filled(_EXPECTED, number=category["expected_count"]) if category["expected_count"] is not None else None
    if category["cardinality"] == "one_per_kelurahan":
        expected = expected or both(_ONE_EACH)
    return ActivityFacts(
        id=category["id"],
        title=filled(_TITLE, category=category["title"]),
        version=category["version"],
        purpose=category["description"],
        expected=expected,
        expected_in=_IN_CATEGORY,
        frequency=both(
            Text("Terus-menerus: setiap titik dicatat dan diubah kapan saja.", "All the time: points are recorded and changed at any time.")
        ),
        unit=filled(Text("Satu titik: {category}", "One point: {category}"), category=category["title"]),
        levels=both(Text("Titik, kelurahan, kecamatan, kota", "Point, kelurahan, kecamatan, city")),
        method=Text(
            "Pengamatan di tempat dengan ponsel (GPS) atau penunjukan di peta oleh PIC kelurahan; atau berkas kantor yang diimpor.",
            "Observation in place by a phone (GPS), or pointing on the map, by the PIC of the kelurahan; or files of offices that are imported.",
        ),
        tool=Text("Halaman Catat dan lembar impor kategori ini.", "The page Record, and the sheet for imports of this category."),
        check=Text(
            "Setiap isian diperiksa menurut aturan variabelnya; letak diperiksa terhadap batas kelurahan, titik ganda terhadap yang sudah ada.",
            "Each field is checked by the rules of its variable, the place against the boundary of the kelurahan, duplicates against what is there.",
        ),
        collection=Text("Pencacahan lengkap", "Complete enumeration"),
        workflow=Text(
            "PIC mengusulkan; walidata memeriksa, lalu menerbitkan atau mengembalikan dengan alasan. Pengusul tidak menerbitkan usulannya sendiri. "
            "Setiap perubahan tersimpan dan tercatat.",
            "The PIC proposes; the walidata reviews, and publishes or returns with a reason. Nobody publishes what they proposed. "
            "Every change is kept and recorded.",
        ),
        formats=formats,
        release=Text("Begitu diterbitkan walidata", "As soon as the walidata publishes"),
        is_public=category["audience"] == "public",
    )


def of_profile(versions: int, periods: Sequence[str], levels: Sequence[str], number: int) -> ActivityFacts:
    """`periods` and `levels`: those of its indicators, in their order."""
    return ActivityFacts(
        id=PROFILE,
        title=both(PROFILE_TITLE),
        version=versions,
        purpose=both(_PROFILE_PURPOSE),
        expected=filled(Text("{number} indikator untuk setiap kelurahan.", "{number} indicators for each kelurahan."), number=number)
        if number
        else None,
        expected_in=_IN_INDICATORS,
        frequency=filled(
            Text("Menurut indikatornya: setiap {periods}.", "By its indicators: every {periods}."), periods=_words(PERIOD_WORDS, periods)
        ),
        unit=both(Text("Kelurahan", "Kelurahan")),
        levels=_words(LEVEL_WORDS, levels),
        method=Text(
            "Kompilasi catatan kelurahan dan dinas menurut sumber tiap indikator; sebagian dihitung dari titik yang terbit.",
            "Compilation of records of the kelurahan and offices, by the source of each indicator; some are counted from published points.",
        ),
        tool=Text(
            "Isian per kelurahan dan periode (halaman, buku kerja Excel, JSON), menurut definisi indikator (MS-Ind).",
            "Entry by kelurahan and period (page, Excel workbook, JSON), by the definitions of indicators (MS-Ind).",
        ),
        check=Text(
            "Saat dikirim, angka dibandingkan dengan jumlah bagiannya, periode sebelumnya, dan titik di peta; yang menyimpang ditolak atau harus dijelaskan.",
            "When they are sent, figures are held against their parts, the period before and the map; what does not fit is refused or has to be explained.",
        ),
        collection=Text("Kompilasi produk administrasi", "Compilation of administrative records"),
        workflow=Text(
            "Angka diusulkan PIC kelurahan dan diperiksa walidata sebelum terbit; definisi indikator diubah pengelola. Setiap versi tersimpan dan tercatat.",
            "Figures are proposed by the PIC of the kelurahan and reviewed by the walidata before they are published; administrators change definitions. Each version is kept and recorded.",
        ),
        formats=("JSON", "HTML"),
        release=None,
        is_public=True,
    )


def blocks_of(facts: ActivityFacts, around: ActivitySettings, variables: Sequence[Both]) -> list[ActivityBlock]:
    """The form. `variables`: the names of those that the reader may see."""
    names = Both(id=", ".join(one["id"] for one in variables), en=", ".join(one["en"] for one in variables))
    return [
        _block("identity", Text("Identitas kegiatan", "Identity of the activity"), [
            _item("title", Text("Judul kegiatan", "Title"), facts.title),
            _item("code", Text("Kode kegiatan dari BPS", "Code of the activity, from BPS"), None),
            _item("collection", Text("Cara pengumpulan data", "Way of collecting"), both(facts.collection)),
            _item("sector", Text("Jenis statistik", "Kind of statistics"), both(Text("Statistik sektoral", "Sectoral statistics"))),
        ]),
        _block("I", Text("Penyelenggara", "Organiser"), [
            _item("organiser", Text("Instansi penyelenggara", "Organisation"), _same(around.organiser)),
            _item("contact", Text("Alamat, telepon, atau surel", "Address, telephone or e-mail"), _same(around.contact), _IN_CITY),
        ]),
        _block("II", Text("Penanggung jawab", "Responsible"), [
            _item("responsible_unit", Text("Unit penanggung jawab", "Unit that is responsible"), None),
            _item("responsible_person", Text("Penanggung jawab teknis (jabatan)", "Technically responsible (position)"), None),
        ]),
        _block("III", Text("Perencanaan dan persiapan", "Planning and preparation"), [
            _item("background", Text("Latar belakang", "Background"), None),
            _item("purpose", Text("Tujuan", "Purpose"), facts.purpose),
            _item("schedule", Text("Jadwal", "Schedule"), facts.frequency),
            _item("variables", Text("Variabel yang dikumpulkan", "Variables that are collected"), names if variables else None),
        ]),
        _block("IV", Text("Desain kegiatan", "Design"), [
            _item("frequency", Text("Frekuensi", "Frequency"), facts.frequency),
            _item("coverage", Text("Cakupan wilayah", "Coverage"), filled(_REGION, cities=both(around.cities), number=around.kelurahan) if around.kelurahan else None, Text("Muat wilayah dengan perintah titik regions load.", "Load the regions by the command titik regions load.")),
            _item("expected", Text("Jumlah yang didata", "How much is recorded"), facts.expected, facts.expected_in),
            _item("method", Text("Metode pengumpulan", "Method"), both(facts.method)),
            _item("tool", Text("Sarana pengumpulan", "Tool"), both(facts.tool)),
            _item("unit", Text("Unit pengumpulan", "Unit of collection"), facts.unit),
        ]),
        _block("V", Text("Desain sampel", "Design of the sample"), [_item("sample", Text("Sampel", "Sample"), both(_NO_SAMPLE))]),
        _block("VI", Text("Penjaminan kualitas", "Quality assurance"), [
            _item("workflow", Text("Alur pemeriksaan", "Workflow"), both(facts.workflow)),
            _item("check", Text("Pemeriksaan isian", "Checks of values"), both(facts.check)),
            _item("trial", Text("Uji coba", "Pilot"), None),
            _item("staff", Text("Jumlah dan pendidikan petugas", "Number and education of staff"), None),
            _item("training", Text("Pelatihan petugas", "Training of staff"), None),
        ]),
        _block("VII", Text("Pengolahan dan analisis", "Processing and analysis"), [
            _item("processing", Text("Tahap pengolahan", "Processing"), both(Text("Penyuntingan dan pemeriksaan saat diisi, penyandian dengan daftar pilihan, tabulasi otomatis.", "Editing and checking while writing, coding by lists of choices, automatic tables."))),
            _item("analysis", Text("Metode analisis", "Method of analysis"), both(Text("Deskriptif", "Descriptive"))),
            _item("levels", Text("Tingkat penyajian", "Levels of presentation"), facts.levels),
        ]),
        _block("VIII", Text("Diseminasi", "Dissemination"), [
            _item("public", Text("Terbuka untuk umum", "Open to the public"), both(Text("Ya, kecuali variabel yang tidak dapat diakses umum", "Yes, but for variables that are not open") if facts.is_public else Text("Tidak, hanya untuk kantor", "No, for offices only"))),
            _item("formats", Text("Bentuk", "Formats"), _same(", ".join(facts.formats))),
            _item("release", Text("Jadwal rilis", "Release"), both(facts.release) if facts.release else None),
            _item("licence", Text("Lisensi", "Licence"), _same(around.licence), _IN_LICENCE),
        ]),
    ]  # fmt: skip


def missing(blocks: Sequence[ActivityBlock]) -> int:
    return sum(item["value"] is None for block in blocks for item in block["items"])


def _block(name: str, title: Text, items: list[ActivityItem]) -> ActivityBlock:
    return ActivityBlock(id=name, title=both(title), items=items)


def _item(name: str, title: Text, value: Both | None, fill_in: Text = _IN_FORM) -> ActivityItem:
    return ActivityItem(id=name, title=both(title), value=value, fill_in=both(fill_in) if value is None else None)


def _same(text: str | None) -> Both | None:
    """A name, which is the same in both languages."""
    return Both(id=text, en=text) if text else None


def _words(words: Mapping[str, Text], names: Sequence[str]) -> Both:
    return listed([words[name] for name in names], _COMMA)
