"""Viewers over real WebRTC: aiortc behind the Peer protocol, and the pump that feeds them.

Importing this package imports aiortc, which takes about 300 ms: do it in a thread.
"""

from mock_server.rtc.addresses import media_problem
from mock_server.rtc.factory import RtcPeerFactory
from mock_server.rtc.options import RtcOptions

__all__ = ["RtcOptions", "RtcPeerFactory", "media_problem"]
