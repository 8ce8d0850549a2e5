// The zoomable picture in place of the plain one, hits boxed on it, and a key for everything.

/// <reference path="./openseadragon.d.ts" />

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Hit {
  number: number;
  box: Box;
  overlay: HTMLElement;
}

const ZOOM_STEP = 1.4;
/// Longest sides of the pictures that zooming goes through; the last step is the page itself.
const STEPS_PX = [800, 1600, 3200];

const scan = document.querySelector<HTMLElement>("#scan");
const tools = document.querySelector<HTMLElement>("#unelte");
const label = document.querySelector<HTMLElement>("#aparitia");
const keys = document.querySelector<HTMLDialogElement>("#taste");
const text = document.querySelector<HTMLDetailsElement>("#text");

let viewer: OsdViewer | undefined;
let hits: Hit[] = [];
let current = Number(scan?.dataset.current ?? 0);
let selected: HTMLElement[] = [];
let isMoved = false;

const link = (id: string) => document.querySelector<HTMLAnchorElement>(`#${id}[href]`);
const pixels = (name: "width" | "height") => Number(scan?.dataset[name] ?? 0);

function levels(page: string): { url: string; width: number; height: number }[] {
  const [width, height] = [pixels("width"), pixels("height")];
  const longest = Math.max(width, height);
  const sides = STEPS_PX.filter((side) => side < longest * 0.8).concat(longest);
  return sides.map((side) => {
    const share = Math.min(1, side / longest);
    const [w, h] = [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
    return { url: `/api/v1/pages/${page}/image?width=${w}&height=${h}`, width: w, height: h };
  });
}

function onPicture(box: Box): OsdRect | undefined {
  return viewer?.viewport.imageToViewportRectangle(box.x, box.y, box.width, box.height);
}

function overlay(box: Box, name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  const location = onPicture(box);
  if (location) viewer?.addOverlay({ element, location });
  return element;
}

/// Brings a place into the middle, large enough to be read, with its surroundings.
function show(box: Box, immediately: boolean): void {
  const place = onPicture(box);
  if (!viewer || !place) return;
  const view = viewer.viewport;
  const seen = view.getBounds();
  const width = Math.max(place.width * 3, 0.55);
  const height = (width * seen.height) / seen.width;
  const [x, y] = [place.x + place.width / 2 - width / 2, place.y + place.height / 2 - height / 3];
  view.fitBounds(new OpenSeadragon.Rect(x, y, width, height), immediately);
  view.applyConstraints(immediately);
}

function choose(number: number, immediately = false): boolean {
  const hit = hits.find((hit) => hit.number === number);
  if (!hit) return false;
  current = number;
  for (const other of hits) other.overlay.classList.toggle("current", other === hit);
  show(hit.box, immediately);
  showInText(number);
  return true;
}

/// Marks the words of the hit in the text and brings them into its window; the page itself does not move.
function showInText(number: number): void {
  const place = document.querySelector<HTMLElement>(".text");
  let first: HTMLElement | undefined;
  for (const word of place?.querySelectorAll<HTMLElement>("[data-hit]") ?? []) {
    const isCurrent = Number(word.dataset.hit) === number;
    word.classList.toggle("current", isCurrent);
    if (isCurrent) first ??= word;
  }
  if (place && first) place.scrollTop = first.offsetTop - place.clientHeight / 3;
}

/// The next or previous hit: on this page without leaving it, else where the link leads.
function step(by: 1 | -1): void {
  const way = link(by === 1 ? "aparitia-urmatoare" : "aparitia-anterioara");
  if (current > 0 && choose(current + by)) {
    const address = new URL(location.href);
    address.searchParams.set("aparitia", String(current));
    address.hash = "";
    isMoved = false;
    history.replaceState(null, "", address);
    if (label) label.textContent = (label.textContent ?? "").replace(/\d+/, String(current));
    return;
  }
  const [first, last] = [hits[0], hits[hits.length - 1]];
  const edge = by === 1 ? last : first;
  if (!edge) {
    if (way) location.href = way.href;
    return;
  }
  // The server knows on which page a hit stands.
  const target = edge.number + by;
  const total = Number((label?.textContent ?? "").match(/\d+/g)?.[1] ?? 0);
  if (target < 1 || target > total) return;
  const address = new URL(location.href);
  address.searchParams.set("aparitia", String(target));
  address.hash = "";
  location.href = address.href;
}

/// What is seen of the picture, once somebody moved it, goes into the address: middle in pixels, and zoom.
function keepView(): void {
  if (!viewer || !isMoved) return;
  const view = viewer.viewport;
  const middle = view.viewportToImageCoordinates(view.getCenter());
  const parts = [Math.round(middle.x), Math.round(middle.y), view.getZoom().toFixed(2)];
  history.replaceState(null, "", `#vedere=${parts.join(",")}`);
}

/// Shows again what an address says was seen.
function takeView(): boolean {
  const parts = /^#vedere=(-?\d+),(-?\d+),(\d+(?:\.\d+)?)$/.exec(location.hash);
  if (!viewer || !parts) return false;
  const [x, y, zoom] = parts.slice(1).map(Number);
  const middle = viewer.viewport.imageToViewportCoordinates(new OpenSeadragon.Point(x ?? 0, y ?? 0));
  viewer.viewport.zoomTo(zoom || 1, undefined, true).panTo(middle, true).applyConstraints(true);
  return true;
}

function turn(by: number): void {
  viewer?.viewport.setRotation(viewer.viewport.getRotation() + by);
}

async function copyLink(): Promise<void> {
  const button = tools?.querySelector<HTMLElement>("[data-do=link]");
  try {
    await navigator.clipboard.writeText(location.href);
    if (!button) return;
    const before = button.textContent;
    button.textContent = button.dataset.done ?? before;
    window.setTimeout(() => (button.textContent = before), 1500);
  } catch {
    // Without leave to use the clipboard the address bar still has the link.
  }
}

/// Moves the picture for somebody who asked for it.
function move(how: (view: OsdViewport) => void): void {
  isMoved = true;
  if (viewer) how(viewer.viewport);
}

const actions: Record<string, () => void> = {
  in: () => move((view) => view.zoomBy(ZOOM_STEP).applyConstraints()),
  out: () => move((view) => view.zoomBy(1 / ZOOM_STEP).applyConstraints()),
  whole: () => move((view) => view.goHome()),
  width: () => move((view) => view.fitHorizontally()),
  rotate: () => turn(90),
  link: () => void copyLink(),
  print: () => window.print(),
  keys: () => keys?.showModal(),
  text: () => {
    if (text) text.open = !text.open;
  },
  search: () => document.querySelector<HTMLInputElement>("#q")?.select(),
  next: () => step(1),
  previous: () => step(-1),
};

const KEYS: Record<string, string> = {
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "whole",
  w: "width",
  r: "rotate",
  l: "link",
  t: "text",
  n: "next",
  p: "previous",
  "/": "search",
  "?": "keys",
};

function pressed(event: KeyboardEvent): void {
  const target = event.target;
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (isTyping || keys?.open || event.ctrlKey || event.altKey || event.metaKey) return;
  const page = { ArrowLeft: "pagina-anterioara", ArrowRight: "pagina-urmatoare" }[event.key];
  if (page) {
    const way = link(page);
    if (way) location.href = way.href;
    return;
  }
  const action = actions[KEYS[event.key] ?? ""];
  if (!action) return;
  event.preventDefault();
  action();
}

/// What is selected in the text is marked on the picture.
function markSelection(): void {
  for (const element of selected) viewer?.removeOverlay(element);
  selected = [];
  const chosen = document.getSelection();
  const place = document.querySelector(".text");
  if (!viewer || !chosen || chosen.isCollapsed || !place?.contains(chosen.anchorNode)) return;
  for (const word of place.querySelectorAll<HTMLElement>("[data-b]")) {
    if (!chosen.containsNode(word, true)) continue;
    const [x = 0, y = 0, width = 0, height = 0] = (word.dataset.b ?? "").split(",").map(Number);
    selected.push(overlay({ x, y, width, height }, "overlay-selected"));
  }
}

function open(scan: HTMLElement): void {
  const rects = Array.from(scan.querySelectorAll<SVGRectElement>("rect"));
  const place = document.createElement("div");
  place.className = "zoom-place";
  scan.append(place);
  // Before anything is measured: both change the room for the picture.
  scan.classList.add("zoomable");
  if (tools) tools.hidden = false;
  const opened = OpenSeadragon({
    element: place,
    tileSources: { type: "legacy-image-pyramid", levels: levels(scan.dataset.page ?? "") },
    drawer: "canvas",
    showNavigationControl: false,
    animationTime: 0.25,
    springStiffness: 12,
    maxZoomPixelRatio: 3,
    visibilityRatio: 1,
    minZoomImageRatio: 0.8,
    degrees: Number(scan.dataset.turned ?? 0),
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    crossOriginPolicy: false,
  });
  opened.addHandler("canvas-key", (event) => (event.preventDefaultAction = true));
  opened.addOnceHandler("open", () => {
    viewer = opened;
    opened.canvas.setAttribute("role", "img");
    opened.canvas.setAttribute("aria-label", scan.dataset.label ?? "");
    hits = rects.map((rect) => {
      const side = (name: string) => Number(rect.getAttribute(name) ?? 0);
      const box = { x: side("x"), y: side("y"), width: side("width"), height: side("height") };
      return { number: Number(rect.dataset.hit), box, overlay: overlay(box, "overlay-hit") };
    });
    choose(current, true);
    takeView();
    for (const name of ["canvas-drag", "canvas-scroll", "canvas-pinch", "canvas-double-click"]) {
      opened.addHandler(name, () => (isMoved = true));
    }
    opened.addHandler("animation-finish", keepView);
    document.documentElement.dataset.viewer = "open";
  });
  opened.addOnceHandler("tile-load-failed", () => {
    const problem = document.createElement("p");
    problem.className = "doubt scan-problem";
    problem.setAttribute("role", "alert");
    problem.textContent = scan.dataset.failed ?? "";
    scan.append(problem);
  });
}

/** Brings the open page to the middle of the strip, and scrolls nothing else. */
function showInStrip(): void {
  const strip = document.querySelector(".pages-strip");
  const page = strip?.querySelector("[aria-current]");
  if (!strip || !page) return;
  const [around, own] = [strip.getBoundingClientRect(), page.getBoundingClientRect()];
  strip.scrollTop += own.top + own.height / 2 - around.top - around.height / 2;
  strip.scrollLeft += own.left + own.width / 2 - around.left - around.width / 2;
}

if (scan) open(scan);
document.addEventListener("keydown", pressed);
document.addEventListener("selectionchange", markSelection);
tools?.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-do]");
  actions[button?.dataset.do ?? ""]?.();
});
for (const [id, by] of [["aparitia-urmatoare", 1], ["aparitia-anterioara", -1]] as const) {
  document.querySelector(`#${id}`)?.addEventListener("click", (event) => {
    event.preventDefault();
    step(by);
  });
}
showInStrip();

export {};
