"""Debian's Chromium, driven by Playwright: contexts of two sizes, and pages that are watched."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.databases import absent

FLAVOURS = ("chromium-headless-shell", "chromium")
"""Debian's packages, of which the first comes without windows, tabs and what they cost."""
CHROMIUM = os.environ.get("PATRON_CHROMIUM") or next(filter(None, map(shutil.which, FLAVOURS)), FLAVOURS[0])
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
    },
}
PATIENCE = 30_000
"""Milliseconds in which whatever is waited for has come, on a busy machine too."""

expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).parents[2]
ARTEFACTS = Path(os.environ.get("PATRON_ARTEFACTS", ROOT / ".artefacts"))


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser that loads nothing of its own accord."""
    if shutil.which(CHROMIUM) is None:
        absent(f"{CHROMIUM} is not here: apt-get install {FLAVOURS[0]}, or set PATRON_CHROMIUM")
    with sync_playwright() as playwright:
        sandboxed = [] if os.geteuid() else ["--no-sandbox"]  # which Chromium cannot have as root
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandboxed)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, size: str, **options: Any) -> Iterator[BrowserContext]:
    """A profile of its own, of a desktop or of a phone."""
    context = browser.new_context(**SIZES[size], **options)
    context.set_default_timeout(PATIENCE)
    try:
        yield context
    finally:
        context.close()
