"""Artefact maps: where a picture shows shadow, reverberation, lost contact, saturation or ink instead of tissue."""

from __future__ import annotations

from mskus.enhance.artefacts.contact import poor_contact
from mskus.enhance.artefacts.maps import artefact_maps
from mskus.enhance.artefacts.reverberation import reverberation
from mskus.enhance.artefacts.saturation import gain_saturation
from mskus.enhance.artefacts.shadow import shadow

__all__ = ["artefact_maps", "gain_saturation", "poor_contact", "reverberation", "shadow"]
