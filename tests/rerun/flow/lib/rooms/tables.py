"""Tables of two columns."""


def note(name):
    """Tell that a step ran."""
    with open("ran", "a") as ran:
        print(name, file=ran)


def read(path):
    """Rows of a file, in order."""
    with open(path) as file:
        return sorted(line.strip().split(",") for line in file)


def write(rows, path):
    with open(path, "w") as file:
        for key, value in rows:
            print(key, value, sep=",", file=file)


def never_called():
    return 1
