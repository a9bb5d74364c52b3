// Runs before the page is drawn, so that it is not seen in the wrong colours first.
const kept = localStorage.getItem("theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
