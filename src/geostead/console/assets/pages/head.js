// What is done before a page is drawn.

// So that it is not seen in the wrong colours first.
const kept = localStorage.getItem("theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;

// A page that answers a form, as one that was refused, takes the address of the page with the form: the way back leads
// there, where the browser would otherwise ask whether to send the form again.
if (document.documentElement.dataset.answersForm !== undefined && document.referrer.startsWith(location.origin)) {
  history.replaceState(null, "", document.referrer);
}
