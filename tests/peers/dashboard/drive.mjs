// Drives the dashboard in Chromium as a person does, and asks axe-core about each kind of page.
//
//     npm install --ignore-scripts && node drive.mjs PATH/subunit-server [CHROMIUM [FOLDER-FOR-SCREENSHOTS]]
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [program, executablePath = "/usr/bin/chromium", folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const server = spawn(program, ["serve", "--demo", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = new Promise((resolve) => server.once("exit", resolve));
const [home] = await new Promise((resolve) => createInterface(server.stdout).once("line", (line) => resolve([line.trim()])));
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage();
const problems = [];
page.on("pageerror", (error) => problems.push(`${page.url()}: ${error}`));
page.on("console", (said) => said.type() === "error" && problems.push(`${page.url()}: ${said.text()}`));

const open = (path) => page.goto(new URL(path, home).href);
const leads = async (act) => {
  const [, answer] = await Promise.all([page.waitForNavigation(), act()]);
  return answer;
};
const step = async (name, act) => {
  await act();
  console.log(`ok: ${name}`);
};

try {
  await page.setViewport({ width: 1300, height: 900 });
  await step("the filter is in the address, and keeps what fits", async () => {
    await open("grid/main");
    await page.keyboard.press("/");
    await page.keyboard.type("package:db");
    await leads(() => page.keyboard.press("Enter"));
    assert.match(page.url(), /q=package%3Adb/);
    const ids = await page.$$eval("tbody th a", (links) => links.map((link) => link.textContent));
    assert(ids.length > 0 && ids.every((id) => id.startsWith("db.")), ids.join());
  });
  await step("a cell says why, and a click leads to the line of the log", async () => {
    await open("grid/main?q=status:failing");
    const cell = await page.$("td .cells a.bad");
    assert.match(await cell.evaluate((one) => one.title), /^@\d+ fail: AssertionError/);
    const box = await cell.boundingBox();
    await leads(() => page.mouse.click(box.x + 5, box.y + box.height / 2));
    assert.match(page.url(), /\/run\/[-0-9a-f]+\/test\?id=/);
    await page.click("#L4 a");
    assert.match(page.url(), /#L4$/);
    assert.match(await page.$eval("#L4", (line) => line.textContent), /AssertionError/);
  });
  await step("a drag over two columns compares their runs, the earlier one first", async () => {
    await open("grid/main");
    const runs = await page.$$eval(".columns input", (boxes) => boxes.map((box) => box.value));
    const cells = await (await page.$("tbody .cells")).boundingBox();
    const at = (column) => [cells.x + 16 * column + 8, cells.y + cells.height / 2];
    await page.mouse.move(...at(1));
    await page.mouse.down();
    await page.mouse.move(...at(6), { steps: 5 });
    await leads(() => page.mouse.up());
    assert.equal(new URL(page.url()).search, `?run=${runs[6]}&run=${runs[1]}`);
  });
  await step("the keyboard alone goes through the cells and opens one", async () => {
    await open("grid/main");
    const runs = await page.$$eval(".columns input", (boxes) => boxes.map((box) => box.value));
    await page.focus(".tall");
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    await leads(() => page.keyboard.press("Enter"));
    assert(page.url().includes(`/run/${runs[2]}/test?id=`), page.url());
  });
  await step("the question mark shows the help", async () => {
    await open("series/main");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog.help[open] #grid");
    await page.keyboard.press("Escape");
  });
  await step("without script two marked runs are compared", async () => {
    await page.setJavaScriptEnabled(false);
    await open("grid/main");
    const boxes = await page.$$(".columns input");
    await boxes[0].click();
    await boxes[3].click();
    await leads(() => page.click(".compare button"));
    assert.match(page.url(), /\/diff\?run=[-0-9a-f]+&run=/);
    await page.setJavaScriptEnabled(true);
  });
  await open("grid/main?q=status:failing");
  const result = await page.$eval("td .cells a.bad", (link) => link.href);
  const run = await page.$eval(".columns a", (link) => link.href);
  const test = await page.$eval("tbody th a", (link) => link.href);
  for (const [name, path] of Object.entries({ index: "", series: "series/main", grid: "grid/main", run, result, test, help: "help", search: "search?q=a" })) {
    for (const [scheme, width] of [["light", 1300], ["dark", 1300], ["light", 390]]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.setViewport({ width, height: 844 });
      await open(path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) problems.push(`${name}, ${width}: ${wide} pixels too wide`);
      if (folder) await page.screenshot({ path: `${folder}/${name}-${scheme}-${width}.png` });
      // By the protocol of the browser, past the page's policy.
      await page.evaluate(axe);
      const found = await page.evaluate(() => axe.run());
      for (const one of found.violations) problems.push(`${name}, ${scheme}, ${width}: ${one.id}: ${one.nodes[0].html}`);
    }
  }
  assert.deepEqual(problems, []);
  console.log("ok: no findings of axe-core on 8 pages, light, dark and narrow; no errors of scripts");
} finally {
  await browser.close();
  server.kill("SIGTERM");
  assert.equal(await ended, 0);
}
