#include "model/guard_settings.hpp"

#include <cmath>

#include "model/retry_setting.hpp"
#include "model/setting_forms.hpp"
#include "spillway/world.hpp"

namespace spillway {

namespace {

constexpr std::string_view kResilience4j = "Resilience4j 2.2, CircuitBreakerConfig";
constexpr std::string_view kGrpc = "gRPC, gRFC A6";

Described outcomes(std::string_view name, std::string_view help) {
  return list(name, help, choice("outcome", "An outcome.", {"throttled", "fault", "timed_out", "error"}));
}

Settings circuit_breaker_fields() {
  return {
      probability("failure_rate", "The share of failures in the window at which it opens.")
          .fallback("50%")
          .between(0.001, 1)
          .source(kResilience4j),
      count("window", "How many results it looks back on while it is closed.")
          .fallback("100")
          .between(1, 100'000)
          .source(kResilience4j),
      count("minimum_calls", "It does not judge before so many results are there, or the window is full.")
          .fallback("100")
          .between(1, 100'000)
          .source(kResilience4j),
      duration("wait", "How long it stays open before it lets out calls on trial.")
          .fallback("60s")
          .source(kResilience4j),
      count("trial_calls", "How many those are.").fallback("10").between(1, 10'000).source(kResilience4j),
      outcomes("failures", "The outcomes that count as failures; the others count as successes.")
          .fallback("[throttled, fault, timed_out]")
          .source("Polly 8, HttpClientResiliencePredicates"),
      choice("outcome",
             "What an attempt is answered with that is not sent: a fault, which the retry policy treats as "
             "any other, or refused, which it never tries again.",
             {"fault", "refused"})
          .fallback("fault")
          .source("Resilience4j 2.2: a retry around a circuit breaker tries again after any exception"),
  };
}

Settings throttle_fields() {
  return {count("max_tokens", "How many there are at first, and at most.").required().between(1, 1000),
          number("token_ratio", "What a success gives back; a failure in non_fatal costs one.")
              .required()
              .between(0.001, 1000)};
}

Settings hedging_fields() {
  return {
      count("max_attempts", "How often one attempt is sent in all, the first included.")
          .fallback("2")
          .between(2, kMostHedged)
          .source("assumption: one hedge; at most 5 as gRPC"),
      duration("delay", "How long after one the next is sent."),
      choice("percentile", "The same as a percentile of the latencies that the client has measured.",
             {"p50", "p75", "p90", "p95", "p98", "p99", "p99.9"}),
      outcomes("non_fatal",
               "The outcomes after which the others are waited for, and the next is sent at once. Any other "
               "outcome is the answer.")
          .fallback("[]")
          .source(kGrpc),
      object("throttle", "Tokens without which no hedge is sent: it needs more than half of them.",
             throttle_fields())
          .optional()
          .source(kGrpc),
  };
}

CircuitBreakerPolicy circuit_breaker_of(const Value& setting) {
  return {.failure_rate = setting["failure_rate"].probability(),
          .window = static_cast<std::int32_t>(setting["window"].count()),
          .minimum_calls = static_cast<std::int32_t>(setting["minimum_calls"].count()),
          .wait = setting["wait"].duration(),
          .trial_calls = static_cast<std::int32_t>(setting["trial_calls"].count()),
          .failures = outcome_bits(setting["failures"]),
          .outcome = setting["outcome"].text() == "refused" ? Outcome::refused : Outcome::fault};
}

HedgingPolicy hedging_of(const Value& setting) {
  HedgingPolicy policy{.max_attempts = static_cast<std::int32_t>(setting["max_attempts"].count()),
                       .non_fatal = outcome_bits(setting["non_fatal"])};
  if (setting["delay"].is_set()) policy.delay = setting["delay"].duration();
  if (setting["percentile"].is_set()) policy.quantile = quantile_of(setting["percentile"].text()).value();
  if (const Value& throttle = setting["throttle"]; throttle.is_set()) {
    policy.tokens_millis = static_cast<std::int32_t>(1000 * throttle["max_tokens"].count());
    policy.earned_millis = static_cast<std::int32_t>(std::lround(1000 * throttle["token_ratio"].number()));
  }
  return policy;
}

}  // namespace

Settings guard_settings() {
  return {
      object("circuit_breaker",
             "Stops asking for a while when too much fails; without it every attempt is sent.",
             circuit_breaker_fields())
          .optional(),
      object("hedging",
             "Sends a second request while the first still runs, and takes the first answer; without it "
             "there is no second.",
             hedging_fields())
          .exactly_one({"delay", "percentile"})
          .optional(),
  };
}

void read_guards(const Value& connection, PortConfig& port) {
  if (const Value& breaker = connection["circuit_breaker"]; breaker.is_set())
    port.circuit_breaker = circuit_breaker_of(breaker);
  if (const Value& hedging = connection["hedging"]; hedging.is_set()) port.hedging = hedging_of(hedging);
}

}  // namespace spillway
