"""Architecture search: cells in the manner of NAS-UNet, found by evolution, on one machine or several at once."""
