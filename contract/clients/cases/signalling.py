"""SIG: answers of the API that are right and unusual, or of the right status and wrong."""

from __future__ import annotations

from contract.clients.cases.case import Case, Evidence, play

_JSON = "RFC 8259"
_GUESS = Evidence("inferred", "our guess: a gateway or a new release between client and service")

CASES: tuple[Case, ...] = (
    Case(
        "SIG-UNKNOWN-FIELDS",
        "Fields that nobody documents",
        server="Every object in the answer to streaming.new has one field more.",
        good="Ignores what it does not know.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "extra-fields"}),
        evidence=Evidence(
            "recorded",
            "docs.heygen.com/discuss, 2024 to 2025: answers have more than the API document",
        ),
    ),
    Case(
        "SIG-FIELD-ORDER",
        "Fields in another order",
        server="The fields of the answer to streaming.new come in the opposite order.",
        good="Reads fields by name.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "reordered"}),
        evidence=Evidence("inferred", f"{_JSON}, section 4: an object has no order"),
    ),
    Case(
        "SIG-JSON-WHITESPACE",
        "JSON with white space",
        server="The JSON of the answer to streaming.new has tabs and line ends wherever it may.",
        good="Parses JSON, and does not search for texts.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "whitespace"}),
        evidence=Evidence("inferred", f"{_JSON}, section 2"),
    ),
    Case(
        "SIG-JSON-ESCAPES",
        "JSON with escapes",
        server=r"Every character in the answer to streaming.new is a \u escape.",
        good="Parses JSON.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "escapes"}),
        evidence=Evidence("inferred", f"{_JSON}, section 7"),
    ),
    Case(
        "SIG-DUPLICATE-NAMES",
        "A field twice",
        server="The first field of every object is given twice, first as null.",
        good="Takes one of them, or says that it cannot read the answer.",
        demand="either",
        plan=play({"on": "newSession", "nth": 1, "do": "duplicate-names"}),
        evidence=Evidence("inferred", f"{_JSON}, section 4: receivers differ in what they take"),
    ),
    Case(
        "SIG-BYTE-ORDER-MARK",
        "A byte-order mark before the JSON",
        server="The answer to streaming.new begins with a byte-order mark.",
        good="Skips it, or says that it cannot read the answer.",
        demand="either",
        plan=play({"on": "newSession", "nth": 1, "do": "byte-order-mark"}),
        evidence=Evidence("inferred", f"{_JSON}, section 8.1: forbidden to send, allowed to skip"),
    ),
    Case(
        "SIG-CONTENT-TYPE-NONE",
        "JSON that is not declared",
        server="The answer to streaming.start has no content-type.",
        good="Reads the JSON.",
        demand="succeed",
        plan=play({"on": "startSession", "nth": 1, "do": "content-type", "type": "none"}),
        evidence=Evidence("inferred", "RFC 9110, section 8.3: a recipient may look at the data"),
    ),
    Case(
        "SIG-CONTENT-TYPE-TEXT",
        "JSON that is declared as text",
        server="The answer to streaming.new is declared as text/plain.",
        good="Reads the JSON, or says that it is none.",
        demand="either",
        plan=play({"on": "newSession", "nth": 1, "do": "content-type", "type": "text"}),
        evidence=_GUESS,
    ),
    Case(
        "SIG-IN-PIECES",
        "An answer in pieces",
        server="The answer to streaming.new comes in many small pieces within 300 ms.",
        good="Reads to the end.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "pieces", "ms": 300}),
        evidence=Evidence("inferred", "RFC 9112, section 6.3: a body ends where its length says"),
    ),
    Case(
        "SIG-SLOW-NEW",
        "Opening takes time",
        server="The answer to streaming.new comes after 800 ms.",
        good="Waits.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "slow", "ms": 800}),
        evidence=Evidence("observed", "public clients, 2024 to 2025: opening takes 1 to 2 seconds"),
    ),
    Case(
        "SIG-MESSAGE-ODD",
        "A long message beside success",
        server="The message in the answer to streaming.new is very long.",
        good="Does not care.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "odd-message", "text": "long"}),
        evidence=Evidence("inferred", "our guess: messages are for people"),
    ),
    Case(
        "SIG-ICE-SERVERS-NULL",
        "ICE servers are null",
        server="ice_servers in the answer to streaming.new is null.",
        good="Connects without them.",
        demand="succeed",
        plan=play({"on": "newSession", "nth": 1, "do": "field-null", "path": "data.ice_servers"}),
        evidence=Evidence("recorded", "a public client, 2025-02"),
    ),
    Case(
        "SIG-ICE-SERVERS-ABSENT",
        "No second list of ICE servers",
        server="The answer to streaming.new has no ice_servers2.",
        good="Connects without it.",
        demand="succeed",
        plan=play(
            {"on": "newSession", "nth": 1, "do": "field-missing", "path": "data.ice_servers2"}
        ),
        evidence=Evidence("documented", "API document, 1. New Session: there is none"),
    ),
    Case(
        "SIG-SESSION-ID-MISSING",
        "A session without an id",
        server="The answer to streaming.new has no session_id.",
        good="Says that it cannot go on.",
        demand="report",
        plan=play({"on": "newSession", "nth": 1, "do": "field-missing", "path": "data.session_id"}),
        evidence=Evidence(
            "inferred", "our guess: the newest answers of streaming.new are for LiveKit"
        ),
    ),
    Case(
        "SIG-OFFER-MISSING",
        "A session without an offer",
        server="The answer to streaming.new has a session_id and no sdp.",
        good="Says that it cannot go on, and stops the session.",
        demand="report",
        plan=play({"on": "newSession", "nth": 1, "do": "field-missing", "path": "data.sdp"}),
        evidence=Evidence(
            "official", "@heygen/streaming-avatar 2.1.0: version v2 answers with a LiveKit room"
        ),
        version="v1",
    ),
    Case(
        "SIG-OFFER-EMPTY",
        "An empty offer",
        server="The sdp in the answer to streaming.new is an empty text.",
        good="Says that it cannot go on, and stops the session.",
        demand="report",
        plan=play({"on": "newSession", "nth": 1, "do": "field-empty", "path": "data.sdp.sdp"}),
        evidence=_GUESS,
        version="v1",
    ),
    Case(
        "SIG-DATA-NULL",
        "No data in the answer",
        server="data in the answer to streaming.new is null, beside status 200.",
        good="Says that it cannot go on.",
        demand="report",
        plan=play({"on": "newSession", "nth": 1, "do": "field-null", "path": "data"}),
        evidence=Evidence(
            "recorded", "a public client, 2024-08: data is null in answers of streaming.start"
        ),
    ),
    Case(
        "SIG-ERROR-IN-SUCCESS",
        "An error with status 200",
        server="streaming.new is answered with status 200 and the body of an error.",
        good="Looks at more than the status, and says that it cannot go on.",
        demand="report",
        plan=play({"on": "newSession", "nth": 1, "do": "wrong-body", "body": "error"}),
        evidence=Evidence("inferred", "our guess, by the code in every envelope"),
    ),
    Case(
        "SIG-FLAT-TASK",
        "A task's answer without its envelope",
        server="The answer to streaming.task is task_id and duration_ms, with nothing around.",
        good="Finds them there too.",
        demand="succeed",
        plan=play({"on": "sendTask", "nth": 1, "do": "wrong-body", "body": "bare"}),
        evidence=Evidence("documented", "API document, 4. Send Task"),
    ),
    Case(
        "SIG-TASK-ID-MISSING",
        "A task without an id",
        server="data in the answer to streaming.task has no task_id.",
        good="Goes on without it, or says that it cannot; stops the session in both cases.",
        demand="either",
        plan=play({"on": "sendTask", "nth": 1, "do": "field-missing", "path": "data.task_id"}),
        evidence=_GUESS,
    ),
    Case(
        "SIG-DURATION-MISSING",
        "A task without a duration",
        server="data in the answer to streaming.task has no duration_ms.",
        good="Waits for the event that tells the end.",
        demand="succeed",
        plan=play({"on": "sendTask", "nth": 1, "do": "field-missing", "path": "data.duration_ms"}),
        evidence=_GUESS,
    ),
    Case(
        "SIG-DURATION-ZERO",
        "A duration of nothing",
        server="duration_ms in the answer to streaming.task is 0, and the avatar speaks.",
        good="Waits for the event that tells the end.",
        demand="succeed",
        plan=play(
            {"on": "sendTask", "nth": 1, "do": "field", "path": "data.duration_ms", "value": 0}
        ),
        evidence=Evidence("inferred", "our guess: of tasks with task_mode async it is unknown"),
    ),
    Case(
        "SIG-DURATION-HUGE",
        "A duration of a quarter of an hour",
        server="duration_ms in the answer to streaming.task is 1,000,000; the speech is short.",
        good="Ends with the event that tells the end, or says that the two differ.",
        demand="either",
        plan=play(
            {
                "on": "sendTask",
                "nth": 1,
                "do": "field",
                "path": "data.duration_ms",
                "value": 1_000_000,
            }
        ),
        evidence=_GUESS,
    ),
    Case(
        "SIG-DURATION-TEXT",
        "A duration in words",
        server="duration_ms in the answer to streaming.task is a text.",
        good="Goes on without it, or says that it cannot read it.",
        demand="either",
        plan=play(
            {
                "on": "sendTask",
                "nth": 1,
                "do": "field-type",
                "path": "data.duration_ms",
                "as": "text",
            }
        ),
        evidence=_GUESS,
    ),
    Case(
        "SIG-LIST-EMPTY",
        "A list without the session",
        server="streaming.list has no sessions, though one is open.",
        good="Does not forget its session: stops it.",
        demand="either",
        plan=play(
            {
                "on": "listSessions",
                "nth": 1,
                "do": "field-entries",
                "path": "data.sessions",
                "entries": 0,
            }
        ),
        evidence=Evidence("inferred", "our guess: a list that is read from a copy lags behind"),
    ),
    Case(
        "SIG-LIST-LONG",
        "A list of a thousand sessions",
        server="streaming.list repeats its sessions a thousand times.",
        good="Does not care.",
        demand="succeed",
        plan=play(
            {
                "on": "listSessions",
                "nth": 1,
                "do": "field-entries",
                "path": "data.sessions",
                "entries": 1000,
            }
        ),
        evidence=Evidence("inferred", "our guess: an account of a company"),
    ),
)
