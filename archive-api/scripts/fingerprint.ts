// The fingerprint of a chosen file, made here: the file never leaves the computer.

const form = document.querySelector<HTMLFormElement>("#amprenta-formular");
const place = document.querySelector<HTMLElement>("#fisier-loc");
const input = document.querySelector<HTMLInputElement>("#fisier");
const state = document.querySelector<HTMLElement>("#fisier-stare");
const typed = document.querySelector<HTMLInputElement>("#amprenta");

async function check(file: File): Promise<void> {
  if (!form || !state || !typed) return;
  state.textContent = state.dataset.working ?? "";
  try {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const bytes = Array.from(new Uint8Array(digest));
    typed.value = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    form.requestSubmit();
  } catch {
    state.textContent = state.dataset.failed ?? "";
  }
}

// Browsers make fingerprints only for addresses that they trust, such as this machine's.
if (place && input && window.isSecureContext) {
  place.hidden = false;
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void check(file);
  });
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) void check(file);
  });
}

export {};
