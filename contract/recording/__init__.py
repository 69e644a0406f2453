"""Recordings of an API's traffic: read, written, scrubbed, judged, and compared with a target."""
