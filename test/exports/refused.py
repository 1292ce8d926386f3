"""Models that must be refused, each with what its diagnostic must say."""


def write_refused(out) -> None:
    pass
