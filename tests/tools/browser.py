"""The pages in a real browser: the caseworker's minute, the archivist's decisions, the auditor's question, accessibility of
every page.

    browser.py ADDRESS TRUTH SCAN SHOTS

ADDRESS serves an archive that holds SCAN, a scan of one page; TRUTH has the page's true words with their boxes.
Pictures of every page are left in the folder SHOTS. Ends with 1 and says why where anything is not as it should be.
"""

import json
import re
import sys
import unicodedata
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

OFFICE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
WORDS = ("romania", "hermann")
QUERY = "romania hermann"
# Over the wire for the first results, without pictures.
RESULTS_MAX_BYTES = 150_000
# A box drawn over less of the true one than this is beside the word.
OVERLAP_MIN = 0.5


class Watch:
    """Nothing is asked of another server, and no script or rule of the pages is broken."""

    def __init__(self, context: BrowserContext, address: str):
        self.faults: list[str] = []
        self.address = address
        self.bytes_by_url: dict[str, int] = {}
        context.on("request", self.requested)
        context.on("console", lambda message: self.said(message.type, message.text))
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))

    def requested(self, request):
        if not request.url.startswith((self.address, "data:", "blob:", "about:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def said(self, kind: str, text: str):
        if kind == "error":
            self.faults.append(f"console: {text}")


def folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if letter.isalnum())


def true_boxes(truth: Path) -> list[dict]:
    words = json.loads(truth.read_text())["boxes"]
    return [word for word in words if folded(word["text"]) in WORDS]


def overlap(a: dict, b: dict) -> float:
    """The common part as a share of the smaller one."""
    width = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    height = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min(a["width"] * a["height"], b["width"] * b["height"])


def on_screen(page: Page, box: dict) -> dict:
    """Where a box of the page stands in the window, by the viewer's own measure."""
    return page.evaluate(
        """box => {
            const place = document.querySelector(".zoom-place");
            const view = OpenSeadragon.getViewer(place).viewport;
            const at = (x, y) => view.imageToViewerElementCoordinates(new OpenSeadragon.Point(x, y));
            const [a, b] = [at(box.x, box.y), at(box.x + box.width, box.y + box.height)];
            const edge = place.getBoundingClientRect();
            return {x: edge.x + a.x, y: edge.y + a.y, width: b.x - a.x, height: b.y - a.y};
        }""",
        box,
    )


def check_hit(page: Page, boxes: list[dict]):
    """The current hit is boxed where the word truly stands, and nothing of it is cut off."""
    page.wait_for_selector("html[data-viewer=open]")
    # The picture glides to the hit.
    page.wait_for_function(
        """() => {
            const rect = document.querySelector(".overlay-hit.current")?.getBoundingClientRect();
            const place = document.querySelector(".zoom-place").getBoundingClientRect();
            const before = window.lastRect;
            window.lastRect = rect && [rect.x, rect.y, rect.width].join();
            return rect && before === window.lastRect && rect.x >= place.x && rect.right <= place.right
                && rect.y >= place.y && rect.bottom <= place.bottom;
        }""",
        polling=150,
    )
    shown = page.locator(".overlay-hit.current").bounding_box()
    best = max(overlap(shown, on_screen(page, box)) for box in boxes)
    assert best >= OVERLAP_MIN, f"the hit is boxed beside the word: {shown}, {best}"
    window = page.viewport_size
    assert shown["x"] >= 0 and shown["x"] + shown["width"] <= window["width"], shown
    assert shown["y"] >= 0 and shown["y"] + shown["height"] <= window["height"], shown


def caseworker(context: BrowserContext, address: str, boxes: list[dict], shots: Path):
    page = context.new_page()
    page.goto(address)
    # A browser gives the focus when it gets to it; on a busy machine that is after the page is loaded.
    expect(page.locator("#q")).to_be_focused()
    page.screenshot(path=shots / "cautare.png")
    page.keyboard.type("herm")
    page.wait_for_selector("#completari option", state="attached")
    page.fill("#q", QUERY)
    with page.expect_response(lambda answer: answer.url.startswith(f"{address}/?q=")) as answer:
        page.keyboard.press("Enter")
    assert len(answer.value.body()) < RESULTS_MAX_BYTES
    assert page.locator(".dossier").count() >= 1
    page.wait_for_function("[...document.images].every(image => image.complete || image.loading === 'lazy')")
    page.screenshot(path=shots / "rezultate.png")

    kind = page.locator(".filters a", has_text="Anchetă socială")
    kind.click()
    assert page.locator(".chosen li").count() == 1
    assert "fel=ancheta_sociala" in page.url
    page.screenshot(path=shots / "filtrat.png")

    strip = page.locator(".strip").first
    strip.click()
    check_hit(page, boxes)
    page.screenshot(path=shots / "pagina.png")
    before = page.locator("#aparitia").inner_text()
    assert re.fullmatch(r"apariția \d+ din \d+", before), before
    page.keyboard.press("n")
    check_hit(page, boxes)
    assert page.locator("#aparitia").inner_text() != before
    assert "aparitia=" in page.url, page.url
    shared = page.url
    page.keyboard.press("r")
    page.keyboard.press("+")
    page.keyboard.press("0")
    # What is seen is kept in the address once the picture stands still.
    page.wait_for_function("() => /^#vedere=-?\\d+,-?\\d+,[\\d.]+$/.test(location.hash)")
    page.keyboard.press("?")
    assert page.locator("#taste").is_visible()
    page.screenshot(path=shots / "taste.png")
    page.keyboard.press("Escape")
    page.locator(".text mark").first.dblclick()
    page.wait_for_selector(".overlay-selected", state="attached")

    other = context.new_page()
    other.goto(shared)
    check_hit(other, boxes)
    other.emulate_media(media="print")
    assert not other.locator(".top").is_visible() and not other.locator(".side").is_visible()
    assert other.locator(".print-line").is_visible() and other.locator("svg.sheet").is_visible()
    other.pdf(path=shots / "tiparit.pdf", format="A4", prefer_css_page_size=True)
    other.close()

    page.locator("#tiparire summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Descarcă PDF").click()
    download.value.save_as(shots / "pagini.pdf")
    page.locator(".back").click()
    assert page.locator("#q").input_value() == QUERY
    assert "fel=ancheta_sociala" in page.url, page.url
    page.close()


def without_scripts(browser: Browser, address: str, shots: Path):
    context = browser.new_context(viewport=OFFICE, java_script_enabled=False, locale="ro-RO")
    page = context.new_page()
    page.goto(address)
    page.fill("#q", "hermann")
    page.get_by_role("button", name="Caută").click()
    page.locator(".line a").first.click()
    assert page.locator("svg.sheet rect.hit.current").count() == 1
    first = page.locator("#aparitia").inner_text()
    page.locator("#aparitia-urmatoare").click()
    assert page.locator("#aparitia").inner_text() != first
    page.screenshot(path=shots / "fara-scripturi.png")
    context.close()


def auditor(context: BrowserContext, address: str, scan: Path, shots: Path):
    page = context.new_page()
    page.goto(f"{address}/auditor")
    page.set_input_files("#fisier", scan)
    page.wait_for_selector(".answer .good")
    assert page.locator(".holdings a", has_text="p. 1").count() == 1
    page.screenshot(path=shots / "verificare.png")
    page.fill("#amprenta", "0" * 64)
    page.get_by_role("button", name="Verifică").click()
    assert "nu este în arhivă" in page.locator(".answer").inner_text()
    page.close()


def archivist(browser: Browser, address: str, shots: Path):
    """Decides of doubtful pages, without scripts: of one that it is in order, of one that it is to be scanned again."""
    context = browser.new_context(viewport=OFFICE, java_script_enabled=False, locale="ro-RO")
    page = context.new_page()
    page.goto(f"{address}/arhivar/pagini")
    tiles = page.locator(".wall > li")
    there = tiles.count()
    assert there >= 2, f"{there} doubtful pages"
    # Nobody decides without a name, nor by Enter in its field.
    tiles.first.get_by_role("button", name="Este în regulă").click()
    page.fill("#nume", "Ana Șerban")
    page.press("#nume", "Enter")
    assert page.url.endswith("/arhivar/pagini") and tiles.count() == there, page.url
    name, behind = tiles.first.locator(".caption").inner_text(), tiles.nth(1).get_attribute("id")
    tiles.first.get_by_role("button", name="De rescanat").click()
    page.wait_for_url(f"**/arhivar/pagini#{behind}")
    assert tiles.count() == there - 1 and page.input_value("#nume") == "Ana Șerban"
    page.locator(".tabs").get_by_role("link", name="De rescanat").click()
    row = page.locator("tbody tr")
    assert row.count() == 1 and name in row.inner_text() and "Ana Șerban" in row.inner_text(), row.inner_text()
    page.screenshot(path=shots / "de-rescanat.png")
    page.pdf(path=shots / "de-rescanat.pdf", format="A4")
    page.locator(".tabs").get_by_role("link", name="De verificat").click()
    tiles.first.get_by_role("button", name="Este în regulă").click()
    page.locator(".tabs").get_by_role("link", name="În regulă").click()
    assert tiles.count() == 1 and "Ana Șerban" in tiles.inner_text()
    page.screenshot(path=shots / "in-regula.png")
    context.close()
    # Where scripts run, so that axe can look.
    for size, scheme in ((OFFICE, "light"), (PHONE, "dark")):
        context = browser.new_context(viewport=size, color_scheme=scheme, locale="ro-RO")
        page = context.new_page()
        page.goto(f"{address}/arhivar/pagini?hotarare=fine")
        found = Axe().run(page).response["violations"]
        assert not found, f"in order ({scheme}): {[fault['id'] for fault in found]}"
        context.close()
    page = browser.new_page(locale="ro-RO")
    page.goto(f"{address}/arhivar/pagini?hotarare=fine")
    page.fill("#nume", "Ana Șerban")
    page.get_by_role("button", name="Anulează").click()
    page.wait_for_selector("text=Despre nicio pagină")
    page.close()


def accessible(browser: Browser, address: str, shots: Path, watches: list[Watch]) -> int:
    """No violation that axe finds, on every page, wide and narrow, light and dark, in both languages."""
    pages = {
        "cautare": "/",
        "rezultate": f"/?q={QUERY}",
        "nimic": "/?q=xyzzy+nimicnimic&din=1900",
        "asemanare": "/?q=hermarn",
        "rasfoire": "/?q=&fond=F1&ordine=vechi",
        "arhivar": "/arhivar",
        "de-verificat": "/arhivar/pagini",
        "de-rescanat": "/arhivar/pagini?hotarare=rescan",
        "verificare": f"/auditor?amprenta={'0' * 64}",
        "ajutor": "/ajutor",
        "eroare": "/nimic",
    }
    faults, seen = [], 0
    for name, size, scheme, language in (
        ("lat", OFFICE, "light", "ro"),
        ("ingust", PHONE, "light", "en"),
        ("noapte", OFFICE, "dark", "ro"),
    ):
        context = browser.new_context(viewport=size, color_scheme=scheme, locale="ro-RO")
        watches.append(Watch(context, address))
        context.add_cookies([{"name": "limba", "value": language, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/arhivar")
        batch = page.locator("tbody a").first.get_attribute("href")
        page.goto(f"{address}/?q={QUERY}")
        leaf = page.locator(".line a").first.get_attribute("href")
        wall = f"/arhivar/pagini?lot={batch.rsplit('/', 1)[-1]}"
        for title, path in (pages | {"lot": batch, "pagini-lot": wall, "pagina": leaf, "pagina-simpla": leaf.split("?")[0]}).items():
            page.goto(address + path)
            if title.startswith("pagina"):
                page.wait_for_selector("html[data-viewer=open]")
            found = Axe().run(page).response["violations"]
            faults += [f"{title} ({name}): {f['id']}: {[n['html'][:160] for n in f['nodes'][:3]]}" for f in found]
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wider > 0:
                faults.append(f"{title} ({name}) is {wider} px wider than the window")
            page.screenshot(path=shots / f"{name}-{title}.png", full_page=title not in ("pagina", "pagina-simpla"))
            seen += 1
        context.close()
    assert not faults, "\n".join(faults)
    return seen


def main():
    address, truth, scan, shots = sys.argv[1].rstrip("/"), *map(Path, sys.argv[2:])
    shots.mkdir(parents=True, exist_ok=True)
    boxes = true_boxes(truth)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport=OFFICE, locale="ro-RO", accept_downloads=True)
        context.set_default_timeout(20_000)
        watches = [Watch(context, address)]
        caseworker(context, address, boxes, shots)
        auditor(context, address, scan, shots)
        without_scripts(browser, address, shots)
        archivist(browser, address, shots)
        seen = accessible(browser, address, shots, watches)
        faults = [fault for watch in watches for fault in watch.faults]
        # The page for an unknown address is asked for on purpose.
        faults = [fault for fault in faults if "404" not in fault]
        assert not faults, "\n".join(faults)
        browser.close()
    print(f"caseworker, auditor, archivist, no scripts: as they should be; {seen} pages without a violation")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as fault:
        print(fault, file=sys.stderr)
        sys.exit(1)
