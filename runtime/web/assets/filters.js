// The inputs that the chosen way of a filter has no use for step aside.
const fit = (form) => {
  const way = form.elements._op.value;
  for (const part of form.querySelectorAll("[data-not]")) {
    part.hidden = part.dataset.not.split(" ").includes(way);
  }
};

document.addEventListener("change", (event) => {
  if (event.target.name === "_op") fit(event.target.form);
});

const fitAll = (root) => root.querySelectorAll(".filter-form").forEach(fit);
document.addEventListener("DOMContentLoaded", () => fitAll(document));
document.addEventListener("htmx:after:swap", () => fitAll(document));
