"""Reading: DICOM, pictures, video and arrays to a Clip."""
