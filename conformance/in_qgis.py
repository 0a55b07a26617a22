"""Run by the Python that QGIS came with: reads the collections and tiles of a Titik as QGIS does, without a screen.

    python3 in_qgis.py URL

Prints one line of JSON: the version, and for each check its name, whether it went well, and what there is to say.
"""

import json
import sys
from collections.abc import Iterator

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

KEDIRI = QgsRectangle(111.94, -7.92, 112.09, -7.75)
HALF = QgsRectangle(111.94, -7.92, 112.02, -7.75)


def checks(url: str, total: int, total_in_half: int) -> Iterator[tuple[str, bool, str]]:
    layer = QgsVectorLayer(f"pageSize='50' typename='posyandu' url='{url}'", "posyandu", "OAPIF")
    yield "OAPIF: layer opened", layer.isValid(), "it is not valid"
    read = sum(1 for feature in layer.getFeatures() if feature.geometry() and feature["name"])
    yield "OAPIF: all features read, page by page", read == total, f"{read} of {total}"
    layer = QgsVectorLayer(f"pageSize='50' restrictToRequestBBOX='1' typename='posyandu' url='{url}'", "posyandu", "OAPIF")
    found = [one.geometry().boundingBox() for one in layer.getFeatures(QgsFeatureRequest().setFilterRect(HALF))]
    within = sum(1 for box in found if HALF.contains(box))
    yield "OAPIF: only those in view", within == total_in_half, f"{within} of {total_in_half}"
    areas = QgsVectorLayer(f"typename='kelurahan' url='{url}'", "kelurahan", "OAPIF")
    valid = sum(1 for one in areas.getFeatures() if one.geometry().isGeosValid())
    yield "OAPIF: polygons", valid == 46, f"{valid} of 46"
    tiles = f"{url}/collections/posyandu/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    layer = QgsVectorTileLayer(f"type=xyz&url={tiles}&zmin=0&zmax=18", "tiles")
    yield "vector tiles: layer opened", layer.isValid(), "it is not valid"
    shown = QgsMapSettings()
    shown.setLayers([layer])
    shown.setDestinationCrs(layer.crs())
    shown.setExtent(QgsRectangle(12461200, -880800, 12477900, -862000))
    shown.setOutputSize(QSize(400, 400))
    job = QgsMapRendererSequentialJob(shown)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    colours = {image.pixel(x, y) for x in range(0, 400, 2) for y in range(0, 400, 2)}
    yield "vector tiles: a map drawn", len(colours) > 1, f"{len(colours)} colours"


def main() -> None:
    url, total, total_in_half = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    application = QgsApplication([], False)
    application.initQgis()
    told = [{"what": what, "well": bool(well), "said": said} for what, well, said in checks(url, total, total_in_half)]
    print(json.dumps({"version": Qgis.version().split("-")[0], "checks": told}))
    application.exitQgis()


main()
