"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const buttons = [...document.querySelectorAll("button[data-word]")];
  const tests = [...document.querySelectorAll(".test")].map((element) => ({
    element,
    word: element.dataset.word,
    line: element.firstElementChild.textContent.toLowerCase(),
  }));
  const wanted = new Set();
  const update = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const test of tests) {
      const fits =
        (wanted.size === 0 || wanted.has(test.word)) && words.every((word) => test.line.includes(word));
      test.element.hidden = !fits;
      count += fits;
    }
    shown.textContent = count === tests.length ? "" : `${count} of ${tests.length} shown`;
  };
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 100);
  });
  for (const button of buttons) {
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const pressed = !wanted.delete(button.dataset.word);
      if (pressed) wanted.add(button.dataset.word);
      button.setAttribute("aria-pressed", String(pressed));
      update();
    });
  }
});
