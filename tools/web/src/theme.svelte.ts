// Light or dark: as the system says, unless the reader chose; on paper always light. Charts read their colours from
// the style sheet, and draw again when `theme.version` moves.

type Choice = "auto" | "light" | "dark";
export const theme = $state({ choice: "auto" as Choice, version: 0 });

export function applyTheme(choice: Choice = theme.choice) {
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  theme.version += 1;
}

export function nextTheme() {
  theme.choice = theme.choice === "auto" ? "dark" : theme.choice === "dark" ? "light" : "auto";
  applyTheme();
}

export function watchTheme() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => applyTheme());
  addEventListener("beforeprint", () => applyTheme("light"));
  addEventListener("afterprint", () => applyTheme());
}

export const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
/** The colour of the n-th line of a chart; the palette tells its members apart for colour-blind readers too. */
export const lineColour = (n: number) => colour(`line-${(n % 8) + 1}`);
