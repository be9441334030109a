// A form that is on its way is not sent twice. After a step back its buttons work again.
const buttons = (form) => form.querySelectorAll("button:not([type=button])");

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  // The pressed button's own name is sent, so it is put to rest only afterwards.
  setTimeout(() => buttons(event.target).forEach((button) => (button.disabled = true)));
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[method=post]").forEach((form) => {
    buttons(form).forEach((button) => (button.disabled = false));
  });
});
