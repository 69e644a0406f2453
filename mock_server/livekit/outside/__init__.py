"""Avatars that are published into a LiveKit deployment elsewhere, by its own SDK (PyPI livekit).

``lazy`` is light and imported at the start when ``--livekit-url`` is set; the rest brings the SDK
and its native library, and is imported when the first room is wanted.
"""
