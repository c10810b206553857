"""Read the visits."""

from rooms import tables

tables.note("read_visits")
rows = [row for path in snakemake.input for row in tables.read(path)]
tables.write(sorted(rows), snakemake.output[0])
