"""The list of networks as a table for the manual: ``python -m mskus.learn.networks.table``."""

from __future__ import annotations

import torch

from mskus.learn.networks.registry import NETWORKS, build, parameter_count


def markdown_table(*, n_classes: int = 2) -> str:
    """One row a network: name, source, parameters (grey in, ``n_classes`` out), receptive field, use.

    Example:
        >>> markdown_table().splitlines()[3]
        '| `light` | segmentation | 0.43 M | 311 | every frame of a video on a processor | Ronneberger 2015, Shi 2016 |'
    """
    lines = ["| name | kind | parameters | sees (px) | use | source |", "| --- | --- | --- | --- | --- | --- |"]
    for name, architecture in NETWORKS.items():
        with torch.device("meta"):  # counted without memory
            millions = parameter_count(build(name, n_classes=n_classes)) / 1e6
        cells = (f"`{name}`", architecture.kind, f"{millions:.2f} M", str(architecture.sees_px), architecture.use)
        lines.append("| " + " | ".join((*cells, architecture.source)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown_table())
