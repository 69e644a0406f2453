"""The judge of the HeyGen Streaming API's contract.

It knows ``openapi.yaml`` and HTTP, and no line of the fake's code: a judge that borrows the
defendant's parser cannot convict it.
"""
