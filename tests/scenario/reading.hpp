#pragma once
// What the tests of the scenario reader share: files from memory, a small scenario's description with one
// setting of every kind, and reading a text in one call.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenario/compose.hpp"
#include "scenario/diagnostic.hpp"
#include "scenario/resolve.hpp"

namespace spillway::testing {

class MapFiles final : public Files {
 public:
  explicit MapFiles(std::map<std::string, std::string> files = {}) : files_(std::move(files)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return tl::unexpected<std::string>("it does not exist or cannot be opened");
    return found->second;
  }

 private:
  std::map<std::string, std::string> files_;
};

/// The root of a scenario without its resources.
inline Settings example_root() {
  return {
      count("spillway", "The version of the scenario format.").required().between(1, 1),
      text("name", "What the scenario is called."),
      duration("horizon", "How long is simulated.").fallback("1h").between(1s, 24h * 366),
      map("traffic", "What arrives.",
          object(
              "class", "One stream of requests.",
              {reference("to", "The resource that it enters.").required(),
               text("route", "The route it asks for."),
               object(
                   "arrivals", "When requests arrive.",
                   {rate("poisson", "At random, at this rate."), rate("constant", "Evenly, at this rate."),
                    text("file", "As a file of counts says."), number("scale", "Times this.").fallback("1")})
                   .exactly_one({"poisson", "constant", "file"})
                   .shorthand("poisson")
                   .required()}))
          .required()
          .at_least(1),
      map("thresholds", "What must hold.", list("conditions", "Conditions.", text("condition", "One."))),
  };
}

inline Settings example_queue() {
  return {
      duration("visibility_timeout", "How long a received message stays hidden.")
          .fallback("30s")
          .between(0s, 12h),
      bytes("maximum_message_size", "Larger messages are refused.").fallback("256KiB").between(1024, 1048576),
      count("in_flight_limit", "Received and not deleted.").fallback("120_000").at_least(1).adjustable(),
      object("redrive", "Where a message goes that was received too often.",
             {reference("to", "The dead-letter queue.").of_types({"aws.sqs.queue"}).required(),
              count("max_receive_count", "How often.").fallback("5").between(1, 1000)})
          .optional(),
      distribution("send_latency", "How long a send takes.")
          .fallback("{ lognormal: { median: 8ms, p99: 40ms } }"),
  };
}

inline Settings example_function() {
  return {
      text("runtime", "The language.").fallback("python3.13"),
      choice("architecture", "The processor.", {"x86", "arm"}).fallback("x86"),
      bytes("memory", "Its memory.").fallback("128MiB").between(128.0 * 1048576, 10240.0 * 1048576),
      duration("timeout", "How long one invocation may run.").fallback("3s").between(1s, 900s),
      count("concurrency", "Environments at most.").fallback("unlimited").words({"unlimited"}).at_least(0),
      probability("error_probability", "How often it fails.").fallback("0"),
      boolean("snap_start", "Whether it starts from a snapshot.").fallback("false"),
      number("speed", "How fast, relative to another.").fallback("1").between(0.1, 10),
      list("event_sources", "What it polls.",
           object("event_source", "One.",
                  {reference("from", "The queue.").required(),
                   count("batch_size", "Messages at once.").fallback("10").between(1, 10000)})),
      bytes_distribution("response", "The size of its answers.").fallback("1KiB"),
      number_distribution("fan_out", "How many it sends."),
      retry("retry", "What it does about failures.").fallback("sdk-standard"),
      program("program", "What it does.").fallback("[ { compute: 50ms } ]"),
      document("event", "An example of what it is given."),
  };
}

inline const std::vector<TypedSettings>& example_types() {
  static const std::vector<TypedSettings> types{{"aws.sqs.queue", "A queue.", example_queue()},
                                                {"aws.lambda.function", "A function.", example_function()}};
  return types;
}

/// A scenario read from memory, and all that was found.
struct Reading {
  Sources sources;
  Diagnostics diagnostics;
  std::optional<Node> node;
  Value root;
  Value resources;

  [[nodiscard]] std::string report() const { return render_text(diagnostics, sources); }
};

inline Reading read_example(const std::string& path, Files& files,
                            const std::vector<std::string>& sets = {}) {
  Reading reading;
  reading.node = compose(path, sets, scenario_rules(), reading.sources, files, reading.diagnostics);
  if (!reading.node) return reading;
  Resolver resolver{reading.sources, files, reading.diagnostics};
  Node rest = *reading.node;
  const Node* resources = reading.node->find("resources");
  std::erase_if(rest.entries, [](const Entry& entry) { return entry.name == "resources"; });
  reading.root = resolver.object(rest, example_root());
  if (resources != nullptr) {
    reading.resources = resolver.typed_map(*resources, example_types(), reading.node->entry("resources")->at);
  } else {
    reading.diagnostics.add(Rule::missing_property, reading.node->at, "missing property 'resources'");
  }
  return reading;
}

/// A tree from a text, as YAML unless the name ends in .json.
struct Document {
  Sources sources;
  Diagnostics diagnostics;
  std::optional<Node> node;

  [[nodiscard]] std::string report() const { return render_text(diagnostics, sources); }
};

inline Document parse(std::string text, const std::string& name = "a.yaml",
                      const DocumentLimits& limits = {}) {
  Document parsed;
  const std::uint32_t file = parsed.sources.add(name, std::move(text));
  parsed.node = read_document(parsed.sources, file, parsed.diagnostics, limits);
  return parsed;
}

}  // namespace spillway::testing
