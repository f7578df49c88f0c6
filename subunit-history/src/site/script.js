// A box above each table that can be filtered: rows stay whose first cell has the words. The address keeps them.
"use strict";
for (const table of document.querySelectorAll("table[data-filter]")) {
  const box = document.createElement("input");
  box.type = "search";
  box.className = "filter";
  box.placeholder = "Filter by id";
  box.setAttribute("aria-label", "Filter tests by words of their ids");
  const rows = [...table.tBodies[0].rows].map((row) => [row, row.cells[0].textContent.toLowerCase()]);
  const apply = () => {
    const words = box.value.toLowerCase().split(" ").filter(Boolean);
    for (const [row, name] of rows) row.hidden = !words.every((word) => name.includes(word));
  };
  box.addEventListener("input", () => {
    apply();
    history.replaceState(null, "", box.value ? "#q=" + encodeURIComponent(box.value) : location.pathname);
  });
  table.parentElement.before(box);
  if (location.hash.startsWith("#q=")) {
    box.value = decodeURIComponent(location.hash.slice(3));
    apply();
  }
}
