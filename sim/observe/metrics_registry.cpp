// The table of metrics: name, unit, good direction, shape, meaning, and where in a result it is found.

#include "observe/metrics_registry.hpp"

#include <algorithm>
#include <array>

#include "observe/metrics_reading.hpp"

namespace spillway {

namespace {

using enum MetricShape;
using Figure = std::optional<double>;
using Source = const MetricSource&;
using Asked = const Aggregate&;
using Part = Sketch LatencyParts::*;

std::size_t index(Outcome outcome) { return static_cast<std::size_t>(outcome); }

std::uint64_t failures(const std::array<std::uint64_t, kOutcomes>& outcomes) {
  return outcomes[index(Outcome::fault)] + outcomes[index(Outcome::error)] +
         outcomes[index(Outcome::refused)];
}

// Journeys ------------------------------------------------------------------------------------------------

template <Part Member>
Figure response_part(Source source, Asked asked) {
  return reading::trend(source.journeys->response.*Member, asked, source.window_s);
}
template <Part Member>
Figure completion_part(Source source, Asked asked) {
  return reading::trend(source.journeys->completion.*Member, asked, source.window_s);
}
template <Ending Way>
Figure endings(Source source, Asked asked) {
  return reading::count(source.journeys->ended(Way), asked, source.window_s);
}
std::uint64_t lost(const JourneyResult& journeys) {
  return journeys.ended() - journeys.ended(Ending::succeeded);
}

Figure overall_amplification(Source source, Asked asked) {
  CallCounts counts;
  for (const EdgeResult& edge : source.run->edges) counts += edge.calls.counts;
  return reading::ratio(counts.retry_amplification(), asked);
}

/// Circuit breakers and hedging of one resource or edge, or of the whole topology; of some of the journeys
/// there are none of their own.
GuardCounts guards(Source source) {
  if (source.resource != nullptr) return source.resource->calls.counts.guards;
  GuardCounts all;
  if (source.journeys != &source.run->journeys) return all;
  for (const EdgeResult& edge : source.run->edges) all += edge.calls.counts.guards;
  return all;
}
/// Of circuit breakers and of hedging, where there are any.
template <std::uint64_t GuardCounts::* Member>
Figure of_circuits(Source source, Asked asked) {
  const GuardCounts found = guards(source);
  return found.circuits == 0 ? std::nullopt : reading::count(found.*Member, asked, source.window_s);
}
template <std::uint64_t GuardCounts::* Member>
Figure of_hedging(Source source, Asked asked) {
  const GuardCounts found = guards(source);
  return found.hedging == 0 ? std::nullopt : reading::count(found.*Member, asked, source.window_s);
}
Figure circuit_open(Source source, Asked asked) {
  const GuardCounts found = guards(source);
  const double watched = static_cast<double>(found.circuits) * source.window_s;
  if (watched <= 0) return std::nullopt;
  return reading::ratio(reading::seconds(static_cast<double>(found.open.count())) / watched, asked);
}

Figure dollars(const std::optional<Cost>& cost, Money Cost::* amount, Asked asked) {
  if (!cost) return std::nullopt;
  return reading::ratio(((*cost).*amount).approximate(), asked);
}

constexpr std::array kJourneyMetrics{
    MetricInfo{"arrivals", "1", Better::none, count, "Journeys born in the window.",
               [](Source s, Asked a) { return reading::count(s.journeys->arrivals, a, s.window_s); }},
    MetricInfo{"in_flight", "1", Better::lower, count,
               "Journeys of the window that had not ended when the run did.",
               [](Source s, Asked a) { return reading::count(s.journeys->in_flight, a, s.window_s); }},
    MetricInfo{"latency", "s", Better::lower, trend, "From birth until the last branch of the journey ended.",
               completion_part<&LatencyParts::total>},
    MetricInfo{"response", "s", Better::lower, trend,
               "From birth until the client had its answer, retries included.",
               response_part<&LatencyParts::total>},
    MetricInfo{"response_ok", "s", Better::lower, trend,
               "The same, of journeys whose client was answered ok.",
               [](Source s, Asked a) {
                 return reading::trend(s.journeys->responses[index(Outcome::ok)].total, a, s.window_s);
               }},
    MetricInfo{"queued", "s", Better::lower, trend,
               "Of the latency: waiting for a server, a slot or a poller.",
               completion_part<&LatencyParts::queued>},
    MetricInfo{"cold_start", "s", Better::lower, trend,
               "Of the latency: waiting for an environment to start.", completion_part<&LatencyParts::cold>},
    MetricInfo{"backoff", "s", Better::lower, trend, "Of the latency: waiting between two attempts.",
               completion_part<&LatencyParts::backoff>},
    MetricInfo{"service", "s", Better::lower, trend, "Of the latency: everything else.",
               completion_part<&LatencyParts::service>},
    MetricInfo{"response_queued", "s", Better::lower, trend, "Of the response: waiting for a server or slot.",
               response_part<&LatencyParts::queued>},
    MetricInfo{"response_cold_start", "s", Better::lower, trend,
               "Of the response: waiting for environments to start.", response_part<&LatencyParts::cold>},
    MetricInfo{"response_backoff", "s", Better::lower, trend,
               "Of the response: waiting between two attempts.", response_part<&LatencyParts::backoff>},
    MetricInfo{"response_service", "s", Better::lower, trend, "Of the response: everything else.",
               response_part<&LatencyParts::service>},
    MetricInfo{"success_rate", "1", Better::higher, ratio, "Succeeded, of the journeys that ended.",
               [](Source s, Asked a) {
                 return reading::ratio(s.journeys->ended(Ending::succeeded), s.journeys->ended(), a);
               }},
    MetricInfo{"loss_rate", "1", Better::lower, ratio, "Lost, of the journeys that ended.",
               [](Source s, Asked a) { return reading::ratio(lost(*s.journeys), s.journeys->ended(), a); }},
    MetricInfo{"lost", "1", Better::lower, count,
               "Journeys that ended without success: failed, expired, dead-lettered.",
               [](Source s, Asked a) { return reading::count(lost(*s.journeys), a, s.window_s); }},
    MetricInfo{"succeeded", "1", Better::higher, count, "Journeys all of whose branches succeeded.",
               endings<Ending::succeeded>},
    MetricInfo{"failed", "1", Better::lower, count, "Journeys that failed.", endings<Ending::failed>},
    MetricInfo{"expired", "1", Better::lower, count, "Journeys of which a message was kept too long.",
               endings<Ending::expired>},
    MetricInfo{"dead_lettered", "1", Better::lower, count,
               "Journeys of which a message went to a dead-letter queue.", endings<Ending::dead_lettered>},
    MetricInfo{
        "attempts_per_journey", "1", Better::lower, ratio, "What clients sent, retries included, a journey.",
        [](Source s, Asked a) {
          return s.journeys->attempts == 0 ? std::nullopt
                                           : reading::ratio(s.journeys->attempts, s.journeys->arrivals, a);
        }},
    MetricInfo{"retry_amplification", "1", Better::lower, ratio,
               "On all edges of the topology: what was sent, for each piece that was new to its callee.",
               overall_amplification},
    MetricInfo{"short_circuited", "1", Better::none, count, "Attempts that circuit breakers did not send.",
               of_circuits<&GuardCounts::short_circuited>},
    MetricInfo{"circuit_open", "1", Better::lower, ratio,
               "The share of the time in which circuit breakers were open, on average.", circuit_open},
    MetricInfo{"circuits_opened", "1", Better::lower, count, "How often circuit breakers opened.",
               of_circuits<&GuardCounts::opened>},
    MetricInfo{"hedges", "1", Better::lower, count, "Attempts that hedging sent.",
               of_hedging<&GuardCounts::hedges>},
    MetricInfo{"hedges_won", "1", Better::none, count, "Of the hedges: those whose answer was taken.",
               of_hedging<&GuardCounts::won>},
    MetricInfo{"cost", "usd", Better::lower, ratio, "The bill of a month at this traffic.",
               [](Source s, Asked a) { return dollars(s.run->cost, &Cost::month, a); }},
    MetricInfo{"run_cost", "usd", Better::lower, ratio, "The bill of the window.",
               [](Source s, Asked a) { return dollars(s.run->cost, &Cost::run, a); }},
};

// Resources and edges -------------------------------------------------------------------------------------

const CallCounts& counts(Source source) { return source.resource->calls.counts; }

template <std::uint64_t CallCounts::* Member>
Figure counted(Source source, Asked asked) {
  return reading::count(counts(source).*Member, asked, source.window_s);
}
template <RetryLayer Layer>
Figure repeats_by(Source source, Asked asked) {
  return reading::count(counts(source).repeats_by[Layer], asked, source.window_s);
}
template <Outcome What>
Figure attempts_that(Source source, Asked asked) {
  return reading::count(counts(source).attempt_outcomes[index(What)], asked, source.window_s);
}
template <Outcome What>
Figure share_that(Source source, Asked asked) {
  return reading::ratio(counts(source).attempt_outcomes[index(What)], counts(source).answered(), asked);
}
template <Int128 CallCounts::* Member>
Figure mean_part(Source source, Asked asked) {
  const std::uint64_t calls = counts(source).settled();
  if (calls == 0) return std::nullopt;
  return reading::ratio(
      reading::seconds(static_cast<double>(counts(source).*Member) / static_cast<double>(calls)), asked);
}
template <Gauge Which>
Figure gauge(Source source, Asked asked) {
  const Dwell* const dwell = Which == Gauge::concurrency ? &source.resource->concurrency_dwell
                             : Which == Gauge::backlog   ? &source.resource->backlog_dwell
                                                         : nullptr;
  return reading::level(source.resource->gauge(Which), dwell, asked);
}
template <Mark Which>
Figure marks(Source source, Asked asked) {
  return reading::count(static_cast<std::uint64_t>(source.resource->mark(Which)), asked, source.window_s);
}
/// Of a mark that few resources can make: nothing elsewhere, instead of a zero.
template <Mark Which>
Figure marks_if_seen(Source source, Asked asked) {
  return source.resource->seen(Which) ? marks<Which>(source, asked) : std::nullopt;
}

Figure age_of_oldest(Source source, Asked asked) {
  const AgeResult& age = source.resource->age;
  if (!age.seen) return std::nullopt;
  switch (asked.kind) {
    case Aggregate::Kind::avg: return reading::seconds(age.mean);
    case Aggregate::Kind::max: return reading::seconds(static_cast<double>(age.peak));
    case Aggregate::Kind::value: return reading::seconds(static_cast<double>(age.at_end));
    default: return std::nullopt;
  }
}

Figure drain_time(Source source, Asked asked) {
  if (!source.resource->gauge(Gauge::backlog).seen) return std::nullopt;
  const auto drained = source.resource->drain.time;
  return reading::ratio(drained ? reading::seconds(static_cast<double>(*drained)) : kInfinity, asked);
}

constexpr std::array kResourceMetrics{
    MetricInfo{"arrivals", "1", Better::none, count,
               "What callers sent here, retries included; each message of a batch.",
               counted<&CallCounts::items>},
    MetricInfo{"attempts", "1", Better::none, count, "Requests that callers sent here.",
               counted<&CallCounts::attempts>},
    MetricInfo{"repeats", "1", Better::lower, count, "Of the arrivals: work that was sent here before.",
               counted<&CallCounts::repeats>},
    MetricInfo{"repeats_by_client", "1", Better::lower, count, "Of the repeats: caused by a client.",
               repeats_by<RetryLayer::client>, false},
    MetricInfo{"repeats_by_sdk", "1", Better::lower, count, "Of the repeats: caused by the SDK in a handler.",
               repeats_by<RetryLayer::sdk>, false},
    MetricInfo{"repeats_by_event_source", "1", Better::lower, count,
               "Of the repeats: caused by an event source, after a throttle.",
               repeats_by<RetryLayer::event_source>, false},
    MetricInfo{"repeats_by_redelivery", "1", Better::lower, count,
               "Of the repeats: caused by a queue that delivered again.", repeats_by<RetryLayer::redrive>,
               false},
    MetricInfo{"repeats_by_asynchronous", "1", Better::lower, count,
               "Of the repeats: caused by Lambda's queue of events.", repeats_by<RetryLayer::asynchronous>,
               false},
    MetricInfo{"repeats_by_workflow", "1", Better::lower, count, "Of the repeats: caused by a state machine.",
               repeats_by<RetryLayer::workflow>, false},
    MetricInfo{"repeats_by_hedging", "1", Better::lower, count, "Of the repeats: caused by hedging.",
               repeats_by<RetryLayer::hedge>, false},
    MetricInfo{"retry_amplification", "1", Better::lower, ratio, "Arrivals for each one that was no repeat.",
               [](Source s, Asked a) { return reading::ratio(counts(s).retry_amplification(), a); }},
    MetricInfo{
        "latency", "s", Better::lower, trend, "Of each attempt, as its caller saw it; a time-out ends it.",
        [](Source s, Asked a) { return reading::trend(s.resource->calls.attempt_latency, a, s.window_s); }},
    MetricInfo{
        "call_latency", "s", Better::lower, trend, "Of each call with its retries and back-offs.",
        [](Source s, Asked a) { return reading::trend(s.resource->calls.call_latency, a, s.window_s); }},
    MetricInfo{"queued", "s", Better::lower, ratio, "The mean time of a call in queues.",
               mean_part<&CallCounts::queued>},
    MetricInfo{"cold_start", "s", Better::lower, ratio, "The mean wait of a call for environments to start.",
               mean_part<&CallCounts::cold>},
    MetricInfo{"backoff", "s", Better::lower, ratio, "The mean time of a call between its attempts.",
               mean_part<&CallCounts::backoff>},
    MetricInfo{"service", "s", Better::lower, ratio, "What is left of a call's mean time.",
               mean_part<&CallCounts::service>},
    MetricInfo{"success_rate", "1", Better::higher, ratio, "Attempts that were ok.", share_that<Outcome::ok>},
    MetricInfo{"throttled_rate", "1", Better::lower, ratio, "Attempts that were throttled.",
               share_that<Outcome::throttled>},
    MetricInfo{"timed_out_rate", "1", Better::lower, ratio, "Attempts that their caller gave up.",
               share_that<Outcome::timed_out>},
    MetricInfo{"failed_rate", "1", Better::lower, ratio,
               "Attempts that ended with a fault, an error or a refusal.",
               [](Source s, Asked a) {
                 return reading::ratio(failures(counts(s).attempt_outcomes), counts(s).answered(), a);
               }},
    MetricInfo{"call_success_rate", "1", Better::higher, ratio, "Calls that were ok after their retries.",
               [](Source s, Asked a) {
                 return reading::ratio(counts(s).call_outcomes[index(Outcome::ok)], counts(s).settled(), a);
               }},
    MetricInfo{"throttled", "1", Better::lower, count, "Attempts that were throttled.",
               attempts_that<Outcome::throttled>},
    MetricInfo{"timed_out", "1", Better::lower, count, "Attempts that their caller gave up.",
               attempts_that<Outcome::timed_out>},
    MetricInfo{"failed", "1", Better::lower, count,
               "Attempts that ended with a fault, an error or a refusal.",
               [](Source s, Asked a) {
                 return reading::count(failures(counts(s).attempt_outcomes), a, s.window_s);
               }},
    MetricInfo{"late_answers", "1", Better::lower, count, "Answers that came after the caller had given up.",
               counted<&CallCounts::late>},
    MetricInfo{"backlog", "1", Better::lower, level, "Requests or messages that wait and could be served.",
               gauge<Gauge::backlog>},
    MetricInfo{"age_of_oldest", "s", Better::lower, level,
               "Age of the oldest waiting message; zero while none waits.", age_of_oldest},
    MetricInfo{"drain_time", "s", Better::lower, ratio,
               "From the last moment at which the backlog stood at its peak until it was empty; infinite if "
               "it never was.",
               drain_time},
    MetricInfo{"concurrency", "1", Better::none, level, "Requests that are served.",
               gauge<Gauge::concurrency>},
    MetricInfo{"limit", "1", Better::none, level, "How many requests may be served at once.",
               gauge<Gauge::limit>},
    MetricInfo{"utilisation", "1", Better::none, ratio, "Mean concurrency / mean limit.",
               [](Source s, Asked a) { return reading::ratio(s.resource->utilisation, a); }},
    MetricInfo{"messages_in_flight", "1", Better::none, level, "Messages received and not yet deleted.",
               gauge<Gauge::in_flight>},
    MetricInfo{"delayed", "1", Better::none, level, "Messages that are not visible yet.",
               gauge<Gauge::delayed>},
    MetricInfo{"environments", "1", Better::none, level, "Execution environments that exist.",
               gauge<Gauge::environments>},
    MetricInfo{"cold_starts", "1", Better::lower, count, "Environments started for a request.",
               marks<Mark::cold_start>},
    MetricInfo{"cold_start_rate", "1", Better::lower, ratio, "Cold starts for each attempt.",
               [](Source s, Asked a) {
                 return reading::ratio(static_cast<std::uint64_t>(s.resource->mark(Mark::cold_start)),
                                       counts(s).attempts, a);
               }},
    MetricInfo{"duplicates", "1", Better::lower, count,
               "Work done again for a journey for which it was done before.", marks<Mark::duplicate>},
    MetricInfo{"dead_lettered", "1", Better::lower, count, "Messages sent on to a dead-letter queue.",
               marks<Mark::dead_lettered>},
    MetricInfo{"lost", "1", Better::lower, count,
               "Messages that expired or were dropped with no dead-letter queue.",
               [](Source s, Asked a) {
                 const auto gone = s.resource->mark(Mark::expired) + s.resource->mark(Mark::dropped);
                 return reading::count(static_cast<std::uint64_t>(gone), a, s.window_s);
               }},
    MetricInfo{"expired", "1", Better::lower, count, "Messages kept longer than their retention.",
               marks<Mark::expired>},
    MetricInfo{"dropped", "1", Better::lower, count, "Messages given up with no dead-letter queue.",
               marks<Mark::dropped>},
    MetricInfo{"rate_throttled", "1", Better::lower, count, "Refused because of a rate.",
               marks<Mark::rate_throttled>},
    MetricInfo{"concurrency_throttled", "1", Better::lower, count, "Refused because of a concurrency limit.",
               marks<Mark::concurrency_throttled>},
    MetricInfo{"scaling_throttled", "1", Better::lower, count, "Refused because capacity grows no faster.",
               marks<Mark::scaling_throttled>},
    MetricInfo{"partition_throttled", "1", Better::lower, count, "Refused because a partition was too hot.",
               marks<Mark::partition_throttled>},
    MetricInfo{"queue_full", "1", Better::lower, count, "Refused because the waiting room was full.",
               marks<Mark::queue_full>},
    MetricInfo{"outages", "1", Better::lower, count, "Refused or interrupted because it was down.",
               marks<Mark::outage>},
    MetricInfo{"function_timeouts", "1", Better::lower, count,
               "Invocations that ran into the function's time-out.", marks<Mark::function_timeout>},
    MetricInfo{"quota_exhausted", "1", Better::lower, count,
               "Retries not made because the retry quota was empty.", marks<Mark::quota_exhausted>},
    MetricInfo{"cache_hits", "1", Better::higher, count, "Answered from a cache.", marks<Mark::cache_hit>},
    MetricInfo{"denied", "1", Better::none, count, "Refused by an authorizer.", marks<Mark::denied>},
    MetricInfo{"quota_exceeded", "1", Better::lower, count,
               "Refused because the quota of a usage plan was spent.", marks<Mark::quota_exceeded>},
    MetricInfo{"deduplicated", "1", Better::none, count,
               "Messages that a FIFO queue accepted and did not store, as one with their id had come.",
               marks<Mark::deduplicated>, false},
    MetricInfo{"redriven", "1", Better::none, count, "Messages moved back from a dead-letter queue.",
               marks<Mark::redriven>, false},
    MetricInfo{"filtered", "1", Better::none, count, "Messages that an event source's filter deleted.",
               marks<Mark::filtered>, false},
    MetricInfo{"duplicates_suppressed", "1", Better::none, count,
               "Work or side effects not done again, because their key was known.",
               marks_if_seen<Mark::duplicate_suppressed>},
    MetricInfo{"provisioned", "1", Better::none, level, "Environments kept ready ahead of demand.",
               gauge<Gauge::provisioned>},
    MetricInfo{"provisioned_in_use", "1", Better::none, level, "Of them, those that serve a request.",
               gauge<Gauge::provisioned_in_use>},
    MetricInfo{"reserved_concurrency_throttled", "1", Better::lower, count,
               "Of those refused by a concurrency limit, by the reserved one.",
               marks_if_seen<Mark::reserved_concurrency_throttled>},
    MetricInfo{"reserved_rate_throttled", "1", Better::lower, count,
               "Of those refused by a rate, by ten a second for each reserved unit.",
               marks_if_seen<Mark::reserved_rate_throttled>},
    MetricInfo{"spilled_over", "1", Better::lower, count,
               "Requests that provisioned concurrency did not take.", marks_if_seen<Mark::spilled_over>},
    MetricInfo{"events_retried", "1", Better::lower, count,
               "Asynchronous events tried again after a function error.", marks_if_seen<Mark::event_retried>},
    MetricInfo{"events_exhausted", "1", Better::lower, count, "Asynchronous events whose last retry failed.",
               marks_if_seen<Mark::event_exhausted>},
    MetricInfo{"events_expired", "1", Better::lower, count,
               "Asynchronous events that reached their maximum age.", marks_if_seen<Mark::event_expired>},
    MetricInfo{"destination_failures", "1", Better::lower, count,
               "What a destination or dead-letter queue did not take.",
               marks_if_seen<Mark::destination_failed>},
    MetricInfo{"init_timeouts", "1", Better::lower, count, "Initialisations that ran into their limit.",
               marks_if_seen<Mark::init_timed_out>},
    MetricInfo{"executions_failed", "1", Better::lower, count, "Executions of a state machine that failed.",
               marks_if_seen<Mark::execution_failed>},
    MetricInfo{"executions_timed_out", "1", Better::lower, count,
               "Executions of a state machine that took longer than they may.",
               marks_if_seen<Mark::execution_timed_out>},
    MetricInfo{"effects_left", "1", Better::lower, count,
               "Effects of steps that stand though their execution failed or was rolled back.",
               marks_if_seen<Mark::effect_left>},
    MetricInfo{"transitions_delayed", "1", Better::lower, count,
               "State transitions that waited for the account's quota.",
               marks_if_seen<Mark::transition_delayed>},
    MetricInfo{"states_retried", "1", Better::lower, count, "Attempts that a state machine's Retry made.",
               marks_if_seen<Mark::state_retried>},
    MetricInfo{"histories_full", "1", Better::lower, count,
               "Executions that failed since their history had too many events.",
               marks_if_seen<Mark::history_full>},
    MetricInfo{"connections", "1", Better::none, level, "Connections that clients hold open.",
               gauge<Gauge::connections>},
    MetricInfo{"connections_opened", "1", Better::none, count, "Connections that clients opened.",
               marks_if_seen<Mark::connection_opened>},
    MetricInfo{"connections_throttled", "1", Better::lower, count,
               "Connections not opened, since too many were opened at once.",
               marks_if_seen<Mark::connection_throttled>},
    MetricInfo{"connections_idled", "1", Better::lower, count,
               "Connections closed since nothing went over them for too long.",
               marks_if_seen<Mark::connection_idled>},
    MetricInfo{"connections_expired", "1", Better::lower, count,
               "Connections closed since they had lasted as long as one may.",
               marks_if_seen<Mark::connection_expired>},
    MetricInfo{"connections_dropped", "1", Better::lower, count,
               "Connections lost through no fault of their clients.",
               marks_if_seen<Mark::connection_dropped>},
    MetricInfo{"connections_gone", "1", Better::lower, count,
               "Responses and posts whose connection was closed.", marks_if_seen<Mark::connection_gone>},
    MetricInfo{"messages_too_large", "1", Better::lower, count, "Messages larger than a connection carries.",
               marks_if_seen<Mark::message_too_large>},
    MetricInfo{"cost", "usd", Better::lower, ratio, "Its part of the bill of a month at this traffic.",
               [](Source s, Asked a) { return dollars(s.resource->cost, &Cost::month, a); }},
    MetricInfo{"run_cost", "usd", Better::lower, ratio, "Its part of the bill of the window.",
               [](Source s, Asked a) { return dollars(s.resource->cost, &Cost::run, a); }},
    MetricInfo{"short_circuited", "1", Better::none, count,
               "Attempts that the circuit breakers of its callers did not send.",
               of_circuits<&GuardCounts::short_circuited>},
    MetricInfo{"circuit_open", "1", Better::lower, ratio,
               "The share of the time in which the circuit breakers of its callers were open.", circuit_open},
    MetricInfo{"circuits_opened", "1", Better::lower, count, "How often a circuit breaker opened.",
               of_circuits<&GuardCounts::opened>},
    MetricInfo{"circuits_half_opened", "1", Better::none, count,
               "How often a circuit breaker let out calls on trial.", of_circuits<&GuardCounts::half_opened>},
    MetricInfo{"circuits_closed", "1", Better::none, count, "How often a circuit breaker closed again.",
               of_circuits<&GuardCounts::closed>},
    MetricInfo{"hedges", "1", Better::lower, count, "Of the attempts: those that hedging sent.",
               of_hedging<&GuardCounts::hedges>},
    MetricInfo{"hedges_won", "1", Better::none, count, "Of the hedges: those whose answer was taken.",
               of_hedging<&GuardCounts::won>},
};

// Subjects ------------------------------------------------------------------------------------------------

const JourneyResult* part_named(const std::vector<JourneyResult>& parts, std::string_view name) {
  const auto found = std::ranges::find(parts, name, &JourneyResult::name);
  return found == parts.end() ? nullptr : &*found;
}

const JourneyResult* find_journeys(const RunResult& result, std::string_view subject) {
  constexpr std::string_view kClient = "journeys{client:";
  constexpr std::string_view kClass = "journeys{class:";
  if (subject == "journeys") return &result.journeys;
  if (!subject.ends_with('}')) return part_named(result.by_client, subject);
  const auto within = [&](std::string_view prefix) {
    return subject.substr(prefix.size(), subject.size() - prefix.size() - 1);
  };
  if (subject.starts_with(kClient)) return part_named(result.by_client, within(kClient));
  if (subject.starts_with(kClass)) return part_named(result.by_class, within(kClass));
  return nullptr;
}

const EdgeResult* find_edge(const RunResult& result, std::string_view subject) {
  const auto found = std::ranges::find(result.edges, subject, &EdgeResult::name);
  return found == result.edges.end() ? nullptr : &*found;
}

const MetricInfo* find(std::span<const MetricInfo> metrics, std::string_view name) {
  const auto found = std::ranges::find(metrics, name, &MetricInfo::name);
  return found == metrics.end() ? nullptr : &*found;
}

}  // namespace

std::span<const MetricInfo> journey_metrics() { return kJourneyMetrics; }
std::span<const MetricInfo> resource_metrics() { return kResourceMetrics; }

std::span<const MetricInfo> metrics_of(const RunResult& result, std::string_view subject) {
  if (find_journeys(result, subject) != nullptr) return kJourneyMetrics;
  if (result.resource(subject) != nullptr || find_edge(result, subject) != nullptr) return kResourceMetrics;
  return {};
}

Figure metric_value(const RunResult& result, std::string_view subject, std::string_view metric,
                    Asked aggregate) {
  const MetricInfo* const row = find(metrics_of(result, subject), metric);
  if (row == nullptr) return std::nullopt;
  MetricSource source{.run = &result,
                      .window_s = reading::seconds(static_cast<double>(result.window().count()))};
  source.journeys = find_journeys(result, subject);
  if (source.journeys != nullptr) return row->read(source, aggregate);
  source.resource = result.resource(subject);
  if (source.resource != nullptr) return row->read(source, aggregate);
  ResourceResult edge;  // an edge is seen as a resource that has calls only
  edge.calls = find_edge(result, subject)->calls;
  source.resource = &edge;
  return row->read(source, aggregate);
}

}  // namespace spillway
