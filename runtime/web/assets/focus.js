// When what had the focus is gone after a swap, people at the keyboard go on from the place that
// changed, not from the top of the page.
document.addEventListener("htmx:after:swap", () => {
  const active = document.activeElement;
  if (active && active !== document.body) return;
  const place = document.querySelector("[data-focus]") ?? document.querySelector("main h1");
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});
