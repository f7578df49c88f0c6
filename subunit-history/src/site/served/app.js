// What pages of a server do besides: keys, the grid, and runs that go on. All pages work without it.
"use strict";

const typed = (event) => event.target.closest("input, textarea, select, [contenteditable]");

async function help() {
  const link = document.querySelector("a.help");
  let dialog = document.querySelector("dialog.help");
  if (!dialog) {
    const answer = await fetch(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    dialog = document.createElement("dialog");
    dialog.className = "help";
    dialog.setAttribute("aria-label", "Help");
    dialog.append(...page.querySelector("main").children);
    document.body.append(dialog);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (typed(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    (document.querySelector(".bar .filter") || document.querySelector(".tools .filter")).focus();
  } else if (event.key === "?") {
    event.preventDefault();
    help();
  }
});

// The grid: each row is one text, and the column of a point follows from its width.
function grid(table) {
  const runs = [...table.querySelectorAll(".columns input")].map((box) => box.value);
  const rows = [...table.tBodies[0].rows];
  const width = () => table.querySelector(".columns > span").getBoundingClientRect().width;
  const mark = document.createElement("div");
  mark.className = "cursor";
  mark.hidden = true;
  table.parentElement.append(mark);
  const here = { row: 0, column: 0 };

  const columnAt = (event) => {
    const cells = event.target.closest("td, th")?.querySelector(".cells, .columns");
    if (!cells) return -1;
    const column = Math.floor((event.clientX - cells.getBoundingClientRect().left) / width());
    return column >= 0 && column < runs.length ? column : -1;
  };
  const address = (row, column) => {
    const query = row.cells[0].querySelector("a").href.split("?")[1];
    return new URL(`../run/${runs[column]}/test?${query}`, location.href).href;
  };
  const show = () => {
    const cells = rows[here.row].cells[1].firstElementChild;
    const box = cells.getBoundingClientRect();
    const area = mark.parentElement;
    const outer = area.getBoundingClientRect();
    mark.hidden = false;
    mark.style.width = `${width()}px`;
    mark.style.height = `${box.height}px`;
    mark.style.left = `${box.left - outer.left + area.scrollLeft + here.column * width()}px`;
    mark.style.top = `${box.top - outer.top + area.scrollTop}px`;
    mark.scrollIntoView({ block: "nearest", inline: "nearest" });
    const name = rows[here.row].cells[0].textContent;
    const told = [...cells.children];
    let left = here.column;
    const cell = told.find((one) => (left -= one.textContent.length) < 0);
    area.setAttribute("aria-description", `${name}, column ${here.column + 1}: ${cell?.title || cell?.textContent[0] || ""}`);
  };

  table.parentElement.addEventListener("keydown", (event) => {
    if (typed(event)) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      event.preventDefault();
      if (!mark.hidden) {
        here.row = Math.min(Math.max(here.row + step[0], 0), rows.length - 1);
        here.column = Math.min(Math.max(here.column + step[1], 0), runs.length - 1);
      }
      show();
    } else if (event.key === "Enter" && !mark.hidden && event.target === mark.parentElement) {
      location.href = address(rows[here.row], here.column);
    }
  });

  // Drag from one column to another to compare the two runs.
  let from = -1;
  let wasDragged = false;
  table.addEventListener("pointerdown", (event) => {
    wasDragged = false;
    from = event.button === 0 && !typed(event) ? columnAt(event) : -1;
  });
  table.addEventListener("dragstart", (event) => event.preventDefault());
  table.addEventListener("pointermove", (event) => {
    const to = from < 0 ? -1 : columnAt(event);
    table.classList.toggle("dragged", to >= 0 && to !== from);
  });
  table.addEventListener("pointerup", (event) => {
    const to = columnAt(event);
    table.classList.remove("dragged");
    if (from >= 0 && to >= 0 && to !== from) {
      wasDragged = true;
      const [newer, older] = [Math.min(from, to), Math.max(from, to)];
      location.href = new URL(`../diff?run=${runs[older]}&run=${runs[newer]}`, location.href).href;
    }
    from = -1;
  });
  // A click on a streak means the run below the pointer.
  table.addEventListener("click", (event) => {
    // The end of a drag is a click as well.
    if (wasDragged) return event.preventDefault();
    const row = event.target.closest("tbody tr");
    const column = event.target.closest("td") ? columnAt(event) : -1;
    if (!row || column < 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.href = address(row, column);
  });
}
document.querySelectorAll("table[data-grid]").forEach(grid);

// A run that goes on: each message is all that is known, so one that was missed is not missing.
function live(page) {
  const events = new EventSource(page.dataset.live);
  const state = document.createElement("p");
  state.className = "soft";
  state.setAttribute("role", "status");
  page.before(state);
  events.addEventListener("state", (event) => {
    state.textContent = "Live";
    page.innerHTML = JSON.parse(event.data).html;
  });
  events.addEventListener("ended", (event) => {
    events.close();
    const { html, run } = JSON.parse(event.data);
    page.innerHTML = html;
    state.textContent = "The run has ended. ";
    if (run) {
      const link = document.createElement("a");
      link.href = new URL(`../run/${run}`, location.href).href;
      link.textContent = "Its page";
      state.append(link);
    }
  });
  events.onerror = () => {
    state.textContent = events.readyState === EventSource.CLOSED ? "The server has ended the stream: reload the page." : "The server does not answer: trying again.";
  };
}
document.querySelectorAll("[data-live]").forEach(live);
