// A record is picked by typing its name: arrows walk the list, Enter takes, Escape closes.
// Without this the name itself is sent and the server finds the record.
const box = (element) => element.closest("[data-picker]");
const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));

function show(input, open) {
  const list = listOf(input);
  list.hidden = !open || !list.children.length;
  input.setAttribute("aria-expanded", String(!list.hidden));
  if (list.hidden) input.removeAttribute("aria-activedescendant");
}

function mark(input, step) {
  const options = [...listOf(input).querySelectorAll("[role=option]")];
  if (!options.length) return;
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = (now + step + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === next)));
  input.setAttribute("aria-activedescendant", options[next].id);
  options[next].scrollIntoView({ block: "nearest" });
}

function take(input, option) {
  const picker = box(input);
  if (picker.dataset.picker === "many") addPicked(picker, input, option);
  else {
    picker.querySelector("[data-picker-value]").value = option.dataset.value;
    input.value = option.textContent.trim();
  }
  input.dispatchEvent(new Event("change", { bubbles: true }));
  show(input, false);
  input.focus();
}

function addPicked(picker, input, option) {
  input.value = "";
  const chosen = [...picker.querySelectorAll("[data-picked] input")];
  const there = chosen.find((one) => one.value === option.dataset.value);
  if (there) {
    there.checked = true;
    return;
  }
  const item = document.createElement("li");
  const label = document.createElement("label");
  const tick = document.createElement("input");
  const text = document.createElement("span");
  label.className = "form-check";
  tick.className = "form-check-input";
  text.className = "form-check-label";
  tick.type = "checkbox";
  tick.checked = true;
  tick.name = picker.dataset.name;
  tick.value = option.dataset.value;
  text.textContent = option.textContent.trim();
  label.append(tick, text);
  item.append(label);
  picker.querySelector("[data-picked]").append(item);
}

document.addEventListener("input", (event) => {
  if (event.target.getAttribute("role") !== "combobox") return;
  const value = box(event.target)?.querySelector("[data-picker-value]");
  if (value) value.value = "";
});

document.addEventListener("htmx:after:swap", () => {
  const input = document.activeElement;
  if (input?.getAttribute("role") === "combobox" && box(input)) show(input, true);
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (input.getAttribute?.("role") !== "combobox" || !box(input)) return;
  const list = listOf(input);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    show(input, true);
    mark(input, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && !list.hidden && !event.ctrlKey && !event.metaKey) {
    const marked = list.querySelector("[aria-selected=true]") ?? list.querySelector("[role=option]");
    if (!marked) return;
    event.preventDefault();
    take(input, marked);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    show(input, false);
  }
});

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("[data-picker] [role=option]");
  if (!option) return;
  event.preventDefault();
  take(box(option).querySelector("[role=combobox]"), option);
});

document.addEventListener("focusout", (event) => {
  const input = event.target;
  if (input.getAttribute?.("role") === "combobox" && box(input)) show(input, false);
});
