"""v2: LiveKit rooms. Signalling over a WebSocket, media and data over the peers of ``rtc``.

``door`` is imported at the start and is light; the rest brings the protocol's protobuf messages,
which take 50 ms, and is imported when the first room is wanted.
"""
