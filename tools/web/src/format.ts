// Figures as people read them, as sim/report/figures.cpp prints them: three significant digits and a unit.

export const dash = "–";

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return dash;
  const size = Math.abs(seconds);
  if (size === 0) return "0s";
  const units: [number, number, string][] = [
    [86400, 86400, "d"], [3600, 3600, "h"], [60, 60, "min"], [0.9995, 1, "s"], [0.9995e-3, 1e-3, "ms"], [0, 1e-6, "us"],
  ];
  const [, unit, name] = units.find(([from]) => size >= from)!;
  return threeDigits(seconds / unit) + name;
}

/** A moment of the run on an axis: "2h", "1h 30min". */
export function moment(seconds: number): string {
  if (seconds === 0) return "0";
  if (Math.abs(seconds) < 1) return `${+(seconds * 1000).toPrecision(3)}ms`;
  const parts: string[] = [];
  let rest = Math.round(seconds * 1000) / 1000;
  for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "min"]] as const) {
    const whole = Math.floor(rest / size);
    if (whole > 0) parts.push(`${whole}${name}`);
    rest -= whole * size;
  }
  if (rest > 0 && parts.length < 2) parts.push(`${+rest.toFixed(3)}s`);
  return parts.slice(0, 2).join(" ");
}

/** A half goes to the even number, as the command's figures do; a browser before 2023 rounds it away from zero. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return dash;
  if (Number.isInteger(value) || Math.abs(value) >= 999.5)
    return value.toLocaleString("en-US", { maximumFractionDigits: 0, roundingMode: "halfEven" });
  return Math.abs(value) < 0.01 ? value.toPrecision(2) : threeDigits(value);
}

export function share(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return dash;
  const percent = value * 100;
  if (percent === 0 || percent === 100) return `${percent}%`;
  const rest = Math.min(Math.abs(percent), Math.abs(100 - percent));
  return `${percent.toFixed(rest >= 10 ? 1 : rest >= 0.1 ? 2 : 4)}%`;
}

export function money(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return dash;
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return value < 0 ? `-$${text}` : `$${text}`;
}

/** An amount that is there, however small: what rounds to nothing is no nothing. */
export const someMoney = (value: number | null | undefined) => (value && Math.abs(value) < 0.005 ? "< $0.01" : money(value));

const shares = (metric: string) => metric.endsWith("_rate") || metric === "utilisation" || metric === "circuit_open";

export function figure(value: number | null | undefined, unit: string, metric = ""): string {
  if (unit === "s") return duration(value);
  if (unit === "usd") return money(value);
  return shares(metric) ? share(value) : count(value);
}

export const signed = (text: string, value: number | null) => (value !== null && value > 0 ? `+${text}` : text);

const typeNames: Record<string, string> = {
  "aws.lambda.function": "Function",
  "aws.sqs.queue": "Queue",
  "aws.dynamodb.table": "Table",
  "aws.apigateway.http": "HTTP API",
  "aws.apigateway.rest": "REST API",
  "aws.apigateway.websocket": "WebSocket API",
  "aws.elb.application": "Load balancer",
  "aws.stepfunctions.state_machine": "State machine",
  "http.endpoint": "Endpoint",
};
export const kindName = (node: { kind: string; type: string }) =>
  node.kind === "client" ? "Client" : node.kind === "poller" ? "Event source" : (typeNames[node.type] ?? node.type);

export const changeWords: Record<string, string> = {
  better: "better", worse: "worse", none: "no difference", differs: "differs", unknown: "needs more replications",
};
