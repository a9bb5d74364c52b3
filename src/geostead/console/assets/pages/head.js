// What is done before a page is drawn.

// So that it is not seen in the wrong colours first.
const kept = localStorage.getItem("theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;

// A page that answers a form, as one that was refused, is kept by an address that can be read: the way back leads there,
// where the browser would otherwise ask whether to send the form again. That is the address of the page with the form,
// unless the form was sent to another page.
const { answersForm } = document.documentElement.dataset;
if (answersForm && document.referrer.startsWith(`${location.origin}/`)) {
  const isOfForm = answersForm === "act" || new URL(document.referrer).pathname === location.pathname;
  history.replaceState(null, "", isOfForm ? document.referrer : location.href);
}
