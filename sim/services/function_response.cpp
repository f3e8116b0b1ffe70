#include "services/function_response.hpp"

#include <algorithm>

#include "services/function.hpp"
#include "services/function_events.hpp"

namespace spillway {

namespace {

constexpr auto kUrls = "Lambda Developer Guide, function URLs";

}  // namespace

int invocation_named(std::string_view name) {
  if (name.empty() || name == "invoke") return static_cast<int>(Invocation::invoke);
  return name == "url" ? static_cast<int>(Invocation::url) : -1;
}

FunctionResponse::FunctionResponse(World& world, const std::string& function, ResponseConfig config)
    : config_(std::move(config)), egress_(config_.internet), draws_(world.stream(function + "/response")) {
  egress_.expect(world, 1);  // sizes are drawn: some will be more than nothing
}

std::int64_t FunctionResponse::draw_bytes(World& world, const Call& call) const {
  Draws draws = world.draws(draws_, call.journey, call.lineage);
  return static_cast<std::int64_t>(std::clamp(config_.bytes.sample(draws), 0.0, 4e9));
}

// ---- The function's part -------------------------------------------------------------------------------

/// Nobody waits for what an event or a batch gives back.
bool Function::gets_response(const Call& call) {
  if (call.batch != kNoReceipt) return false;
  const Service& caller = world().service(world().port(PortId{call.port}).from);
  return dynamic_cast<const FunctionEvents*>(&caller) == nullptr;
}

void Function::respond(FrameId id) {
  const Frame& ended = frame(id);
  const Call& call = record(ended.serving);
  if (ended.outcome != Outcome::ok || !gets_response(call)) return finish(id, ended.outcome);
  const std::int64_t bytes = response_->draw_bytes(world(), call);
  const Outcome outcome = FunctionResponse::outcome(invocation(call), bytes);
  const InternetEgress& egress = response_->egress();
  const std::int64_t out = invocation(call) == Invocation::url ? egress.billed(outcome, bytes) : 0;
  if (out > 0) use(egress.meter(), out, call);
  finish(id, outcome);
}

// ---- Settings ------------------------------------------------------------------------------------------

Settings describe_response() {
  return {bytes_distribution("response",
                             "The size of a response to who waits for it; beyond 6 MB the invocation fails.")
              .source("assumption"),
          object("url", "The function's URL, which the operation 'url' asks.",
                 {boolean("internet",
                          "Whether its callers are outside, so that its responses are billed as data "
                          "transfer out.")
                      .fallback("true")})
              .source(kUrls)};
}

std::optional<ResponseConfig> response_config(const Value& settings) {
  if (!settings["response"].is_set()) return std::nullopt;
  return ResponseConfig{.bytes = settings["response"].distribution(),
                        .internet = settings["url"]["internet"].boolean()};
}

}  // namespace spillway
