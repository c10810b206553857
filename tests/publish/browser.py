"""A page in headless Chromium: `python browser.py PAGE WIDTH OUT < steps.json`.

Steps are JavaScript expressions, evaluated one after the other; PyQt6-WebEngine is needed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")

from PyQt6.QtCore import QEventLoop, QTimer, QUrl  # noqa: E402
from PyQt6.QtWebEngineCore import (  # noqa: E402
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineUrlRequestInterceptor,
)
from PyQt6.QtWebEngineWidgets import QWebEngineView  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402

SECONDS = 60
TIMES = """JSON.stringify({
  loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
  paint: performance.getEntriesByType("paint").map((e) => e.startTime)[0] || null,
})"""


class Requests(QWebEngineUrlRequestInterceptor):
    """Notes every address that the page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def interceptRequest(self, info) -> None:  # noqa: N802, the name is Qt's
        self.seen.append(info.requestUrl().toString()[:200])


class Page(QWebEnginePage):
    """Notes what the page writes to its console."""

    said: list[str] = []

    def javaScriptConsoleMessage(self, level, message, line, source) -> None:  # noqa: N802
        self.said.append(f"{level}: {message} (line {line})")


def wait(begin):
    """What a call hands to its callback."""
    loop, got = QEventLoop(), []
    begin(lambda value=None: (got.append(value), loop.quit()))
    if not got:
        QTimer.singleShot(SECONDS * 1000, loop.quit)
        loop.exec()
    return got[0] if got else None


def main(path: str, width: int) -> None:
    """Load the page, take the steps, print what was seen."""
    steps = json.load(sys.stdin)
    _app = QApplication(sys.argv[:1])
    profile, requests = QWebEngineProfile(), Requests()
    profile.setUrlRequestInterceptor(requests)
    view = QWebEngineView()
    page = Page(profile, view)
    view.setPage(page)
    view.resize(width, 900)
    view.show()

    def load(done):
        page.loadFinished.connect(done)
        page.load(QUrl.fromLocalFile(os.path.abspath(path)))

    def run(code):
        return wait(lambda done: page.runJavaScript(code, done))

    seen = {"loaded": bool(wait(load)), "results": [run(step) for step in steps]}
    seen |= {"times": json.loads(run(TIMES)), "console": page.said, "requests": requests.seen}
    Path(sys.argv[3]).write_text(json.dumps(seen), encoding="utf-8")
    view.setPage(None)
    os._exit(0)  # Chromium's own end may wait for long


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
