#include "services/function_response.hpp"

#include <algorithm>

#include "services/function.hpp"
#include "services/function_events.hpp"

namespace spillway {

namespace {

constexpr auto kUrls = "Lambda Developer Guide, function URLs";

constexpr std::int64_t kStreamedPayload = std::int64_t{200} << 20;
constexpr std::int64_t kStreamRate = 2'000'000;  // bytes a second beyond the first 6 MB: 16 Mbps
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

int invocation_named(std::string_view name) {
  if (name.empty() || name == "invoke") return static_cast<int>(Invocation::invoke);
  if (name == "url") return static_cast<int>(Invocation::url);
  return name == "invoke_with_response_stream" ? static_cast<int>(Invocation::response_stream) : -1;
}

StreamedResponse stream_response(std::int64_t bytes, Duration left) {
  const std::int64_t whole = std::min(bytes, kStreamedPayload);
  const std::int64_t slow = std::max<std::int64_t>(0, whole - kPayload);
  const std::int64_t in_time =
      left.count() / kNsPerSecond * kStreamRate + left.count() % kNsPerSecond * kStreamRate / kNsPerSecond;
  const std::int64_t billed = std::min(slow, in_time);
  return {.outcome = bytes > kStreamedPayload ? Outcome::error : Outcome::ok,
          .sent = whole - slow + billed,
          .billed = billed,
          .takes = Duration{slow * (kNsPerSecond / kStreamRate)}};
}

FunctionResponse::FunctionResponse(World& world, const std::string& function, ResponseConfig config)
    : config_(std::move(config)),
      egress_(config_.internet),
      streaming_(world.meter("lambda.streaming")),
      draws_(world.stream(function + "/response")) {
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
  if (response_->streams(invocation(call))) return stream(id, bytes);
  const Outcome outcome = FunctionResponse::outcome(invocation(call), bytes);
  if (const auto out = response_->egress(invocation(call), outcome, bytes)) use(out.meter, out.bytes, call);
  finish(id, outcome);
}

/// The program's own frame goes when it has ended. Another one, at its place among those that run, stands for
/// the invocation as long as its response flows. What was sent is billed, whether or not all of it came.
void Function::stream(FrameId ended, std::int64_t bytes) {
  const Call& call = record(frame(ended).serving);
  const StreamedResponse response = stream_response(bytes, deadline(frame(ended)) - now());
  if (const auto out = response_->egress(invocation(call), Outcome::ok, response.sent))
    use(out.meter, out.bytes, call);
  if (response.billed > 0) use(response_->streaming(), response.billed, call);
  if (response.takes == Duration::zero()) return finish(ended, response.outcome);
  const FrameId streaming = frames().take();
  frame(streaming) = frame(ended);
  frame(streaming).outcome = response.outcome;
  frame(ended).timed = false;
  running_.moved();
  after<&Function::streamed>(response.takes, streaming);
}

void Function::streamed(FrameId id) {
  if (!frame(id).cancelled) finish(id, frame(id).outcome);
  frames().release(id);
}

// ---- Settings ------------------------------------------------------------------------------------------

Settings describe_response() {
  return {
      bytes_distribution("response",
                         "The size of a response to who waits for it; beyond 6 MB the invocation fails, "
                         "unless the response is streamed.")
          .source("assumption"),
      object("url", "The function's URL, which the operation 'url' asks.",
             {choice("invoke_mode",
                     "How its responses come: buffered, up to 6 MB, or as a stream, up to 200 MB and from "
                     "6 MB on at 2 MB a second.",
                     {"buffered", "response_stream"})
                  .fallback("buffered")
                  .source(kUrls),
              boolean("internet",
                      "Whether its callers are outside, so that its responses are billed as data "
                      "transfer out.")
                  .fallback("true")})
          .source(kUrls)};
}

std::optional<ResponseConfig> response_config(const Value& settings) {
  if (!settings["response"].is_set()) return std::nullopt;
  return ResponseConfig{.bytes = settings["response"].distribution(),
                        .streams = settings["url"]["invoke_mode"].choice_index() == 1,
                        .internet = settings["url"]["internet"].boolean()};
}

}  // namespace spillway
