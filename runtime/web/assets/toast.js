// What happened is said for long enough to read and to undo, then steps aside.
const STAYS = 12_000;

const watch = (toast) => {
  const said = toast.firstElementChild;
  if (!said || said.dataset.watched) return;
  said.dataset.watched = "yes";
  const leave = () => {
    if (said.matches(":hover, :focus-within")) return setTimeout(leave, STAYS);
    said.remove();
  };
  setTimeout(leave, STAYS);
};

document.addEventListener("DOMContentLoaded", () => {
  const toast = document.getElementById("toast");
  watch(toast);
  new MutationObserver(() => watch(toast)).observe(toast, { childList: true });
});
