"""What the probe does with sessions: each scenario opens one or two, and judges its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from contract.media.crew import Crew
from contract.media.judges import events, interrupting, rooms, shown, speech, streams
from contract.media.verdict import Broken, Held, Unable, Verdict
from contract.media.visit import Task, Visit
from contract.media.watched import Watched

Scenario = Callable[[Crew, Visit], None]

_LOW, _MEDIUM, _HIGH = (854, 480), (1280, 720), (1920, 1080)
_SPEECH = "Good morning. How are you?"
_LONG = "This is a rather long sentence, which nobody will ever want to hear up to its very end."


def _talking(crew: Crew, visit: Visit) -> None:
    """Silence, an interrupt of it, one task to its end, a lost picture, the end."""
    visit.open(quality="low")
    visit.start_by_answer()
    visit.wait_media()
    visit.pause(0.2)
    before = crew.loop.now()
    visit.interrupt()
    visit.pause(0.3)
    after = crew.loop.now()
    task = visit.task(_SPEECH)
    visit.wait_spoken(task)
    spoken_at = crew.loop.now()
    visit.pause(0.6)
    asked_at = visit.ask_for_key_frame()
    stopped_at, waited = visit.stop()

    watched = visit.watched()
    begin, end = watched.heard_by(task.sent_at), watched.heard_by(spoken_at)
    spoken = events.Spoken(task.task_id, task.duration_ms)
    _judge_stream(visit, watched, _LOW, "VP8")
    visit.judge("interrupt-silent", events.judge_none(watched, before, after))
    visit.judge("media-silence", speech.judge_silence(watched, begin, end))
    visit.judge("media-voice", speech.judge_voice(watched, begin))
    visit.judge("media-moves", speech.judge_moves(watched, begin))
    visit.judge("media-lips", _if_even(watched, speech.judge_lips(watched, begin)))
    visit.judge(
        "task-duration", _if_even(watched, speech.judge_duration(watched, begin, task.duration_ms))
    )
    visit.judge("task-events", events.judge_told(watched, [spoken]))
    visit.judge("events-binary", events.judge_binary(watched))
    visit.judge("events-duration", events.judge_event_duration(watched, [spoken]))
    visit.judge("events-on-time", events.judge_on_time(watched, begin, task.task_id))
    visit.judge("media-key-frame", streams.judge_key_frame(watched, asked_at))
    visit.judge("media-ends", streams.judge_ends(watched, stopped_at))
    visit.judge("stop-ends", streams.judge_closes(watched, stopped_at, waited))
    visit.judge("new-emotion-shown", shown.judge_emotion(watched, "neutral"))


def _interrupting(crew: Crew, visit: Visit) -> None:
    """A long task and one that waits, interrupted after a second."""
    number = _open(crew, visit, avatar=3, quality="low", voice={"emotion": "Soothing"})
    visit.start_by_answer()
    visit.wait_media()
    task = visit.task(_LONG, task_mode="async")
    waiting = visit.task(_SPEECH, task_mode="async")
    visit.pause(1.0)
    answered_at = visit.interrupt()
    visit.pause(1.5)
    visit.stop()

    watched = visit.watched()
    begin = watched.heard_by(task.sent_at)
    interruption = interrupting.Interruption(task.task_id, (waiting.task_id,), begin, answered_at)
    visit.judge("interrupt-silences", interrupting.judge_silenced(watched, interruption))
    visit.judge("interrupt-in-time", interrupting.judge_in_time(watched, interruption))
    visit.judge("media-voice", speech.judge_voice(watched, begin))
    visit.judge("events-binary", events.judge_binary(watched))
    visit.judge("media-decodes", streams.judge_decodes(watched))
    visit.judge("new-encoding", streams.judge_codec(watched, "VP8"))
    visit.judge("new-quality-size", streams.judge_size(watched, *_LOW))
    _judge_shown(visit, watched, number, "soothing")


def _queueing(crew: Crew, visit: Visit) -> None:
    """Three tasks at once."""
    number = _open(crew, visit, avatar=1, quality="medium", voice={"emotion": "Excited"})
    visit.start_by_answer()
    visit.wait_media()
    tasks: list[Task] = [visit.task(text, task_mode="async") for text in ("One.", "Two.", "Three.")]
    visit.wait_spoken(*tasks)
    spoken_at = crew.loop.now()
    visit.pause(0.6)
    visit.stop()

    watched = visit.watched()
    begin, end = watched.heard_by(tasks[0].sent_at), watched.heard_by(spoken_at)
    spoken = [events.Spoken(task.task_id, task.duration_ms) for task in tasks]
    _judge_stream(visit, watched, _MEDIUM, "VP8")
    visit.judge("media-silence", speech.judge_silence(watched, begin, end))
    visit.judge("media-voice", speech.judge_voice(watched, begin))
    visit.judge("task-events", events.judge_told(watched, spoken))
    visit.judge("task-queue", events.judge_order(watched, spoken))
    visit.judge("events-binary", events.judge_binary(watched))
    visit.judge("events-duration", events.judge_event_duration(watched, spoken))
    _judge_shown(visit, watched, number, "excited")


def _h264(crew: Crew, visit: Visit) -> None:
    """The other codec."""
    number = _open(
        crew, visit, avatar=2, quality="low", video_encoding="H264", voice={"emotion": "Friendly"}
    )
    visit.start_by_answer()
    visit.wait_media(12)
    asked_at = visit.ask_for_key_frame()
    visit.stop()

    watched = visit.watched()
    _judge_stream(visit, watched, _LOW, "H264")
    visit.judge("media-key-frame", streams.judge_key_frame(watched, asked_at))
    _judge_shown(visit, watched, number, "friendly")


def _offering(crew: Crew, visit: Visit) -> None:
    """An offer of the viewer's own; then it leaves without a word to the API."""
    visit.open(quality="low", video_encoding="VP8")
    visit.start_by_offer()
    visit.wait_media(12)
    watched = visit.watched()
    visit.look_in_list()  # how soon it leaves the list, nobody knows
    visit.leave()
    gone = visit.wait_unlisted()

    _judge_stream(visit, watched, _LOW, "VP8")
    if not gone:
        patience = f"{crew.patience.viewer_lost:g} s"
        visit.judge(
            "viewer-lost", Broken("the session ends", f"listed {patience} after its viewer left")
        )
        visit.judge("stop-after-leaving", Unable("the session did not end by itself"))
        return
    visit.judge("viewer-lost", Held())
    status = visit.status_of_stop()
    accepted = Held() if status == 200 else Broken("status 200", f"status {status}")
    visit.judge("stop-after-leaving", accepted)


def _high(crew: Crew, visit: Visit) -> None:
    """The largest pictures."""
    visit.open(quality="high", voice={"emotion": "serious"})
    visit.start_by_answer()
    visit.wait_media(12)
    visit.stop()
    watched = visit.watched()
    _judge_stream(visit, watched, _HIGH, "VP8")
    visit.judge("new-emotion-shown", shown.judge_emotion(watched, "serious"))


def _default(crew: Crew, visit: Visit) -> None:
    """No avatar_id, and the one that says so."""
    visit.open(quality="low")
    visit.start_by_answer()
    visit.wait_media(3)
    visit.stop()
    named = Visit(crew)
    try:
        named.open(quality="low", avatar_id="default")
        named.start_by_answer()
        named.wait_media(3)
        named.stop()
    finally:
        named.close()
    watched, other = visit.watched(), named.watched()
    visit.judge("media-decodes", streams.judge_decodes(watched))
    visit.judge("new-default-avatar", shown.judge_same_avatar(watched, other))


def _room(crew: Crew, visit: Visit) -> None:
    """A room whose viewer waits for the avatar: silence, one task, the end."""
    number = _open(crew, visit, avatar=4, quality="low", version="v2", video_encoding="H264")
    visit.enter()
    visit.start_in_room()
    visit.be_shown()
    visit.wait_media()
    visit.pause(0.3)
    task = visit.task(_SPEECH, task_type="repeat")
    visit.wait_spoken(task)
    spoken_at = crew.loop.now()
    visit.pause(0.6)
    asked_at = visit.ask_for_key_frame()
    stopped_at, waited = visit.stop()

    watched = visit.watched()
    begin, end = watched.heard_by(task.sent_at), watched.heard_by(spoken_at)
    spoken, told = events.Spoken(task.task_id, task.duration_ms), rooms.Told(task.task_id, _SPEECH)
    _judge_stream(visit, watched, _LOW, "VP8", encoding="room-encoding")
    visit.judge("media-silence", speech.judge_silence(watched, begin, end))
    visit.judge("media-voice", speech.judge_voice(watched, begin))
    visit.judge("media-moves", speech.judge_moves(watched, begin))
    visit.judge("media-lips", _if_even(watched, speech.judge_lips(watched, begin)))
    visit.judge("task-events", events.judge_told(watched, [spoken]))
    visit.judge("events-duration", events.judge_event_duration(watched, [spoken]))
    visit.judge("events-on-time", events.judge_on_time(watched, begin, task.task_id))
    visit.judge("room-packets", rooms.judge_packets(visit.ears, watched))
    visit.judge("room-events", rooms.judge_events(watched, [told]))
    visit.judge("room-messages", rooms.judge_messages(watched, [told]))
    visit.judge("media-key-frame", streams.judge_key_frame(watched, asked_at))
    visit.judge("media-ends", streams.judge_ends(watched, stopped_at))
    visit.judge("stop-ends", streams.judge_closes(watched, stopped_at, waited))
    _judge_shown(visit, watched, number, "neutral")


def _viewers(crew: Crew, visit: Visit) -> None:
    """Two viewers in one room, and a task that is interrupted."""
    visit.open(quality="medium", version="v2")
    visit.start_in_room()
    visit.enter()
    visit.be_shown()
    other = Visit(crew)
    try:
        other.open_beside(visit)
        other.enter()
        other.be_shown()
        visit.wait_media()
        other.wait_media()
        task = visit.task(_LONG, task_mode="async")
        visit.pause(1.0)
        answered_at = visit.interrupt()
        visit.pause(1.0)
        visit.stop()
    finally:
        other.close()
    for each in (visit, other):
        watched = each.watched()
        begin = watched.heard_by(task.sent_at)
        interruption = interrupting.Interruption(task.task_id, (), begin, answered_at)
        _judge_stream(each, watched, _MEDIUM, "VP8")
        each.judge("media-voice", speech.judge_voice(watched, begin))
        each.judge("interrupt-silences", interrupting.judge_silenced(watched, interruption))
        each.judge("interrupt-in-time", interrupting.judge_in_time(watched, interruption))
        each.judge("room-packets", rooms.judge_packets(each.ears, watched))


PLAYS: Mapping[str, Scenario] = MappingProxyType(
    {
        "talking": _talking,
        "interrupting": _interrupting,
        "queueing": _queueing,
        "h264": _h264,
        "offering": _offering,
        "high": _high,
        "default": _default,
        "room": _room,
        "viewers": _viewers,
    }
)
"""Name in ``rules.SCENARIOS`` -> what is done."""


def _open(crew: Crew, visit: Visit, *, avatar: int, **body: object) -> int | None:
    """Opens with the avatar of that place in the list; gives its place, None without a list."""
    avatars = crew.avatars()
    if not avatars:
        visit.open(**body)
        return None
    number = min(avatar, len(avatars) - 1)
    visit.open(avatar_id=avatars[number], **body)
    return number


def _judge_stream(
    visit: Visit,
    watched: Watched,
    size: tuple[int, int],
    codec: str,
    *,
    encoding: str = "new-encoding",
) -> None:
    visit.judge("media-rate", streams.judge_rate(watched))
    visit.judge("media-continuity", streams.judge_continuity(watched))
    visit.judge("media-decodes", streams.judge_decodes(watched))
    visit.judge(encoding, streams.judge_codec(watched, codec))
    visit.judge("new-quality-size", streams.judge_size(watched, *size))


def _if_even(watched: Watched, verdict: Verdict) -> Verdict:
    """The verdict; where RTP time jumps, nothing is said of what is measured by it."""
    jumps = isinstance(streams.judge_continuity(watched), Broken)
    return Unable("RTP time does not run evenly") if jumps else verdict


def _judge_shown(visit: Visit, watched: Watched, avatar: int | None, emotion: str) -> None:
    listed = Unable("listAvatars gave no avatars")
    verdict = listed if avatar is None else shown.judge_avatar(watched, avatar)
    visit.judge("new-avatar-shown", verdict)
    visit.judge("new-emotion-shown", shown.judge_emotion(watched, emotion))
