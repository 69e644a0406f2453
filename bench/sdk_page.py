"""The process of a browser with the official SDKs: ``python -m bench.sdk_page URL``.

It says first what it uses; then it is asked by lines of JSON. It needs what the browser tests
need: playwright, Chromium, and the bundles of ``scripts/browser-kit``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench.child import ROOT
from bench.service import Service

_SDKS = {"v1": ("1.0.16", "sdk.js"), "v2": ("2.1.0", "sdk-2.1.0.js")}
_BUNDLES = ROOT / "tests" / "browser" / "bundle"
_ORIGIN = "http://localhost:1"
"""Where the pages seem to be: nothing listens there, playwright answers."""

_PAGE = '<!doctype html><video id="video" muted playsinline></video><script src="sdk.js"></script>'

_V1 = """async ({ url, token }) => {
  const { Configuration, StreamingAvatarApi } = HeyGen;
  const api = new StreamingAvatarApi(new Configuration({ basePath: url, accessToken: token }));
  const video = document.querySelector("#video");
  const began = performance.now();
  const request = { quality: "medium", avatarName: "Ada" };
  const created = await api.createStartAvatar({ newSessionRequest: request }, () => {});
  video.srcObject = api.mediaStream;
  video.play();
  return new Promise((resolve) => {
    video.requestVideoFrameCallback((now) => resolve([now - began, created.sessionId]));
  });
}"""

_V2 = """async ({ url, token }) => {
  // The SDK opens its chat socket by TLS on port 443 of the host, whatever the port was.
  const chat = url.replace("http:", "ws:");
  window.WebSocket = class extends WebSocket {
    constructor(address, ...more) {
      const { pathname, search } = new URL(address);
      super(pathname.endsWith(".chat") ? chat + pathname + search : address, ...more);
    }
  };
  const avatar = new HeyGen.StreamingAvatar({ token, basePath: url });
  const video = document.querySelector("#video");
  const began = performance.now();
  const seen = new Promise((resolve) => {
    avatar.on("stream_ready", ({ detail }) => {
      video.srcObject = detail;
      video.play();
      video.requestVideoFrameCallback((now) => resolve(now - began));
    });
  });
  const created = await avatar.createStartAvatar({ quality: "medium", avatarName: "Ada" });
  return [await seen, created.session_id];
}"""

_SCRIPTS = {"v1": _V1, "v2": _V2}


class Browser:
    """One tab, loaded anew for each session: createStartAvatar is what is timed."""

    def __init__(self, page: Any, url: str) -> None:
        self._page = page
        self._url = url
        self._service = Service(url)
        self._session_id = ""

    def open(self, version: str) -> dict[str, object]:
        """Milliseconds from createStartAvatar to the first picture that is shown."""
        self._page.goto(f"{_ORIGIN}/{version}/")
        token = self._service.call("create_token", {})["data"]["token"]
        argument = {"url": self._url, "token": token}
        ms, self._session_id = self._page.evaluate(_SCRIPTS[version], argument)
        return {"ms": ms}

    def close(self) -> dict[str, object]:
        """Ends the session."""
        self._service.stop(self._session_id)
        self._page.goto("about:blank")
        return {}


def _answer(route: Any) -> None:
    version, _, name = route.request.url.removeprefix(f"{_ORIGIN}/").partition("/")
    if name == "sdk.js":
        route.fulfill(path=_BUNDLES / _SDKS[version][1], content_type="text/javascript")
    else:
        route.fulfill(body=_PAGE, content_type="text/html")


def main() -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("playwright is not installed")
    kit = [str(ROOT / "scripts/browser-kit"), "--check"]
    chromium = subprocess.run(kit, capture_output=True, text=True, check=False)
    if chromium.returncode:
        sys.exit(chromium.stderr.strip())
    with sync_playwright() as playwright:
        flags = [
            "--allow-loopback-in-peer-connection",
            "--autoplay-policy=no-user-gesture-required",
            # A page without an address of its own counts as one from the internet.
            "--disable-features=LocalNetworkAccessChecks",
        ]
        chrome = playwright.chromium.launch(executable_path=chromium.stdout.strip(), args=flags)
        page = chrome.new_page()
        page.route(f"{_ORIGIN}/**", _answer)
        browser = Browser(page, sys.argv[1])
        used = ", ".join(number for number, _ in _SDKS.values())
        print(f"Chromium {chrome.version} with SDKs {used}", flush=True)
        for line in sys.stdin:
            command = json.loads(line)
            try:
                answer = getattr(browser, command.pop("do"))(**command)
            except Exception as error:  # noqa: BLE001 - told to the one who asked
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
        chrome.close()


if __name__ == "__main__":
    main()
