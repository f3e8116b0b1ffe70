// The contract with the simulator: what sim/report/page_data.cpp writes, as types; and where it comes from. Today
// it stands in the page itself; a local server or an engine in the page can feed the same views by another
// DataSource.

/** One value for all buckets, or one a bucket; null: nothing was measured there, which is a gap and not a zero. */
export type Column = number | null | (number | null)[];

export interface Estimate {
  value: number | null;
  ci: [number, number] | null;
}
export type Better = "lower" | "higher" | "none";
export type Change = "none" | "better" | "worse" | "differs" | "unknown";

/** A metric of summary.json: its unit, its good direction, and an estimate for each aggregate. */
export type Metric = { unit: string; better: Better } & Record<string, Estimate>;
export type Metrics = Record<string, Metric>;

export interface Threshold {
  subject: string;
  metric: string;
  expression: string;
  verdict: "pass" | "fail" | "inconclusive";
  observed: number | null;
  ci: [number, number] | null;
  more_replications_needed: number;
  source: string;
}

export interface Durations {
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}
/** A state of a state machine: how often it was entered, and how that ended. */
export interface State {
  name: string;
  type: string;
  entered: number;
  succeeded: number;
  caught: number;
  failed: number;
  retried: number;
  timed_out: number;
  duration_ms: Durations | null;
  effects_left?: number;
}
/** What a resource says of itself beside its metrics; the rest are a state machine's. */
export interface Details {
  recursive_invocations_dropped?: number;
  executions?: { succeeded: number; failed: number; timed_out: number; redriven: number; duration_ms: Durations | null };
  states?: State[];
  slowest_paths?: { states: string[]; executions: number; duration_ms: Durations | null }[];
  graph?: { start: string; edges: { from: string; to: string; by: string }[] };
}

export interface Summary {
  spillway: string;
  verdict: "pass" | "fail" | "inconclusive";
  horizon_s: number;
  warm_up_s: number;
  drain_s: number;
  quantile_error: number;
  replications: { seed: number; events: number; stopped_early: boolean }[];
  thresholds: Threshold[];
  journeys: Metrics;
  resources: Record<string, { type?: string; metrics: Metrics; details?: Details }>;
  edges: Record<string, Metrics>;
  /** Attempts beyond the first, by the layer that made them. */
  retries?: Record<string, Estimate>;
}

export interface KeyFigure extends Estimate {
  id: string;
  title: string;
  unit: string;
  share: boolean;
  better: Better;
  text: string;
  half_text?: string;
}

export interface SettingRow {
  name: string;
  value: string;
  default?: boolean;
  place?: string;
  help?: string;
  source?: string;
}
export interface Node {
  name: string;
  type: string;
  kind: "client" | "poller" | "resource";
  settings?: SettingRow[];
}
export interface Call {
  id: string;
  from: string;
  to: string;
  operation: string;
}
export interface Link {
  kind: "polls" | "redrive";
  from: string;
  to: string;
}

export interface Series {
  seed: number;
  buckets: number;
  width_s: number;
  end_s: number;
  warm_up_s: number;
  journeys: Record<"arrivals" | "succeeded" | "failed" | "p50" | "p99", Column>;
  resources: Record<string, Record<string, Column>>;
  cost_per_hour: Record<string, Column>;
}

export interface Distribution {
  count: number;
  mean: number;
  max: number;
  histogram: [number, number, number][];
  quantiles: [number, number][];
}
export interface Band {
  from: number;
  to: number;
  journeys: number;
  mean_s: number;
  service_s: number;
  queued_s: number;
  cold_start_s: number;
  backoff_s: number;
}
/** The two latencies of a journey: until its client was answered, and until its last branch ended. */
export type Latency = "response" | "completion";

export interface Hop {
  edge: number;
  attempt: number;
  /** The layer that caused it, when it does again what has reached its callee before. */
  repeated_by?: string;
  outcome: string;
  start_s: number;
  took_s: number;
}
export interface Journey {
  client: string;
  number: number;
  born_s: number;
  response_s: number | null;
  total_s: number;
  ending: string;
  queued_s: number;
  cold_start_s: number;
  backoff_s: number;
  hops: Hop[];
  more_hops: number;
}

/** By the layer that tried again; those that cost nothing are absent. */
export type ByLayer<Amount> = Record<string, Amount>;

export interface BillLine {
  resource: string;
  service: string;
  line: string;
  unit: string;
  quantity: string;
  month: number;
  by_retries: number;
  by_layer?: ByLayer<number>;
}
export interface Bill {
  month: string;
  by_retries: string;
  /** Exact, as in summary.json. */
  by_layer?: ByLayer<string>;
  lines: BillLine[];
}

export interface Candidate {
  id: string;
  name: string;
  path: string;
  description: string;
  summary: Summary;
  key_figures: KeyFigure[];
  bottleneck: { resource: string; cause: string; since_s: number | null; sentence: string };
  topology: { nodes: Node[]; calls: Call[]; links: Link[] };
  series: Series;
  faults: { resource: string; from_s: number; to_s: number }[];
  distributions: Record<Latency, Distribution | null>;
  bands: Record<Latency, Band[]>;
  slowest: { followed: number; ended: number; journeys: Journey[] };
  bills: { currency: string; region: string; price_date: string; free_tier: boolean; list?: Bill; with_free_tier?: Bill };
}

export interface Paired {
  difference: number | null;
  ci: [number, number] | null;
  pairs: number;
  change: Change;
}
/** A metric that both have. */
export interface Compared extends Paired {
  metric: string;
  aggregate: string;
  unit: string;
}
export interface Contrast {
  same_traffic: boolean;
  sentence: string;
  topology: { change: "added" | "removed" | "changed"; path: string; before: string; after: string }[];
  differences: (Compared & { subject: string; better: Better; base: Estimate; candidate: Estimate })[];
  key_figures: (Paired & { id: string; text?: string; half_text?: string })[];
  resources: (Compared & { resource: string; base: number | null; candidate: number | null })[];
}

export interface PageData {
  format_version: string;
  spillway: string;
  kind: "run" | "compare";
  candidates: Candidate[];
  contrasts: Contrast[];
}

export interface DataSource {
  load(): Promise<PageData>;
  /** Calls back with newer data as long as the source has any; returns how to stop it. */
  follow?(changed: (data: PageData) => void): () => void;
}

/** The data that stands in the page itself. */
export class EmbeddedData implements DataSource {
  async load(): Promise<PageData> {
    const text = document.getElementById("spillway-data")?.textContent ?? "null";
    const data = JSON.parse(text) as PageData | null;
    if (data === null) throw new Error("This page holds no results: spillway run … --report FILE.html writes one that does.");
    if (!data.format_version.startsWith("1.")) throw new Error(`This page reads format 1, not ${data.format_version}.`);
    return data;
  }
}
