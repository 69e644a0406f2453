"""Peers that misbehave as a plan says, each around right ones."""

from mock_server.odd_peers.factory import OddPeers

__all__ = ["OddPeers"]
