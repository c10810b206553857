from rooms.scores import grade
from rooms.tables import note, read, write

note("grade")
write([(k, grade(int(v))) for k, v in read(snakemake.input[0])], snakemake.output[0])
