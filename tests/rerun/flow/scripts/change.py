from rooms.scores import difference
from rooms.tables import note, read, write

note("change")
first, second = dict(read(snakemake.input.baseline)), dict(read(snakemake.input.follow))
scale = snakemake.params.scale
write(
    [(k, scale * difference(int(first[k]), int(second[k]))) for k in first if k in second],
    snakemake.output[0],
)
