"""A real WebRTC client that judges what no JSON shows: pictures, sound, and events beside them."""
