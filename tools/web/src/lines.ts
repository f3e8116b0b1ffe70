// Lines of the time charts, made from the columns of the data.

import type { Candidate, Column } from "./data";

export interface Line {
  label: string;
  values: (number | null)[];
  colour: number;
  dashed?: boolean;
  fill?: boolean;
}
export interface Mark {
  from: number;
  to: number;
  label: string;
  kind: "fault" | "warm-up" | "saturated";
}

export function expand(column: Column | undefined, buckets: number): (number | null)[] {
  if (Array.isArray(column)) return column;
  return new Array(buckets).fill(column ?? null);
}

export const times = (candidate: Candidate) =>
  Array.from({ length: candidate.series.buckets }, (_, i) => i * candidate.series.width_s);

/** Seconds in each bucket: the last may be shorter. */
const widths = (candidate: Candidate) => {
  const { buckets, width_s, end_s } = candidate.series;
  return Array.from({ length: buckets }, (_, i) => Math.max(1e-9, Math.min(width_s, end_s - i * width_s)));
};

export const perSecond = (candidate: Candidate, values: (number | null)[]) => {
  const width = widths(candidate);
  return values.map((value, i) => (value === null ? null : value / width[i]));
};

export const of = (candidate: Candidate, resource: string, name: string) =>
  expand(candidate.series.resources[resource]?.[name], candidate.series.buckets);

export const journeys = (candidate: Candidate, name: keyof Candidate["series"]["journeys"]) =>
  expand(candidate.series.journeys[name], candidate.series.buckets);

export const isZero = (values: (number | null)[]) => values.every((value) => value === null || value === 0);
const peak = (values: (number | null)[]) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** One line a resource that has anything to show: the eight with the highest peaks. */
export function byResource(candidate: Candidate, name: string, shape: (values: (number | null)[]) => (number | null)[]): Line[] {
  return Object.keys(candidate.series.resources)
    .map((resource, colour) => ({ label: resource, colour, values: shape(of(candidate, resource, name)) }))
    .filter((line) => !isZero(line.values))
    .sort((a, b) => peak(b.values) - peak(a.values))
    .slice(0, 8)
    .sort((a, b) => a.colour - b.colour);
}

export function combine(rows: (number | null)[][], take: (a: number, b: number) => number): (number | null)[] {
  if (rows.length === 0) return [];
  return rows[0].map((_, i) =>
    rows.reduce<number | null>((sum, row) => (row[i] === null ? sum : sum === null ? row[i] : take(sum, row[i]!)), null),
  );
}

export function marksOf(candidate: Candidate): Mark[] {
  const marks: Mark[] = candidate.faults.map((fault) => ({
    from: fault.from_s, to: fault.to_s, kind: "fault", label: `outage of ${fault.resource}`,
  }));
  if (candidate.series.warm_up_s > 0)
    marks.push({ from: 0, to: candidate.series.warm_up_s, kind: "warm-up", label: "warm-up, not in the figures" });
  const { since_s, resource } = candidate.bottleneck;
  if (since_s !== null) marks.push({ from: since_s, to: since_s, kind: "saturated", label: `${resource} saturates` });
  return marks;
}
