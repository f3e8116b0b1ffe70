// What stands behind every chart: the same figures as a table, and as CSV for the clipboard.

export type Cell = string | number | null;
export interface TableData {
  columns: string[];
  rows: Cell[][];
}

const quoted = (cell: Cell) => {
  const text = cell === null ? "" : String(cell);
  // A spreadsheet takes a cell that begins so as a formula.
  const safe = typeof cell === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const csv = (table: TableData) =>
  [table.columns, ...table.rows].map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
