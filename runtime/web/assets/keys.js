// Ctrl+K leads to the search over everything. Keys of a list: / to its search, j and k or
// the arrows from row to row, Enter opens.
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const titles = () => [...document.querySelectorAll(".listing tbody th a")];

const step = (by) => {
  const links = titles();
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by];
  next?.focus();
  return Boolean(next);
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    document.getElementById("top-search")?.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const search = document.getElementById("q") ?? document.getElementById("top-search");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.closest(".listing tbody") && step(event.key === "ArrowDown" ? 1 : -1)) {
      event.preventDefault();
    }
  }
});
