from rooms.tables import note, read

note("paper")
total = sum(int(value) for _, value in read(snakemake.input[0]))
text = open(snakemake.input.text).read()
with open(snakemake.output[0], "w") as file:
    file.write(text.format(sum=total))
