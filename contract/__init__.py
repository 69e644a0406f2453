"""The judge of the HeyGen Streaming API's contract: not written yet.

It will share ``openapi.yaml`` and HTTP with the fake, and no code. The build already puts the
contract file beside it.
"""
