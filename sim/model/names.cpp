// The words that results use for outcomes, endings, retry layers, gauges and marks.

#include "spillway/fact.hpp"
#include "spillway/journey.hpp"

namespace spillway {

const char* name_of(Outcome outcome) {
  constexpr std::array<const char*, kOutcomes> names{"ok",    "throttled", "fault",
                                                     "error", "refused",   "timed_out"};
  return names[static_cast<std::size_t>(outcome)];
}

const char* name_of(Ending ending) {
  constexpr std::array<const char*, kEndings> names{"succeeded", "failed", "expired", "dead_lettered"};
  return names[static_cast<std::size_t>(ending)];
}

const char* name_of(RetryLayer layer) {
  constexpr std::array<const char*, kRetryLayers> names{
      "none", "client", "SDK", "event source", "redelivery", "asynchronous", "workflow", "hedging"};
  return names[static_cast<std::size_t>(layer)];
}

const char* name_of(Gauge gauge) {
  constexpr std::array<const char*, kGauges> names{
      "concurrency",  "limit",  "backlog",     "in_flight",          "delayed",
      "environments", "oldest", "provisioned", "provisioned_in_use", "connections"};
  return names[static_cast<std::size_t>(gauge)];
}

const char* name_of(Mark mark) {
  constexpr std::array<const char*, kMarks> names{"cold_starts",
                                                  "duplicates",
                                                  "dead_lettered",
                                                  "expired",
                                                  "dropped",
                                                  "rate_throttled",
                                                  "concurrency_throttled",
                                                  "scaling_throttled",
                                                  "partition_throttled",
                                                  "queue_full",
                                                  "outage",
                                                  "function_timeouts",
                                                  "quota_exhausted",
                                                  "cache_hits",
                                                  "denied",
                                                  "quota_exceeded",
                                                  "deduplicated",
                                                  "redriven",
                                                  "filtered",
                                                  "duplicates_suppressed",
                                                  "reserved_concurrency_throttled",
                                                  "reserved_rate_throttled",
                                                  "spilled_over",
                                                  "events_retried",
                                                  "events_exhausted",
                                                  "events_expired",
                                                  "destination_failures",
                                                  "init_timeouts",
                                                  "executions_failed",
                                                  "executions_timed_out",
                                                  "effects_left",
                                                  "transitions_delayed",
                                                  "states_retried",
                                                  "histories_full",
                                                  "connections_opened",
                                                  "connections_throttled",
                                                  "connections_idled",
                                                  "connections_expired",
                                                  "connections_dropped",
                                                  "connections_gone",
                                                  "messages_too_large"};
  return names[static_cast<std::size_t>(mark)];
}

}  // namespace spillway
