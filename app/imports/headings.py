"""Which field a heading names, read by its parts as people and survey tools write it: `1. Nama Posyandu`, `lokasi-Latitude`,
`_Titik Lokasi_longitude`, `Koordinat (X)`, `Lattitude`, `Alamat SPPG`. Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from app.imports.fields import COMMON, Field, folded
from app.imports.roles import OF_AN_OFFICE, tells_of_a_person
from app.language import words

LAT, LON = "lat", "lon"
RUNNING_NUMBERS = frozenset({"no", "nomor urut", "no urut"})
# Columns of our own exports that say what the server decides, and the two that an annotated report adds; a running number is no field.
_NOT_READ = frozenset(
    {"category", "verified at", "state", "revision", "version", "placement", "predecessors", "succession", "titik status", "titik catatan"}
    | RUNNING_NUMBERS
)
_FIRST_WORDS = frozenset(
    {
        name.split()[0]
        for field in COMMON
        if field.kind == "place"
        for name in (field.name, field.title.id.lower(), field.title.en.lower(), *field.names, *field.loose)
    }
)
_NUMBERED = re.compile(
    r"^\s*\(?(?:\d{1,3}(?:\.\d{1,2})*(?:[.)_:]|\s+(?=[A-Za-z]))|[A-Za-z]\.?\d{1,2}[.)]|[A-Za-z][.)]|[IVXivx]{1,4}[.)])\s*(?=[^\s\d])"
)
_BRACKET = re.compile(r"[(\[]([^)\]]*)[)\]]")
_PATH = re.compile(r"(?<=[^\W_])[/:.\-](?=[^\W_])")
_OF_A_GEOPOINT = (
    re.compile(r"_(?P<of>.+)_(?P<part>latitude|longitude|altitude|precision)", re.IGNORECASE),
    re.compile(r"(?P<of>.+)[-:/._](?P<part>latitude|longitude|altitude|accuracy)", re.IGNORECASE),
    re.compile(r"(?P<part>lat|long|accuracy)_\d+_(?P<of>.+)", re.IGNORECASE),
)
_PARTS = {
    "latitude": "lat",
    "lat": "lat",
    "longitude": "lon",
    "long": "lon",
    "accuracy": "accuracy_m",
    "precision": "accuracy_m",
    "altitude": "",
}
_AXES: Mapping[str, str] = {
    **dict.fromkeys(("lat", "latitude", "lintang", "ls", "lu"), LAT),
    **dict.fromkeys(("lon", "long", "lng", "longitude", "bujur", "bt", "bb"), LON),
}
# Only in brackets, or behind a word of the place, does one letter name an axis.
_LETTERS: Mapping[str, str] = {"y": LAT, "s": LAT, "n": LAT, "x": LON, "e": LON, "t": LON, "northing": LAT, "easting": LON}
_OF_A_PLACE = words(
    "koordinat coordinate coord koord titik point lokasi location posisi gps garis geo letak map maps wgs84 wgs desimal decimal dd derajat degree selatan timur utara"
)
# Of how many there are, or per what: not the thing itself.
_COUNTED = words("jumlah jml total banyak banyaknya kk jiwa anak balita lansia warga per rata luas persen jarak tahun usia umur daftar")
_NUMBERS, _NUMBERS_BEFORE = ("rt", "rw"), (["rt"], ["rw"])
# Between RT and RW, or before them; and what makes a heading with both one of something else.
_JOINING, _OF_A_RECORD, _FEW = words("no nomor dan"), words("kode nama surat peta"), 3
# Only these are asked about with the kind of the facility behind them; `Tanggal posyandu` is its day.
_OF_A_FACILITY = frozenset(
    {"name", "address", "kelurahan", "kelurahan_name", "kecamatan", "rt", "rw", "rt_rw", "rw_rt", "lat", "lon", "coordinate"}
)
_SPELLED = (
    "latitude",
    "longitude",
    "altitude",
    "koordinat",
    "coordinate",
    "coordinates",
    "lintang",
    "bujur",
    "accuracy",
    "akurasi",
    "ketelitian",
    "kelurahan",
    "kecamatan",
)
_MISSPELLED = {
    "lattitude": "latitude",
    "latitud": "latitude",
    "longtitude": "longitude",
    "kordinat": "koordinat",
    "kelurahaan": "kelurahan",
    "keluruhan": "kelurahan",
    "kelurahn": "kelurahan",
    "kecamtan": "kecamatan",
}
_ABBREVIATED = {
    **dict.fromkeys(("jml", "jmlh", "jlh"), "jumlah"), **dict.fromkeys(("tlp", "telp", "tlpn"), "telepon"), **dict.fromkeys(("alm", "almt"), "alamat"),
    "no": "nomor", "nmr": "nomor", "nm": "nama", "kel": "kelurahan", "kec": "kecamatan", "thn": "tahun", "th": "tahun", "tgl": "tanggal",
}  # fmt: skip
TITLED = 20
"""The rank of a column that is headed as its category is titled: the name, where no other column is."""
_MOST_WORDS = 12
_SHARED_BY = 3


class Guess(NamedTuple):
    """The lower the rank, the more certain. `is_loose`: the name is used for other things too, so that the cells decide."""

    rank: int
    field: str
    is_loose: bool = False


class Vocabulary:
    """The names of some fields, ready to read the headings of one file by. `kinds`: what the facilities are called, `pos kamling`."""

    def __init__(self, fields: Mapping[str, Field], kinds: Sequence[str] = (), headings: Sequence[str] = ()) -> None:
        self._names: dict[str, Guess] = {}
        for field in fields.values():
            for guess, name in _spellings(field, kinds):
                for spelling in (name.lower(), folded(name)):
                    if spelling and (spelling not in self._names or self._names[spelling].rank > guess.rank):
                        self._names[spelling] = guess
        self._kinds = [*kinds, *_shared(headings, self._names)]

    def read(self, heading: str) -> Guess | None:
        """The field that a heading names; None where it names none, or several."""
        if folded(heading) in _NOT_READ:
            return None
        ways = list(enumerate(_ways(heading)))
        # As a whole first: `C. RT/RW` is no RW within `C. RT`.
        for reading in (self._named,) if _axis_in_brackets(heading) else (self._named, self._in_a_path, self._with_datum):
            for at, spelling in ways:
                if (guess := reading(spelling)) is not None:
                    return guess._replace(rank=guess.rank + at)
        return None

    def _named(self, heading: str) -> Guess | None:
        axis = _axis_in_brackets(heading)
        guess = self._names.get(heading.strip().lower()) or self._plain(folded(heading))
        if axis:
            return _on_axis(guess, axis, folded(heading))
        return guess or _of_a_geopoint(heading) or _of_both(folded(heading).split())

    def _plain(self, text: str) -> Guess | None:
        """A folded heading: as it is, spelled right, or without the word for the kind of facility that many have."""
        if guess := self._names.get(text):
            return guess
        parts = text.split()
        if not 0 < len(parts) <= _MOST_WORDS:
            return None
        right = " ".join(map(_spelled, parts))
        whole = " ".join(_ABBREVIATED.get(word, word) for word in right.split())
        if guess := self._names.get(right) or self._names.get(whole) or _of_an_axis(right.split()):
            return guess._replace(rank=guess.rank + 2)
        for kind in self._kinds:
            for rest in (right.removesuffix(f" {kind}"), right.removeprefix(f"{kind} ")):
                if rest != right and (guess := self._names.get(rest)) and guess.field in _OF_A_FACILITY:
                    return guess._replace(rank=guess.rank + 1)
        return None

    def _in_a_path(self, heading: str) -> Guess | None:
        """`identitas/nama`, `grup-lokasi-koordinat`: the last part counts, unless those before it say of what, or name another field."""
        parts = [_NUMBERED.sub("", part, count=1) for part in _PATH.split(heading)]
        # `identitas/RT/RW`: two parts may be one name.
        both = self._names.get(folded(" ".join(parts[-2:]))) if len(parts) > 2 else None
        groups = parts[: -2 if both else -1]
        guess = both or self._names.get(parts[-1].strip().lower()) or self._plain(folded(parts[-1]))
        if not groups or not guess or (guess.field in _NUMBERS and folded(groups[-1]).split()[-1:] in _NUMBERS_BEFORE):
            return None
        for text in map(folded, groups):
            other = self._names.get(text)
            if tells_of_a_person(text) or set(text.split()) & _COUNTED:
                return None
            if other and not other.is_loose and other.field not in ("coordinate", guess.field) and guess.field != "coordinate":
                return None
        return guess._replace(rank=guess.rank + 2)

    def _with_datum(self, heading: str) -> Guess | None:
        """`Lintang Batavia`: a column of the place whose heading says of which datum, without brackets; `Datum Peta`: one that says it in cells."""
        text = folded(heading)
        if "datum" in text.split():
            return Guess(4, "datum")
        if " " not in text or text.partition(" ")[0] not in _FIRST_WORDS:
            return None
        from app.coordinates.datums import mentioned  # noqa: PLC0415 - brings PROJ, which most tables do without

        guess = self._names.get(folded(mentioned(heading.replace("_", " ")).rest))
        return guess if guess and guess.field in (LAT, LON, "coordinate") else None


def _spellings(field: Field, kinds: Sequence[str]) -> Iterator[tuple[Guess, str]]:
    yield Guess(0, field.name), field.name
    yield Guess(1, field.name), field.title.id
    yield Guess(1, field.name), field.title.en
    for name in field.names:
        yield Guess(3, field.name), name
    for name in field.loose:
        yield Guess(4, field.name, is_loose=True), name
    for kind in kinds if field.name == "name" else ():
        # Before a plain `Nama`, which beside it is somebody's.
        yield from ((Guess(0, field.name), name) for name in (f"nama {kind}", f"{kind} name", f"name of {kind}"))
        yield Guess(TITLED, field.name, is_loose=True), kind


def _shared(headings: Sequence[str], names: Mapping[str, Guess]) -> list[str]:
    """The last words that several headings have: `Nama SPPG`, `Alamat SPPG`, `Kecamatan SPPG`."""
    last = Counter(parts[-1] for heading in headings if len(parts := folded(heading).split()) > 1)
    return [word for word, number in last.items() if number >= _SHARED_BY and word not in names and not tells_of_a_person(word)]


def _ways(heading: str) -> Iterator[str]:
    """A heading as it is, and without the number before it."""
    yield heading
    bare = _NUMBERED.sub("", heading, count=1)
    if bare != heading:
        yield bare


def _axis_in_brackets(heading: str) -> str:
    """The one axis that brackets name; `?` where they name both."""
    found = {
        axis
        for inner in _BRACKET.findall(heading)
        for word in folded(inner).split()
        if (axis := _AXES.get(_spelled(word)) or _LETTERS.get(word))
    }
    return "?" if len(found) > 1 else next(iter(found), "")


def _on_axis(guess: Guess | None, axis: str, text: str) -> Guess | None:
    """A heading whose brackets name an axis: they complete a name of the place, agree with a name of an axis, or are about something else."""
    if axis == "?":
        return guess if guess is None or guess.field not in (LAT, LON) else None
    if (guess is not None and guess.field == "coordinate") or (guess is None and text and set(text.split()) <= _OF_A_PLACE):
        return Guess(3, axis)
    return None if guess is not None and guess.field in (LAT, LON) and guess.field != axis else guess


def _of_a_geopoint(heading: str) -> Guess | None:
    """The columns that a survey tool makes of one question for a place."""
    for pattern in _OF_A_GEOPOINT:
        if found := pattern.fullmatch(heading.strip()):
            field = _PARTS[found["part"].lower()]
            return Guess(3, field) if field and not tells_of_a_person(folded(found["of"])) else None
    return None


def _of_an_axis(parts: Sequence[str]) -> Guess | None:
    """`Koordinat Latitude`, `lat lokasi`, `POINT_Y`: one axis, and besides only words for a place."""
    axes = [axis for word in parts if (axis := _AXES.get(word))]
    letters = [axis for word in parts if (axis := _LETTERS.get(word)) and word in ("x", "y")]
    rest = [word for word in parts if word not in _AXES and word not in ("x", "y")]
    if len(parts) > 1 and len({*axes, *letters}) == 1 and set(rest) <= _OF_A_PLACE:
        return Guess(3, (axes or letters)[0], is_loose=not axes)
    return None


def _of_both(parts: Sequence[str]) -> Guess | None:
    """`No. RT/RW`, `C RT/RW`, `Alamat RW/RT`: RT and RW in one column, unless it is how many there are, or something of theirs."""
    bare = [word for word in parts if word not in _JOINING]
    if sorted(word for word in bare if word in _NUMBERS) != list(_NUMBERS):
        return None
    first, second = sorted((bare.index("rt"), bare.index("rw")))
    rest = bare[:first] + bare[second + 1 :]
    if second - first > 1 or len(rest) > _FEW or set(rest) & (_COUNTED | OF_AN_OFFICE | _OF_A_RECORD) or tells_of_a_person(" ".join(rest)):
        return None
    return Guess(3, f"{bare[first]}_{bare[second]}")


@lru_cache(4_096)
def _spelled(word: str) -> str:
    """A word for a place as it is spelled: `lattitude`, `longtitude`, `kordinat`."""
    if word in _MISSPELLED:
        return _MISSPELLED[word]
    if len(word) < len("latitude") - 1 or word in _SPELLED:
        return word
    found = get_close_matches(word, _SPELLED[:6], 1, cutoff=0.88)
    return found[0] if found else word


_ALL = Vocabulary({field.name: field for field in COMMON})


def names_a_field(text: str) -> bool:
    """Whether a text is the heading of a field that every category has."""
    return _ALL.read(text) is not None


def axis_free(heading: str) -> tuple[str, ...]:
    """The words of a heading but those for an axis, and how it names that: equal for the two columns of a pair."""
    parts = re.sub(r"[^a-z0-9]+", " ", heading.lower()).split()
    spelled = [_spelled(word) for word in parts]
    how = "letters" if any(word in ("x", "y", "northing", "easting") for word in spelled) else "words"
    return (how, *(word for word in spelled if word not in _AXES and word not in _LETTERS and word not in ("selatan", "timur", "utara")))


def says_south(heading: str) -> bool:
    """`LS`, `Lintang Selatan`, `Latitude (S)`: numbers below it without a sign are south."""
    parts = re.sub(r"[^a-z]+", " ", heading.lower()).split()
    inner = {word for bracket in _BRACKET.findall(heading) for word in folded(bracket).split()}
    return "ls" in parts or {"lintang", "selatan"} <= set(parts) or "s" in inner
