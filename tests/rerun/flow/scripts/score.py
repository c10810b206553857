from rooms.scores import clip
from rooms.tables import note, read, write

note("score")
limits = snakemake.params.limits
rows = read(snakemake.input[0])
write([(k, clip(int(v), limits["low"], limits["high"])) for k, v in rows], snakemake.output[0])
