// Forms: Ctrl+Enter saves, what was typed is not left by mistake, errors get the focus.
const sentForms = new WeakSet();
const typedForms = new WeakSet();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form[data-guard]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) typedForms.add(form);
});

document.addEventListener("submit", (event) => sentForms.add(event.target));

addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (typedForms.has(form) && !sentForms.has(form)) event.preventDefault();
  }
});

// A form that came back with messages: the list of them first, links lead to the fields.
document.addEventListener("htmx:after:swap", () => {
  const form = document.querySelector("form[data-guard]");
  if (!form) return;
  sentForms.delete(form);
  typedForms.add(form);
  (form.querySelector("[data-focus]") ?? form.querySelector("[aria-invalid=true]"))?.focus();
});
