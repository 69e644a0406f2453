"""Who judges the judge: bugs planted over the fake's seams, each of which it must find."""
