"""Starting Chromium so that it behaves the same everywhere and talks to nobody by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

__all__ = ["in_new_window", "started"]

_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--lang=en-GB",
)


@contextmanager
def started(browser: str, driver: str, *, profile: Path) -> Iterator[Chrome]:
    """Yield a browser with an empty profile and a record of its requests and its console."""
    options = ChromeOptions()
    options.binary_location = browser
    for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # The password manager would offer its bubble over the page.
    options.add_experimental_option("prefs", {"credentials_enable_service": False})
    chrome = Chrome(options=options, service=Service(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


@contextmanager
def in_new_window(chrome: Chrome, downloads: Path) -> Iterator[None]:
    """Open a window with an empty record; every window that is then open is closed at the end."""
    first = chrome.current_window_handle
    chrome.switch_to.new_window("window")
    chrome.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
    )
    for kind in ("browser", "performance"):
        chrome.get_log(kind)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        for window in set(chrome.window_handles) - {first}:
            chrome.switch_to.window(window)
            chrome.close()
        chrome.switch_to.window(first)
