"""What results are worth: claims, lineage, checksums, the crate, the report and the paper."""
