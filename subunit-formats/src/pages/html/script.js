"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const el = (id) => document.getElementById(id);
  const CLASSES = { passed: "good", flaky: "dim", skipped: "dim", "failed as expected": "dim" };
  const OPEN_AT_FIRST = 10;
  const list = el("list");
  const box = el("filter");
  const chips = [...document.querySelectorAll("button[data-word]")];

  // The data. Below a test: [word, id, seconds, route, tags, message, number of its body, new or known].
  const tests = [];
  for (const script of document.querySelectorAll("script.rows")) {
    for (const [word, id, time, route, tags, why, nth, mark] of JSON.parse(script.textContent)) {
      const body = nth ?? undefined;
      tests.push({
        word, id, time, route, tags, why, body, mark,
        class: CLASSES[word] ?? "bad",
        line: [id, word, mark ?? "", route, why, ...tags].join("\n").toLowerCase(),
        open: body !== undefined && tests.length < OPEN_AT_FIRST && (CLASSES[word] ?? "bad") === "bad",
        unfolded: false, inside: null, depth: 0, height: 0, found: "",
      });
    }
    script.remove();
  }
  const blocks = [...document.querySelectorAll("script.bodies")].map((script) => ({ script, from: 0, bodies: null }));
  const read = (block) => (block.bodies ??= JSON.parse(block.script.textContent));
  const bodyOf = (number) => {
    let from = 0;
    for (const block of blocks) {
      const bodies = read(block);
      if (number < from + bodies.length) return bodies[number - from];
      from += bodies.length;
    }
    return "";
  };

  // What is shown, as the address has it.
  const state = { q: "", status: new Set(), sort: "", group: "", test: "", n: "" };
  const fromAddress = () => {
    const said = new URLSearchParams(location.hash.slice(1));
    for (const key of ["q", "sort", "group", "test", "n"]) state[key] = said.get(key) ?? "";
    state.status = new Set((said.get("status") ?? "").split(",").filter(Boolean));
    box.value = state.q;
    el("sort").value = state.sort;
    el("group").value = state.group;
    for (const chip of chips) chip.setAttribute("aria-pressed", String(state.status.has(chip.dataset.word)));
  };
  const toAddress = () => {
    const said = new URLSearchParams();
    for (const key of ["q", "sort", "group", "test", "n"]) if (state[key]) said.set(key, state[key]);
    if (state.status.size) said.set("status", [...state.status].join(","));
    const hash = said.toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };

  // Tests whose ids begin with that of another test, and that are not worse than that one, are folded under it.
  const fold = () => {
    const order = tests.map((_, at) => at).sort((a, b) => {
      const [x, y] = [tests[a], tests[b]];
      if (x.route !== y.route) return x.route < y.route ? -1 : 1;
      return x.id < y.id ? -1 : x.id > y.id ? 1 : a - b;
    });
    const stack = [];
    for (const at of order) {
      const test = tests[at];
      while (stack.length) {
        const top = stack.at(-1);
        if (top.route === test.route && test.id.startsWith(top.id)) break;
        stack.pop();
      }
      const begins = (above) => above.id.length < test.id.length && /[^\p{L}\p{N}_-]/u.test(test.id[above.id.length]);
      const above = stack.findLast(begins);
      if (above && (test.class !== "bad" || above.class === "bad")) {
        (above.inside ??= []).push(at);
        test.above = above;
        above.unfolded ||= test.class === "bad";
      }
      stack.push(test);
    }
    for (const test of tests) test.inside?.sort((a, b) => a - b);
  };
  fold();

  const suiteOf = (id) => {
    for (const separator of [" > ", " \u203a "]) {
      const at = id.lastIndexOf(separator);
      if (at > 0) return id.slice(0, at);
    }
    const stem = id.split(/[[( ]/, 1)[0];
    const at = stem.includes("::") ? stem.lastIndexOf("::") : Math.max(...["/", ".", "#", ":"].map((c) => stem.lastIndexOf(c)));
    return at > 0 ? stem.slice(0, at) : "(no suite)";
  };

  // The items of the list, from top to bottom: tests, and heads of groups.
  let items = [];
  let offsets = new Float64Array(1);
  const groups = new Map();
  const put = (test, depth) => {
    test.depth = depth;
    items.push(test);
    if (test.inside && test.unfolded) for (const at of test.inside) put(tests[at], depth + 1);
  };
  const build = () => {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (test) =>
      (state.status.size === 0 || state.status.has(test.word) || state.status.has(test.mark)) &&
      (words.every((word) => test.line.includes(word)) || (words.length > 0 && test.found === state.q));
    const filtered = words.length > 0 || state.status.size > 0;
    const shown = filtered ? tests.filter(fits) : [...tests];
    if (state.sort === "time") shown.sort((a, b) => (b.time ?? -1) - (a.time ?? -1));
    if (state.sort === "id") shown.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    items = [];
    if (state.group) {
      const members = new Map();
      for (const test of shown) {
        const name = state.group === "suite" ? suiteOf(test.id) : test.route || "(no route)";
        if (!members.has(name)) members.set(name, []);
        members.get(name).push(test);
      }
      for (const [name, inside] of members) {
        const bad = inside.filter((test) => test.class === "bad").length;
        const key = `${state.group}\n${name}`;
        const group = groups.get(key) ?? { group: name, unfolded: bad > 0 || filtered, height: 0 };
        groups.set(key, group);
        const time = inside.reduce((sum, test) => sum + (test.time ?? 0), 0);
        Object.assign(group, { bad, count: inside.length, time });
        items.push(group);
        if (group.unfolded) for (const test of inside) (test.depth = 1), items.push(test);
      }
    } else if (filtered || state.sort) {
      for (const test of shown) (test.depth = 0), items.push(test);
    } else {
      for (const test of shown) if (!test.above) put(test, 0);
    }
    el("shown").textContent = filtered ? `${shown.length} of ${tests.length} shown` : "";
    measure();
  };

  // Rows are made for what is on the screen and a little around it. Heights are guessed until they are known.
  const ABOUT = 36;
  const guess = (item) => item.height || (item.group !== undefined ? 40 : item.open ? 300 : item.why ? 60 : ABOUT);
  const measure = () => {
    offsets = new Float64Array(items.length + 1);
    for (let at = 0; at < items.length; at++) offsets[at + 1] = offsets[at] + guess(items[at]);
  };
  const [above, below] = [document.createElement("div"), document.createElement("div")];
  list.append(above, below);
  const nodes = new Map();
  const at = (y) => {
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offsets[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const draw = () => {
    const y = -list.getBoundingClientRect().top;
    const [from, to] = [at(y - 400), Math.min(items.length, at(y + innerHeight + 400) + 1)];
    const wanted = new Set(items.slice(from, to));
    for (const [item, node] of nodes) if (!wanted.has(item)) node.remove(), sizes.unobserve(node), nodes.delete(item);
    let next = above.nextSibling;
    for (const item of wanted) {
      let node = nodes.get(item);
      if (!node) {
        node = item.group !== undefined ? groupRow(item) : testRow(item);
        node.item = item;
        nodes.set(item, node);
        sizes.observe(node);
      }
      node.dataset.depth = Math.min(item.depth ?? 0, 4);
      if (node === next) next = next.nextSibling;
      else list.insertBefore(node, next);
    }
    above.style.height = `${offsets[from]}px`;
    below.style.height = `${offsets[items.length] - offsets[to]}px`;
  };
  let due = 0;
  const later = () => (due ||= requestAnimationFrame(() => ((due = 0), draw())));
  const sizes = new ResizeObserver((entries) => {
    let changed = false;
    for (const { target } of entries) {
      const height = target.getBoundingClientRect().height;
      if (height && Math.abs(height - target.item.height) > 0.5) (target.item.height = height), (changed = true);
    }
    if (changed) measure(), later();
  });
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", () => {
    for (const item of items) item.height = 0;
    for (const [item, node] of nodes) item.height = node.getBoundingClientRect().height;
    measure(), later();
  });
  const redraw = () => {
    for (const [item, node] of nodes) node.remove(), sizes.unobserve(node), nodes.delete(item);
    build(), draw();
  };

  const make = (tag, text, className) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    if (className) node.className = className;
    return node;
  };
  const seconds = (time) => {
    if (time < 60) return `${time.toFixed(3)} s`;
    const [hours, minutes, rest] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, String(Math.floor(time % 60)).padStart(2, "0")];
    return hours ? `${hours} h ${String(minutes).padStart(2, "0")} min ${rest} s` : `${minutes} min ${rest} s`;
  };
  const linkOf = (test) => {
    const said = new URLSearchParams({ test: test.id });
    const n = tests.slice(0, tests.indexOf(test)).filter((other) => other.id === test.id).length;
    if (n) said.set("n", n);
    return `#${said}`;
  };
  const fill = (node, test) => {
    if (node.querySelector(".body")) return;
    const body = make("div", "", "body");
    body.innerHTML = test.body === undefined ? "" : bodyOf(test.body);
    const link = make("a", "link to this test");
    link.href = linkOf(test);
    body.prepend(link);
    node.append(body);
  };
  const testRow = (test) => {
    const node = make("details", "", `test ${test.class}`);
    const summary = make("summary");
    summary.append(make("b", test.word), " ", make("code", test.id));
    if (test.time !== null) summary.append(" ", make("time", seconds(test.time)));
    for (const chip of [test.mark, test.route, ...test.tags]) if (chip) summary.append(" ", make("i", chip));
    if (test.why) summary.append(make("span", test.why, "why"));
    node.append(summary);
    if (test.inside && !state.sort && !state.group && !state.q && !state.status.size) {
      const button = make("button", `${test.unfolded ? "hide" : "show"} ${test.inside.length} inside`, "inside");
      button.addEventListener("click", () => ((test.unfolded = !test.unfolded), redraw()));
      const row = make("div", "", "fold");
      row.append(node, button);
      node.open = test.open;
      if (test.open) fill(node, test);
      node.addEventListener("toggle", () => toggled(node, test));
      return row;
    }
    node.open = test.open;
    if (test.open) fill(node, test);
    node.addEventListener("toggle", () => toggled(node, test));
    return node;
  };
  const toggled = (node, test) => {
    test.open = node.open;
    if (test.open) fill(node, test);
  };
  const groupRow = (group) => {
    const node = make("button", "", `group ${group.bad ? "bad" : "good"}`);
    node.type = "button";
    node.setAttribute("aria-expanded", String(group.unfolded));
    const failed = group.bad ? `, ${group.bad} failed` : "";
    node.append(make("code", group.group), ` ${group.count} test${group.count === 1 ? "" : "s"}${failed} `, make("time", seconds(group.time)));
    node.addEventListener("click", () => ((group.unfolded = !group.unfolded), redraw()));
    return node;
  };

  // Output is looked through a block at a time, so that nobody waits for it.
  let search = 0;
  const lookIntoOutput = () => {
    clearTimeout(search);
    const q = state.q;
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0 || blocks.length === 0) return;
    const owners = [];
    for (const test of tests) if (test.body !== undefined) owners[test.body] = test;
    let [block, from] = [0, 0];
    const step = () => {
      if (state.q !== q || block >= blocks.length) return;
      const bodies = read(blocks[block]);
      let found = false;
      bodies.forEach((body, nth) => {
        const test = owners[from + nth];
        if (!test || words.every((word) => test.line.includes(word))) return;
        const text = unescape(body.replace(/="data:[^"]*"/g, "").replace(/<[^>]*>/g, "")).toLowerCase();
        if (words.every((word) => text.includes(word) || test.line.includes(word))) (test.found = q), (found = true);
      });
      from += bodies.length;
      block += 1;
      if (found) redraw();
      search = setTimeout(step, 0);
    };
    search = setTimeout(step, 150);
  };
  const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  const unescape = (text) => text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]);

  const changed = () => {
    state.test = state.n = "";
    toAddress(), redraw(), lookIntoOutput();
  };
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ((state.q = box.value.trim()), changed()), 60);
  });
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const word = chip.dataset.word;
      if (!state.status.delete(word)) state.status.add(word);
      chip.setAttribute("aria-pressed", String(state.status.has(word)));
      changed();
    });
  }
  for (const key of ["sort", "group"]) {
    el(key).addEventListener("change", (event) => ((state[key] = event.target.value), changed()));
  }
  el("expand").addEventListener("click", () => {
    const opens = el("expand").textContent === "expand all";
    el("expand").textContent = opens ? "fold all" : "expand all";
    for (const group of groups.values()) if (opens) group.unfolded = true;
    for (const test of tests) (test.open = opens && test.body !== undefined), (test.unfolded = opens), (test.height = 0);
    redraw();
  });

  // A link to one test opens it and goes there.
  const go = () => {
    if (!state.test) return;
    const same = tests.filter((test) => test.id === state.test);
    const test = same[Number(state.n) || 0] ?? same[0];
    if (!test) return;
    test.open = true;
    for (let up = test.above; up; up = up.above) up.unfolded = true;
    redraw();
    const nth = items.indexOf(test);
    if (nth < 0) return;
    scrollTo(0, scrollY + list.getBoundingClientRect().top + offsets[nth] - el("tools").offsetHeight - 8);
    draw();
    const node = nodes.get(test);
    node?.classList.add("target");
    node?.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", () => (fromAddress(), redraw(), lookIntoOutput(), go()));
  el("static").remove();
  fromAddress(), build(), draw(), lookIntoOutput(), go();
});
