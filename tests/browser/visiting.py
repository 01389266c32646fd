"""A browser window that watches what happens in it: messages, dialogs and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Request, Response

_AXE = Axe()

INERT = """() => {
  const wrong = [];
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "style") wrong.push(element.tagName + " " + name);
      if (/^[\\s\\x00-\\x20]*(javascript|data|vbscript):/i.test(value) && name !== "value"
          && !value.startsWith("data:,")) wrong.push(element.tagName + " " + name + " " + value);
    }
    if (element.tagName === "IFRAME" || element.tagName === "OBJECT") wrong.push(element.tagName);
    if (element.tagName === "IMG") wrong.push("IMG");
  }
  if (window.owned) wrong.push("a script of the data has run");
  const text = document.body.innerText + document.title;
  if (/[\\u202a-\\u202e]/.test(text)) wrong.push("bidi embedding or override");
  return wrong;
}"""
"""What hostile text would leave in a page if it got through."""


@dataclass
class Visit:
    """One window; `problems` collects what must not happen."""

    page: Page
    origin: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", self._watch)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text} ({self.page.url})")

    def _dismiss(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:,", "file:", "blob:")):
            self.problems.append(f"request: {request.url}")

    def go(self, path: str, status: int = 200) -> Response:
        """Open a page of the service and look at how it is protected."""
        response = self.page.goto(self.origin + path)
        assert response is not None
        assert response.status == status, (path, response.status)
        policy = response.header_value("content-security-policy") or ""
        assert "default-src 'none'" in policy, path
        assert "unsafe-" not in policy, path
        assert "*" not in policy, path
        return response

    def follow(self, place: Locator) -> None:
        """Click on what leads to another page, and wait for that page: a click alone does not."""
        with self.page.expect_navigation():
            place.click()

    @property
    def path(self) -> str:
        """Where the window is now."""
        return urlsplit(self.page.url).path

    def check(self) -> None:
        """Nothing was said, asked or fetched that must not be."""
        assert not self.problems, "\n".join(self.problems)

    def check_access(self, *rules: str) -> None:
        """axe-core finds nothing to complain about, by all its rules or the ones named."""
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = list(rules)
        found = _AXE.run(self.page, options=options)
        told = [
            f"{each['id']}: {each['help']}\n  {node['html'][:300]}\n  {node['failureSummary']}"
            for each in found.response["violations"]
            for node in each["nodes"][:3]
        ]
        assert not told, self.page.url + "\n" + "\n".join(told)

    def check_inert(self) -> None:
        """No text of an article became part of the page's own workings."""
        assert self.page.evaluate(INERT) == [], self.page.url

    def check_width(self) -> None:
        """Neither the page nor its menu or a picture in it is wider than what is seen of it."""
        wide = self.page.evaluate(
            """() => [...document.querySelectorAll("html, .menu, .drawn, .drawn > .scroll")]
              .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
              .map((each) => `${each.className || each.localName}: ${each.scrollWidth} px`)"""
        )
        assert wide == [], self.page.url
