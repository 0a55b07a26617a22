"""Small files as offices have them, written where a test needs them. Places lie in Mojoroto, by the approximate boundaries."""

import json
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio.raw
import shapely

LON, LAT = 112.0006, -7.8071
SCRIPT = "<script>document.title='kena'</script>"


KOBO = (
    "Nama Posyandu;Kelurahan;Titik Lokasi;_Titik Lokasi_latitude;_Titik Lokasi_longitude;_Titik Lokasi_altitude;_Titik Lokasi_precision;_id;_uuid;_status\n"
    "Posyandu Kobo;Mojoroto;-7.80391 112.00213 78.4 4.8;-7.80391;112.00213;78.4;4.8;412345671;0b1d4f0e-1c56-4b4c-9a57-5d2f3a1c9e01;submitted_via_web\n"
)
# What other programs export, and what of it is new, changed, the same, to be answered, wrong.
OF_PROGRAMS = {
    "kobo.csv": (KOBO, (1, 0, 0, 0, 0)),
    "datum.csv": ("Nama,Lintang,Bujur,Datum\nPosyandu Datum,-7.8042395,112.0012439,Batavia\n", (0, 0, 0, 1, 0)),
    "dua-kode.csv": ("Nama,Koordinat\nPosyandu Plus,6P4J52W2+CR / 6P4J52JJ+22\n", (0, 0, 0, 0, 1)),
    "tanpa-nama.csv": ("kelompok,kelurahan,lat,long\nDahlia,Mojoroto,-7.8039,112.0021\n", (0, 0, 0, 0, 1)),
}


def place(n: int) -> tuple[float, float]:
    """Some 44 m from one to the next, so that none is like another."""
    return round(LON + (n % 4) * 4e-4, 6), round(LAT + (n // 4) * 4e-4, 6)


def semicolons(folder: Path) -> Path:
    """A CSV as Excel writes it here: semicolons, comma decimals, a heading that is not known, a name that is a script."""
    names = ["Posyandu Anggrek", "Posyandu Dahlia", f"Posyandu {SCRIPT}"]
    lines = [
        f"{name};Mojoroto;{str(place(n)[1]).replace('.', ',')};{str(place(n)[0]).replace('.', ',')};balita" for n, name in enumerate(names)
    ]
    return _written(folder / "daftar.csv", "\n".join(["Sebutan;Kelurahan;Lintang;Bujur;Jenis", *lines]))


def swapped(folder: Path, first: int = 4) -> Path:
    """A workbook whose latitude and longitude are exchanged, with a row that is wrong and one that is right. Points from `first` on: what was
    stored before is known again, and asks nothing.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Nama", "Lintang", "Bujur", "Jenis", "Kader aktif"])
    for n in range(first, first + 3):
        sheet.append([f"Posyandu Tukar {n}", *place(n), "balita", 5])
    sheet.append(["Posyandu Salah", *place(first + 3)[::-1], "balita", "lima"])
    sheet.append(["Posyandu Benar", *place(first + 4)[::-1], "balita", 4])
    path = folder / "tukar.xlsx"
    book.save(path)
    return path


def geojson(folder: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place(n)},
            "properties": {"nama": f"Posyandu Peta {n}", "jenis": "balita"},
        }
        for n in (9, 10)
    ]
    return _written(folder / "peta.geojson", json.dumps({"type": "FeatureCollection", "features": features}))


def geopackage(folder: Path) -> Path:
    geometry = shapely.to_wkb(shapely.points([place(n) for n in (11, 12)]))
    fields = [np.array(["Posyandu Lapis 11", "Posyandu Lapis 12"], dtype=object), np.array(["balita", "balita"], dtype=object)]
    path = folder / "lapis.gpkg"
    pyogrio.raw.write(path, geometry, fields, ["nama", "jenis"], geometry_type="Point", crs="EPSG:4326", driver="GPKG")
    return path


def kml(folder: Path) -> Path:
    marks = "".join(
        f"<Placemark><name>Posyandu Globe {n}</name><ExtendedData><Data name='jenis'><value>balita</value></Data></ExtendedData>"
        f"<Point><coordinates>{place(n)[0]},{place(n)[1]},0</coordinates></Point></Placemark>"
        for n in (13, 14)
    )
    return _written(folder / "globe.kml", f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{marks}</Document></kml>")


def of_program(folder: Path, name: str) -> Path:
    return _written(folder / name, OF_PROGRAMS[name][0])


def nameless(folder: Path) -> Path:
    """No heading is known."""
    return _written(folder / "polos.csv", f"a,b,c\nPosyandu Polos,{place(15)[1]},{place(15)[0]}\n")


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
