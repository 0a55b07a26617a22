"""Run by the Python that QGIS came with: edits a collection of a Titik as QGIS does, without a screen.

    python3 in_qgis_editing.py URL TOKEN KELURAHAN

TOKEN is one that may write without `If-Match`, for points in KELURAHAN. Prints one line of JSON: the version, for each check its name,
whether it went well and what there is to say, and under `ids` those of the points of which a change waits for review.
"""

import json
import sys
import tempfile
from collections.abc import Iterator

from qgis.core import Qgis, QgsApplication, QgsAuthMethodConfig, QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

NAME = "Posyandu dari QGIS"


def with_token(token: str) -> str:
    """The id of an authentication as QGIS keeps them: a header of each request, by the method "API Header"."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("of this run alone", True)
    kept = QgsAuthMethodConfig("APIHeader")
    kept.setName("Titik")
    kept.setConfig("Authorization", f"Bearer {token}")
    manager.storeAuthenticationConfig(kept)
    return str(kept.id())


def committed(layer: QgsVectorLayer, edited: bool) -> tuple[bool, str]:  # noqa: FBT001 - whether the edit itself was taken
    well = edited and layer.commitChanges(False)
    said = "; ".join(layer.commitErrors()) or "the layer did not take it"
    if not well:
        layer.rollBack(False)
    return well, said


def checks(url: str, token: str, kelurahan: str, ids: dict[str, str]) -> Iterator[tuple[str, bool, str]]:
    uri = f"authcfg='{with_token(token)}' pageSize='100' typename='posyandu' url='{url}'"
    layer = QgsVectorLayer(uri, "posyandu", "OAPIF")
    yield "editing: layer opened", layer.isValid(), "it is not valid"
    can = layer.dataProvider().capabilitiesString()
    wanted = ("Add Features", "Delete Features", "Change Attribute Values", "Change Geometries")
    yield "editing: offered", all(one in can for one in wanted) and layer.startEditing(), can
    changed, deleted = [one for one in layer.getFeatures() if one["kelurahan"] == kelurahan][:2]
    ids |= {"changed": changed["id"], "deleted": deleted["id"]}

    place = changed.geometry().asPoint()
    new = QgsFeature(layer.fields())
    new.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(place.x() + 0.0004, place.y())))
    new["name"] = NAME
    new["jenis"] = changed["jenis"]
    yield "editing: a feature added", *committed(layer, layer.addFeature(new))
    added = next((one for one in layer.getFeatures() if one["name"] == NAME), None)
    yield "editing: it is in the layer, with its id", added is not None, "it is not there"

    of_address = layer.fields().indexOf("address")
    yield "editing: an attribute changed", *committed(layer, layer.changeAttributeValue(changed.id(), of_address, "Jalan Veteran 7"))
    moved = QgsGeometry.fromPointXY(QgsPointXY(place.x(), place.y() + 0.0001))
    yield "editing: a geometry changed", *committed(layer, layer.changeGeometry(changed.id(), moved))
    if added is not None:
        yield "editing: what was added deleted", *committed(layer, layer.deleteFeature(added.id()))
    yield "editing: what is public deleted", *committed(layer, layer.deleteFeature(deleted.id()))


def main() -> None:
    with tempfile.TemporaryDirectory() as profile:
        application = QgsApplication([], False, profile)
        application.initQgis()
        url, token, kelurahan = sys.argv[1:]
        ids: dict[str, str] = {}
        told = [{"what": what, "well": bool(well), "said": said} for what, well, said in checks(url, token, kelurahan, ids)]
        print(json.dumps({"version": Qgis.version().split("-")[0], "checks": told, "ids": ids}))
        application.exitQgis()


main()
