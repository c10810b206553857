from rooms import tables

tables.note("read_lab")
tables.write(tables.read(snakemake.input[0]), snakemake.output[0])
