// Says at each input what is wrong with it, as the server does in a page that it sends whole.

/**
 * Show the faults that the page names in the element "faults", and forget all others.
 * @param {HTMLFormElement} form
 */
export function showFaults(form) {
  const faults = JSON.parse(document.getElementById("faults")?.textContent ?? "{}");
  for (const input of form.querySelectorAll("input[id], select[id]")) show(input, faults[input.id] ?? "");
}

/**
 * @param {Element} input its id is its name
 * @param {string} text what is wrong; "" for nothing
 */
function show(input, text) {
  const id = `${input.id}-fault`;
  const shown = document.getElementById(id);
  if ((shown?.textContent ?? "") === text) return;
  const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  const said = text ? [...others, id] : others;
  if (said.length) input.setAttribute("aria-describedby", said.join(" "));
  else input.removeAttribute("aria-describedby");
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  shown?.remove();
  if (text) input.after(paragraph(id, text));
}

/**
 * @param {string} id
 * @param {string} text
 */
function paragraph(id, text) {
  const made = document.createElement("p");
  made.id = id;
  made.className = "error";
  made.textContent = text;
  return made;
}
