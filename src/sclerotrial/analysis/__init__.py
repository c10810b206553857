"""From analysis datasets to rows of the ARD: one subject of the report a module."""
