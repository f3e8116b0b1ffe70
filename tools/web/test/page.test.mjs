// The page in a real browser: every scenario's page opens from the disk without a word on the console and without a
// request to anywhere, shows the figures of summary.json, and is usable by keyboard, on a phone, in the dark and on
// paper. SPILLWAY names the command; the browser is Debian's Chromium, or CHROMIUM.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");
const command = process.env.SPILLWAY ?? join(root, "build/release/bin/spillway");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const scenarios = readdirSync(join(root, "scenarios")).filter((name) => name.endsWith(".spillway.yaml")).sort();

/** Several layers try again at a price, and calls have circuit breakers and hedging. */
const resilience = "tests/report/resilience.spillway.yaml";

let browser;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "spillway-page-"));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
  });
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** Runs the command; a threshold that fails (99) is a result too. Returns what it printed. */
function spillway(...words) {
  try {
    return execFileSync(command, words, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (error.status === 99) return error.stdout;
    throw error;
  }
}

const made = new Map();
/** The result folder of a run; each scenario runs once. */
function results(scenario) {
  if (!made.has(scenario)) {
    const out = join(folder, String(made.size));
    spillway("run", scenario, "-o", out, "--progress", "none", "--quiet");
    made.set(scenario, out);
  }
  return made.get(scenario);
}
function comparison() {
  if (!made.has("compare")) {
    const out = join(folder, "compare");
    const pair = ["scenarios/direct.spillway.yaml", "scenarios/buffered.spillway.yaml"];
    spillway("compare", ...pair, "--replications", "3", "-o", out, "--progress", "none", "--quiet");
    made.set("compare", out);
  }
  return made.get("compare");
}
const reportOf = (out) => join(out, "report.html");

/** Opens a page; `said` collects what a good page never does. */
async function open(file, { width = 1280, height = 900, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => (said.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => /^(file|data):/.test(request.url()) || said.push(`request: ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  await page.locator("#cost h3").first().waitFor();
  return { page, said, close: () => context.close() };
}

/** What breaks the rules of accessibility, a line each. */
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document);
    return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
  });
}

/** "1.20h" as 4320, within 18 (half of its last digit): a figure, read without the page's own code. */
function figure(text) {
  if (text === "-" || text === "never") return { value: null, within: 0 };
  const [, sign, digits, unit] = /^([+-]?)\$?([\d,.]+)(us|ms|min|s|h|d|%)?$/.exec(text.trim()) ?? assert.fail(`no figure: ${text}`);
  const scale = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86400, "%": 0.01 }[unit] ?? 1;
  const last = 10 ** -(digits.split(".")[1] ?? "").length * scale;
  return { value: (sign === "-" ? -1 : 1) * Number(digits.replaceAll(",", "")) * scale, within: 0.5001 * last };
}
const parsed = (text) => figure(text).value;
const shows = (text, value) => Math.abs(figure(text).value - value) <= figure(text).within;

for (const scenario of scenarios) {
  test(`${scenario}: opens from disk in silence and shows the figures of summary.json`, async () => {
    const out = results(`scenarios/${scenario}`);
    const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
    const { page, said, close } = await open(reportOf(out));
    const shown = Object.fromEntries(
      await page.locator(".card").evaluateAll((cards) =>
        cards.map((card) => [card.querySelector(".label").textContent, card.querySelector(".big").textContent]),
      ),
    );
    const { journeys } = summary;
    const peaks = Object.values(summary.resources).map((one) => one.metrics.backlog?.max.value ?? 0);
    const expected = {
      "Response p50": journeys.response["p(50)"].value,
      "Response p99": journeys.response["p(99)"].value,
      "Completion p99": journeys.latency["p(99)"].value,
      Success: journeys.success_rate.value.value,
      "Journeys lost": journeys.lost.value.value,
      "Retry amplification": journeys.retry_amplification.value.value,
      "Cost a month": journeys.cost.value.value,
      Duplicates: Object.values(summary.resources).reduce((sum, one) => sum + one.metrics.duplicates.value.value, 0),
    };
    if (Math.max(...peaks) > 0) {
      expected["Backlog peak"] = Math.max(...peaks);
      const deepest = Object.values(summary.resources)[peaks.indexOf(Math.max(...peaks))];
      expected["Time to drain"] = deepest.metrics.drain_time.value.value;
    }
    for (const [title, value] of Object.entries(expected)) {
      assert.ok(shows(shown[title], value), `${title}: the page shows ${shown[title]}, summary.json has ${value}`);
    }
    const verdicts = await page.locator(".thresholds li").evaluateAll((rows) => rows.map((row) => row.className.split(" ")[0]));
    // Where a scenario has no thresholds, one line says so.
    assert.deepEqual(verdicts, summary.thresholds.length ? summary.thresholds.map((row) => row.verdict) : ["none"]);
    assert.equal(await page.locator(".bottleneck").textContent(), `Bottleneck ${summary.bottleneck}`);
    const total = await page.locator(".bar-name b").first().textContent();
    assert.ok(shows(total, Number(summary.cost.month)), total);
    assert.deepEqual(said, []);
    await close();
  });
}

for (const colorScheme of ["light", "dark"]) {
  for (const kind of ["run", "compare"]) {
    test(`axe finds nothing in the ${kind} page, ${colorScheme}, nor in an open resource`, async () => {
      const file = reportOf(kind === "run" ? results("scenarios/retry-storm.spillway.yaml") : comparison());
      const { page, said, close } = await open(file, { colorScheme });
      assert.deepEqual(await violations(page), []);
      await page.locator("summary").first().click();
      await page.getByRole("button", { name: /^(payments|worker),/ }).first().click();
      await page.locator("dialog[open] .settings li").first().waitFor();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(said, []);
      await close();
    });
  }
}

test("nothing overflows at 390 px, in run, compare and an open resource", async () => {
  for (const out of [...scenarios.map((name) => results(`scenarios/${name}`)), comparison(), results("tests/report/names.spillway.yaml")]) {
    const { page, close } = await open(reportOf(out), { width: 390, height: 844 });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok((await width()) <= 390, `${out}: ${await width()} px`);
    await page.locator(".box").last().click();
    const inside = await page.locator("dialog[open]").evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
    assert.ok(inside[0] <= inside[1] && (await width()) <= 390, `${out}: dialog ${inside}`);
    await close();
  }
});

test("names that hold markup and quotes are shown as text", async () => {
  const out = results("tests/report/names.spillway.yaml");
  const { page, said, close } = await open(reportOf(out));
  const name = `</script><script>document.title = 'broken'</script> & "quotes" 'n all`;
  assert.equal(await page.locator("h1").textContent(), name);
  assert.equal(await page.title(), `${name} – Spillway`);
  assert.equal(await page.locator(".description").textContent(), "<img src=x onerror=alert(1)> <!-- ");
  assert.equal(await page.locator("img").count(), 0);
  await page.getByRole("button", { name: /^wörker <\/script>, Function/ }).click();
  assert.equal(await page.locator("#resource-title").textContent(), "wörker </script>");
  assert.deepEqual(said, []);
  await close();
});

test("the policy lets no other script run", async () => {
  const { page, close } = await open(reportOf(results("scenarios/direct.spillway.yaml")));
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.intruder = true";
    document.body.append(script);
    const loaded = await fetch("data:text/plain,x").then(() => true, () => false);
    return [globalThis.intruder === true, loaded];
  });
  assert.deepEqual(ran, [false, false]);
  await close();
});

test("a resource opens and closes by keyboard, with its settings and where they come from", async () => {
  const { page, close } = await open(reportOf(results("scenarios/direct.spillway.yaml")));
  const box = page.getByRole("button", { name: /^worker, Function/ });
  await box.focus();
  await page.keyboard.press("Enter");
  const memory = page.locator("dialog[open] .settings li", { hasText: /^memory/ });
  assert.match(await memory.textContent(), /512MiB.*direct\.spillway\.yaml:\d+:\d+/s);
  const account = page.locator("dialog[open] .settings li", { hasText: /^account_concurrency/ });
  assert.match(await account.textContent(), /1000.*default: Lambda Developer Guide/s);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await close();
});

test("a table stands behind every chart, and where nothing was measured its cell is empty", async () => {
  const { page, close } = await open(reportOf(results("scenarios/reserved-concurrency.spillway.yaml")));
  assert.equal(await page.locator(".chart").count(), await page.locator("figure:has(.chart) details").count());
  const latency = page.getByRole("figure", { name: "Latency", exact: true });
  await latency.locator("summary").click();
  const cells = await latency.locator("details tbody tr").evaluateAll((rows) => rows.map((row) => row.cells[1].textContent));
  assert.ok(cells.length > 100);
  assert.notEqual(cells[0], "");
  assert.ok(cells.slice(1).every((cell) => cell === ""), "25 messages were answered in the first bucket and none later");
  await close();
});

test("a chart copies as CSV, one row a bucket", async () => {
  const out = results("scenarios/direct.spillway.yaml");
  const { page, close } = await open(reportOf(out));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy CSV of Traffic" }).click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const rows = text.trim().split(/\r?\n/);
  const data = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
  assert.equal(rows[0], "t s,journeys 1/s");
  assert.equal(rows.length, 1 + data.candidates[0].series.buckets);
  await close();
});

test("the free tier makes the bill smaller, and completion is told from response", async () => {
  const { page, close } = await open(reportOf(results("scenarios/buffered.spillway.yaml")));
  const month = async () => parsed(await page.locator(".bar-name b").first().textContent());
  const list = await month();
  await page.getByLabel("with the free tier").check();
  assert.ok((await month()) < list);
  const p99 = async () => parsed(await page.locator("#latency table.small td").nth(2).textContent());
  const response = await p99();
  await page.getByRole("radio", { name: /^completion/ }).check();
  assert.ok((await p99()) > 5 * response, "a queue answers long before its work is done");
  await close();
});

test("a comparison shows each paired difference with its interval, and says it in a sentence", async () => {
  const out = comparison();
  const { comparisons } = JSON.parse(readFileSync(join(out, "comparison.json"), "utf8"));
  const { page, close } = await open(reportOf(out));
  const rows = await page.getByRole("region", { name: "Differences of the journeys" }).locator("tbody tr").evaluateAll((all) =>
    all.map((row) => [row.cells[3].textContent, row.cells[4].className]),
  );
  assert.equal(rows.length, comparisons[0].differences.length);
  comparisons[0].differences.forEach((row, i) => {
    assert.ok(shows(rows[i][0].split(" ±")[0], row.difference), `${row.metric}: ${rows[i][0]} for ${row.difference}`);
    assert.ok(rows[i][1].includes(row.change), rows[i][1]);
  });
  assert.match(await page.locator("blockquote p").textContent(), /^orders, buffered by a queue: better in response p50/);
  assert.equal(await page.locator("svg.scatter circle").count(), 2);
  await close();
});

/** The rows of a table's body, as the texts of their cells. */
const rowsOf = (page, region) =>
  page.getByRole("region", { name: region, exact: true }).locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.textContent.replace(/\s+/g, " ").trim())),
  );
const summaryOf = (out) => JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));

test("a difference of half a journey is rounded as the command rounds it", async () => {
  const out = join(folder, "halves");
  const pair = ["scenarios/retry-storm.spillway.yaml", "scenarios/retry-storm-circuit-breaker.spillway.yaml"];
  spillway("compare", ...pair, "--replications", "2", "--seed", "7", "--set", "horizon=10m", "-o", out, "--progress", "none", "--quiet");
  const [contrast] = JSON.parse(readFileSync(join(out, "report.json"), "utf8")).contrasts;
  const lost = contrast.differences.findIndex((row) => row.metric === "lost");
  assert.ok(contrast.differences[lost].difference < -1000 && contrast.differences[lost].difference % 2 === -1.5, "rounds to an even number");
  const { page, close } = await open(reportOf(out));
  const shown = (await rowsOf(page, "Differences of the journeys"))[lost][3].split(" ±")[0];
  assert.equal(shown, contrast.key_figures.find((row) => row.id === "lost").text);
  await close();
});

test("the bill stands line by line below the sum of its service", async () => {
  const out = results("scenarios/direct.spillway.yaml");
  const { lines } = summaryOf(out).cost;
  const { page, close } = await open(reportOf(out));
  const rows = await rowsOf(page, "The bill, line by line");
  const amount = (all, key) => all.reduce((sum, line) => sum + Number(line[key]), 0);
  let next = 0;
  for (const service of new Set(lines.map((line) => line.service))) {
    const own = lines.filter((line) => line.service === service);
    const [name, month, quantity, byRetries] = rows[next++];
    assert.deepEqual([name, quantity], [service, ""]);
    assert.ok(shows(month, amount(own, "month")) && shows(byRetries, amount(own, "month_by_retries")), `${service}: ${month}, ${byRetries}`);
    for (const line of own) {
      const [title, resource, ofIt, used, again] = rows[next++];
      assert.deepEqual([title, resource], [line.line, line.resource]);
      assert.ok(shows(ofIt, Number(line.month)) && shows(again, Number(line.month_by_retries)), `${title}: ${ofIt}, ${again}`);
      assert.ok(used.endsWith(` ${line.unit}`) && Math.abs(parsed(used.slice(0, -line.unit.length)) - line.month_quantity) <= 0.051, used);
    }
  }
  assert.equal(rows.length, next);
  await close();
});

test("what each layer's retries cost stands below the bill, whole and line by line", async () => {
  const out = results(resilience);
  const { cost, retries } = summaryOf(out);
  const { page, said, close } = await open(reportOf(out));
  const layers = await rowsOf(page, "What retries cost, layer by layer");
  assert.deepEqual(layers.map(([name]) => name), Object.keys(cost.month_by_retry_layer), "from the client inwards");
  for (const [name, again, month, part] of layers) {
    const exact = Number(cost.month_by_retry_layer[name]);
    assert.ok(shows(again, retries[name].value), `${name}: ${again} for ${retries[name].value}`);
    assert.ok(shows(month, exact), `${name}: ${month} for ${exact}`);
    assert.ok(shows(part, exact / Number(cost.month)), `${name}: ${part} of the bill`);
  }
  assert.match(await page.locator("#cost ul.layers li").first().textContent(), /client who sends the traffic/);
  const lines = await rowsOf(page, "What retries cost, line by line");
  const expected = cost.lines.filter((line) => Number(line.month_by_retries) > 0);
  assert.deepEqual(lines.map(([name]) => name), expected.map((line) => `${line.line} ${line.resource}`));
  expected.forEach((line, i) => {
    layers.forEach(([name], l) => {
      const [shown, exact] = [lines[i][1 + l], line.month_by_retry_layer[name]];
      assert.ok(exact === undefined ? shown === "–" : shows(shown, Number(exact)), `${line.line}, ${name}: ${shown} for ${exact}`);
    });
    assert.ok(shows(lines[i].at(-1), Number(line.month_by_retries) / Number(line.month)), `${line.line}: ${lines[i].at(-1)} of it`);
  });
  const list = parsed(layers[0][2]);
  await page.getByLabel("with the free tier").check();
  assert.ok(parsed((await rowsOf(page, "What retries cost, layer by layer"))[0][2]) < list);
  assert.deepEqual(said, []);
  await close();
});

test("a comparison shows what retries cost each candidate", async () => {
  const out = comparison();
  const { page, close } = await open(reportOf(out));
  const names = ["orders, taken directly", "orders, buffered by a queue"];
  const layers = await rowsOf(page, "What retries cost, layer by layer");
  assert.deepEqual(layers.map(([name]) => name), [names[0], "client", names[1], "client"]);
  const { candidates } = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
  const exact = Number(candidates[0].summary.cost.month_by_retry_layer.client);
  assert.ok(exact > 0 && shows(layers[1][2], exact), `${layers[1][2]} for ${exact}`);
  assert.equal(layers[3][2], "$0.00");
  const lines = await rowsOf(page, "What retries cost, line by line");
  assert.deepEqual(lines.at(-2), [names[1]]);
  assert.deepEqual(lines.at(-1), ["None of it is by retries."]);
  await close();
});

test("the hops of the slowest journeys name the layer that repeated them", async () => {
  const out = results(resilience);
  const { page, close } = await open(reportOf(out));
  const { journeys } = JSON.parse(readFileSync(join(out, "report.json"), "utf8")).candidates[0].slowest;
  const by = { client: "the client", SDK: "the SDK", redelivery: "redelivery", hedging: "hedging" };
  const seen = new Set();
  for (const [i, journey] of journeys.entries()) {
    await page.locator("label.pick", { hasText: "Journey" }).locator("select").selectOption({ index: i });
    const names = await page.getByLabel("Slowest journeys, hop by hop").locator(".hop-name").allTextContents();
    journey.hops.forEach((hop, h) => {
      const attempt = hop.attempt > 1 ? `attempt ${hop.attempt}` : "";
      const said = hop.repeated_by ? `${attempt || "again"} by ${by[hop.repeated_by]}` : attempt;
      assert.equal(names[h].split(", ")[1] ?? "", said);
      seen.add(hop.repeated_by);
    });
  }
  assert.ok(seen.size > 1, "some hop was repeated");
  await close();
});

test("what circuit breakers held back and what hedging won stand by call, on the map, and in their resources", async () => {
  const out = results(resilience);
  const summary = summaryOf(out);
  const { page, said, close } = await open(reportOf(out));
  const of = (edge) => (metric) => summary.edges[edge][metric].value.value;
  const [breaker, hedge] = [of("orders>stock <b>"), of("readers>stock <b>")];
  const seconds = breaker("circuit_open") * summary.horizon_s;
  const kept = breaker("short_circuited") / (breaker("short_circuited") + breaker("attempts"));
  const more = hedge("hedges") / (hedge("attempts") - hedge("hedges"));
  const expected = {
    "Circuit breakers, call by call": [
      "orders → stock <b>", [breaker("circuits_opened")], [breaker("circuits_closed")], [breaker("circuit_open"), seconds],
      [breaker("short_circuited"), kept],
    ],
    "Hedging, call by call": ["readers → stock <b>", [hedge("hedges")], [more], [hedge("hedges_won"), hedge("hedges_won") / hedge("hedges")]],
  };
  const check = async (where) => {
    for (const [region, [name, ...figures]] of Object.entries(expected)) {
      const rows = await rowsOf(where, region);
      assert.equal(rows.length, 1);
      assert.equal(rows[0][0], name);
      figures.forEach((values, i) =>
        rows[0][i + 1].split(" ").forEach((text, v) => assert.ok(shows(text, values[v]), `${region}: ${text} for ${values[v]}`)),
      );
    }
  };
  await check(page.locator("#resilience"));
  assert.equal(await page.locator("nav a", { hasText: "Resilience" }).count(), 1);
  const words = (await page.locator(".edge-words").allTextContents()).filter((text) => /open|hedged/.test(text)).sort();
  assert.deepEqual(words.map((text) => text.split(" ")[0]), ["hedged", "open"]);
  assert.ok(shows(words[0].split(" ")[1], more) && shows(words[1].split(" ")[1], breaker("circuit_open")), `${words}`);
  await page.getByRole("button", { name: "stock <b>, Function" }).click();
  await check(page.locator("dialog[open]"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "worker, Function" }).click();
  await page.locator("dialog[open] .settings li").first().waitFor();
  assert.equal(await page.locator("dialog[open]").getByRole("region", { name: "call by call" }).count(), 0, "it guards nothing");
  assert.deepEqual(said, []);
  await close();
});

test("a page without retries that cost anything and without guards says nothing of them", async () => {
  const { page, close } = await open(reportOf(results("scenarios/pipeline.spillway.yaml")));
  assert.deepEqual(await page.locator("nav a").allTextContents(), ["Verdict", "Topology", "Time lines", "Latency", "Cost"]);
  assert.equal(await page.locator("#resilience").count(), 0);
  assert.deepEqual(await page.locator("#cost h3").allTextContents(), ["Bill"]);
  assert.equal(await page.locator(".legend", { hasText: /circuit|hedged/ }).count(), 0);
  await close();
});

test("a function that its own topology leads back to says how many invocations were dropped for it, and no other does", async () => {
  const outcomesOf = async (out, name) => {
    const { page, close } = await open(reportOf(out));
    await page.getByRole("button", { name }).click();
    const outcomes = await page.locator("dialog[open] .outcomes > span").allTextContents();
    await close();
    return outcomes.map((text) => text.replace(/\s+/g, " ").trim());
  };
  const out = results("scenarios/recursive-loop.spillway.yaml");
  const dropped = summaryOf(out).resources.resize.details.recursive_invocations_dropped;
  assert.ok(dropped > 0);
  const last = /^dropped as recursive (\S+)$/.exec((await outcomesOf(out, "resize, Function")).at(-1));
  assert.ok(shows(last[1], dropped), `${last[1]} for ${dropped}`);
  assert.match((await outcomesOf(results("scenarios/direct.spillway.yaml"), "worker, Function")).at(-1), /^timed out /);
});

test("a state machine opens with its states and its slowest ways", async () => {
  const out = results("scenarios/order-saga.spillway.yaml");
  const { details } = summaryOf(out).resources.orders;
  const { page, said, close } = await open(reportOf(out));
  await page.getByRole("button", { name: "orders, State machine" }).click();
  const states = await rowsOf(page, "States, one by one");
  assert.equal(states.length, details.states.length);
  details.states.forEach((state, i) => {
    assert.equal(states[i][0], `${state.name} ${state.type}`);
    const counts = [state.entered, state.retried, state.caught, state.failed, state.timed_out, state.effects_left ?? 0];
    assert.deepEqual(states[i].slice(1, -1).map((text) => (text === "–" ? 0 : parsed(text))), counts, state.name);
    assert.ok(shows(states[i].at(-1), state.duration_ms.mean / 1000), `${state.name}: ${states[i].at(-1)}`);
  });
  const graph = page.getByRole("region", { name: "The states as a graph" });
  assert.deepEqual(await graph.locator(".box title").allTextContents(), details.states.map((state) => state.name));
  const drawn = (catches) => new Set(details.graph.edges.filter((edge) => (edge.by === "catch") === catches).map((edge) => `${edge.from}>${edge.to}`)).size;
  assert.equal(await graph.locator("path.edge:not(.soft)").count(), drawn(false));
  assert.equal(await graph.locator("path.edge.soft").count(), drawn(true));
  const ways = await rowsOf(page, "Slowest ways, one by one");
  details.slowest_paths.forEach((way, i) => {
    assert.equal(ways[i][0], way.states.join(" → "));
    assert.equal(parsed(ways[i][1]), way.executions);
    assert.ok(shows(ways[i][2], way.duration_ms.mean / 1000), ways[i][2]);
  });
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(said, []);
  await close();
});

test("retries, guards and states are usable at 390 px, in the dark, and without a finding of axe", async () => {
  for (const [scenario, resource] of [[resilience, "stock <b>, Function"], ["scenarios/order-saga.spillway.yaml", "orders, State machine"]]) {
    const { page, said, close } = await open(reportOf(results(scenario)), { width: 390, height: 844, colorScheme: "dark" });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok((await width()) <= 390, `${scenario}: ${await width()} px`);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: resource }).press("Enter");
    const inside = await page.locator("dialog[open]").evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
    assert.ok(inside[0] <= inside[1], `${scenario}: dialog ${inside}`);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(said, []);
    await close();
  }
});

test("it prints: a PDF has its pages, and charts are drawn in light colours", async () => {
  const { page, said, close } = await open(reportOf(results("scenarios/direct.spillway.yaml")), { colorScheme: "dark" });
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 50_000 && pdf.subarray(0, 5).toString() === "%PDF-");
  assert.deepEqual(said, []);
  await close();
});

test("a result folder renders again, byte for byte, and as Markdown and CSV", async () => {
  const out = results("scenarios/direct.spillway.yaml");
  const first = readFileSync(reportOf(out), "utf8");
  rmSync(reportOf(out));
  spillway("report", out);
  assert.equal(readFileSync(reportOf(out), "utf8"), first);
  assert.match(spillway("report", out, "-o", "markdown"), /^### Spillway: orders, taken directly\n/);
  assert.equal(spillway("report", out, "-o", "csv").split("\n")[0].split(",")[1], "figure");
  assert.equal(JSON.parse(spillway("report", out, "-o", "json")).kind, "run");
});

test("what cannot be reported is refused before anything is run or written", () => {
  const status = (...words) => {
    try {
      spillway(...words);
      return 0;
    } catch (error) {
      assert.equal(error.stderr.trim().split("\n").length, 1, error.stderr);
      return error.status;
    }
  };
  const missing = join(folder, "no-such-folder", "page.html");
  assert.equal(status("run", "scenarios/direct.spillway.yaml", "--report", missing), 2);
  assert.equal(status("run", "scenarios/direct.spillway.yaml", "--report", folder), 2);
  assert.equal(status("report", join(folder, "no-such-folder")), 2);
  const broken = mkdtempSync(join(folder, "broken-"));
  writeFileSync(join(broken, "report.json"), "{\"candidates\": [");
  assert.equal(status("report", broken), 2);
  assert.deepEqual(readdirSync(broken), ["report.json"]);
});

/** A day through twenty resources, in about a thousand buckets. */
function twenty() {
  const lines = ["spillway: 1", "name: twenty resources", "horizon: 24h", "interval: 90s", "resources:"];
  for (let i = 0; i < 5; i++) {
    lines.push(`  api${i}: { type: aws.apigateway.http, routes: { "GET /": { call: front${i} } } }`);
    lines.push(`  front${i}: { type: aws.lambda.function, timeout: 10s, program: [ { compute: { exponential: 80ms } }, { call: queue${i} } ] }`);
    lines.push(`  queue${i}: { type: aws.sqs.queue, visibility_timeout: 60s }`);
    lines.push(`  back${i}: { type: aws.lambda.function, timeout: 10s, event_sources: [ { from: queue${i}, batch_size: 1 } ], program: [ { compute: { exponential: 200ms } } ] }`);
  }
  lines.push("traffic:");
  for (let i = 0; i < 5; i++) lines.push(`  users${i}: { to: api${i}, route: "GET /", arrivals: { poisson: 0.7/s }, timeout: 10s }`);
  const file = join(folder, "twenty.spillway.yaml");
  writeFileSync(file, lines.join("\n") + "\n");
  return file;
}

test("the page is at most 100 kB compressed, a day of twenty resources under 3 MB, its first view within a second", async (t) => {
  const html = readFileSync(reportOf(results("scenarios/direct.spillway.yaml")), "utf8");
  const shell = html.replace(/(id="spillway-data">).*?(<\/script>)/s, "$1null$2");
  const compressed = gzipSync(shell, { level: 9 }).length;
  const out = results(twenty());
  const size = statSync(reportOf(out)).size;
  const data = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
  assert.ok(data.candidates[0].series.buckets >= 900);
  assert.ok(data.candidates[0].topology.nodes.filter((node) => node.kind === "resource").length === 20);
  // The best of three: what else the machine does is not the page's.
  const paints = [];
  for (let i = 0; i < 3; ++i) {
    const { page, said, close } = await open(reportOf(out));
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
    assert.deepEqual(said, []);
    await close();
  }
  const paint = Math.min(...paints);
  t.diagnostic(`shell ${compressed} bytes compressed; a day of twenty resources ${size} bytes; first view ${Math.round(paint)} ms`);
  assert.ok(compressed <= 100_000, `${compressed} bytes`);
  assert.ok(size < 3_000_000, `${size} bytes`);
  assert.ok(paint <= 1000, `${paint} ms`);
});
