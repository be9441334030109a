// Currency and zone follow the country until somebody changes them.
document.addEventListener("change", (event) => {
  if (event.target.id !== "country") return;
  const chosen = event.target.selectedOptions[0].dataset;
  document.getElementById("currency").value = chosen.currency;
  document.getElementById("timezone").value = chosen.timezone;
});
