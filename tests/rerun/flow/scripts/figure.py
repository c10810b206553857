import json

from rooms.tables import note, read

note("figure")
cells = json.load(open(snakemake.input.notebook))["cells"]
with open(snakemake.output[0], "w") as file:
    print(len(cells), *(value for _, value in read(snakemake.input[0])), file=file)
