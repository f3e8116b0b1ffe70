// Takes the pictures in docs/images anew, of what the command built in build/release reports today:
// `node tools/web/pictures.mjs`. The browser is Debian's Chromium, or CHROMIUM.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const folder = mkdtempSync(join(tmpdir(), "spillway-pictures-"));

/** A threshold that fails (99) is a result too. */
function report(name, ...words) {
  const file = join(folder, `${name}.html`);
  try {
    execFileSync(join(root, "build/release/bin/spillway"), [...words, "--report", file, "--quiet"], { cwd: root });
  } catch (error) {
    if (error.status !== 99) throw error;
  }
  return file;
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
});

/** What a reader sees who opens a report, and follows one of its links. */
async function take(picture, file, height, { colorScheme = "light", section } = {}) {
  const page = await browser.newPage({ viewport: { width: 1180, height }, colorScheme });
  await page.goto(pathToFileURL(file).href);
  await page.locator("#cost h3").first().waitFor();
  if (section) await page.locator(`nav a[href="#${section}"]`).click();
  await page.screenshot({ path: join(root, "docs/images", picture) });
  await page.close();
}

const storm = report("run", "run", "scenarios/retry-storm.spillway.yaml");
const pair = ["scenarios/direct.spillway.yaml", "scenarios/buffered.spillway.yaml"];
const compared = report("compare", "compare", ...pair, "--replications", "8");
await take("report-run.png", storm, 1360);
await take("report-compare.png", compared, 1500);
await take("report-compare-dark.png", compared, 1200, { colorScheme: "dark", section: "latency" });
await browser.close();
rmSync(folder, { recursive: true });
