"""Features of the image biomarker standardisation initiative (IBSI), and shape; one family a file.

Importing this room registers its families. Column names are the tags of the IBSI's list of reference values
(``cm_joint_max``, ``rlm_sre`` ...); see :mod:`mskus.features.table`.
"""

from __future__ import annotations

from mskus.features.radiomics import first_order, glcm, gldm, gldzm, glrlm, glszm, histogram, ngtdm, shape

__all__ = ["first_order", "glcm", "gldm", "gldzm", "glrlm", "glszm", "histogram", "ngtdm", "shape"]
