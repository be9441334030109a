// The side bar folds into a rail of icons; a cookie tells the next page.
const button = document.querySelector(".side-fold");
const shell = document.querySelector(".shell");

const show = () => {
  const folded = shell.classList.contains("folded");
  button.setAttribute("aria-pressed", folded);
  for (const link of document.querySelectorAll(".side a")) {
    link.title = folded ? link.textContent.trim() : "";
  }
};

if (button) {
  document.documentElement.classList.add("scripted");
  show();
  button.addEventListener("click", () => {
    const folded = shell.classList.toggle("folded");
    document.cookie = `qurucu_folded=${folded ? "yes" : "no"}; path=/; max-age=31536000; samesite=lax`;
    show();
  });
}
