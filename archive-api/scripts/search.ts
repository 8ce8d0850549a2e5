// The page of results. Search as you type: references, names and streets are offered in the list of the search field.

interface Completions {
  completions: { text: string; kind: string; count: number }[];
}

const WAIT_MS = 150;
const LETTERS_MIN = 2;

const field = document.querySelector<HTMLInputElement>("#q");
const list = document.querySelector<HTMLDataListElement>("#completari");
const filters = document.querySelector<HTMLDetailsElement>("#filtre");

let waiting = 0;
let asked: AbortController | undefined;

async function offer(typed: string): Promise<void> {
  asked?.abort();
  asked = new AbortController();
  const address = `/api/v1/completions?limit=4&q=${encodeURIComponent(typed)}`;
  try {
    const answer = await fetch(address, { signal: asked.signal });
    if (!answer.ok || !list) return;
    const found = (await answer.json()) as Completions;
    const options = found.completions.map((completion) => {
      const option = document.createElement("option");
      option.value = completion.text;
      return option;
    });
    list.replaceChildren(...options);
  } catch {
    // Offers are a help alone: without them the search is the same.
  }
}

field?.addEventListener("input", () => {
  window.clearTimeout(waiting);
  const typed = field.value.trim();
  if (typed.length >= LETTERS_MIN) waiting = window.setTimeout(() => void offer(typed), WAIT_MS);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target instanceof HTMLInputElement || !field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// Boxes on a picture that cannot be shown would point at nothing.
const withoutPicture = (image: HTMLImageElement): void => image.closest(".strip")?.classList.add("failed");
for (const image of document.querySelectorAll<HTMLImageElement>(".strip img")) {
  if (image.complete && image.naturalWidth === 0) withoutPicture(image);
  image.addEventListener("error", () => withoutPicture(image));
}

// On a narrow screen the results come first.
if (filters && window.matchMedia("(max-width: 60rem)").matches) filters.open = false;

export {};
