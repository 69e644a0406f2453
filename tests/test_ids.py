from __future__ import annotations

import time
import uuid

from mock_server.ids import IdSource


def test_ids_are_uuids_of_version_1_and_never_repeat() -> None:
    source = IdSource(None)
    made = [source.session_id() for _ in range(500)] + [source.task_id() for _ in range(500)]
    assert {uuid.UUID(text).version for text in made} == {1}
    assert {uuid.UUID(text).variant for text in made} == {uuid.RFC_4122}
    assert len(set(made)) == 1000


def test_an_id_tells_when_it_was_made_and_names_no_real_interface() -> None:
    one = uuid.UUID(IdSource(None).session_id())
    seconds = (one.time - 0x01B21DD213814000) / 1e7
    assert abs(seconds - time.time()) < 60
    assert one.node >> 40 & 1 == 1  # RFC 9562 section 6.10: a random node has the multicast bit


def made(source: IdSource) -> list[object]:
    return [source.session_id(), source.task_id(), source.secret(), source.seed()]


def test_with_a_seed_everything_repeats() -> None:
    assert made(IdSource(5)) == made(IdSource(5))
    assert made(IdSource(5)) != made(IdSource(6))


def test_reset_begins_a_seeded_row_anew_and_no_other() -> None:
    seeded, free = IdSource(5), IdSource(None)
    first, before = made(seeded), made(free)
    seeded.reset()
    free.reset()
    assert made(seeded) == first
    assert set(map(str, made(free))).isdisjoint(map(str, before))


def test_a_secret_is_32_hexadecimal_digits() -> None:
    for seed in range(50):
        secret = IdSource(seed).secret()
        assert len(secret) == 32
        int(secret, 16)
