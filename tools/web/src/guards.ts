// What circuit breakers and hedging did on each call that has them: means over the replications, from the metrics of
// summary.json. A call without them has no such metrics.
import type { Call, Candidate } from "./data";

export interface Circuit {
  call: Call;
  opened: number;
  halfOpened: number;
  closed: number;
  /** The share of the time. */
  open: number;
  /** The same in seconds; not known of a run that was stopped early. */
  openSeconds: number | null;
  notSent: number;
  /** Of what would have been sent. */
  notSentShare: number;
}

export interface Hedging {
  call: Call;
  hedges: number;
  /** More attempts, for each that is no hedge. */
  extra: number;
  won: number;
  wonShare: number;
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

export function circuitOf(candidate: Candidate, call: Call): Circuit | null {
  const { edges, horizon_s, warm_up_s, replications } = candidate.summary;
  const metrics = edges[call.id];
  if (!metrics?.circuit_open) return null;
  const of = (metric: string) => metrics[metric]?.value?.value ?? 0;
  const whole = replications.every((one) => !one.stopped_early);
  return {
    call,
    opened: of("circuits_opened"),
    halfOpened: of("circuits_half_opened"),
    closed: of("circuits_closed"),
    open: of("circuit_open"),
    openSeconds: whole ? of("circuit_open") * (horizon_s - warm_up_s) : null,
    notSent: of("short_circuited"),
    notSentShare: ratio(of("short_circuited"), of("short_circuited") + of("attempts")),
  };
}

export function hedgingOf(candidate: Candidate, call: Call): Hedging | null {
  const metrics = candidate.summary.edges[call.id];
  if (!metrics?.hedges) return null;
  const of = (metric: string) => metrics[metric]?.value?.value ?? 0;
  return {
    call,
    hedges: of("hedges"),
    extra: ratio(of("hedges"), of("attempts") - of("hedges")),
    won: of("hedges_won"),
    wonShare: ratio(of("hedges_won"), of("hedges")),
  };
}

/** The guarded calls of a candidate, or those from and to one of its resources. */
export function guardsOf(candidate: Candidate, resource?: string): { circuits: Circuit[]; hedging: Hedging[] } {
  const calls = candidate.topology?.calls.filter((call) => resource === undefined || call.from === resource || call.to === resource) ?? [];
  return {
    circuits: calls.map((call) => circuitOf(candidate, call)).filter((row) => row !== null),
    hedging: calls.map((call) => hedgingOf(candidate, call)).filter((row) => row !== null),
  };
}

export const hasGuards = (candidate: Candidate) => {
  const { circuits, hedging } = guardsOf(candidate);
  return circuits.length + hedging.length > 0;
};

export const callName = (call: Call) => `${call.from} → ${call.to}${call.operation ? ` ${call.operation}` : ""}`;
