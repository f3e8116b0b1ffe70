#pragma once
/// A state machine as its definition says it, parsed once and never changed: states by number, and every
/// path, template, rule and expression ready to be evaluated.
///
/// States of all nesting levels stand in one list; a Flow is one `StartAt` + `States` (the machine itself, a
/// branch of a Parallel state, the processor of a Map state). Flow 0 is the machine.
/// Source: states-language.net/spec.html (2025); defaults that AWS documents otherwise are noted at the
/// field.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/asl/choice.hpp"
#include "formats/asl/retry.hpp"
#include "formats/asl/template.hpp"
#include "formats/located_json.hpp"

namespace spillway::asl {

using StateIndex = std::uint32_t;
using FlowIndex = std::uint32_t;
inline constexpr StateIndex kNoState = std::numeric_limits<StateIndex>::max();

/// InputPath and OutputPath: a path, or null for an empty object.
struct Selector {
  bool discards = false;
  Path path;
};

struct Catcher {
  std::vector<std::string> errors;
  StateIndex next = kNoState;
  std::optional<Selector> result_path;
  std::optional<Template> output;
  std::optional<Template> assign;
};

struct ChoiceRule {
  Condition when;
  StateIndex next = kNoState;
  std::optional<Template> output;
  std::optional<Template> assign;
};

struct PassFields {
  std::optional<Json> result;
};
struct TaskFields {
  std::string resource;
  std::optional<Template> timeout;    ///< seconds; absent: 99,999,999 (AWS; the specification says 60)
  std::optional<Template> heartbeat;  ///< seconds
  std::optional<Template> credentials;
};
struct ChoiceFields {
  std::vector<ChoiceRule> rules;
  StateIndex otherwise = kNoState;
};
struct WaitFields {
  std::optional<Template> seconds;
  std::optional<Template> timestamp;
};
struct SucceedFields {};
struct FailFields {
  std::optional<Template> error;
  std::optional<Template> cause;
};
struct ParallelFields {
  std::vector<FlowIndex> branches;
};

struct ItemReader {
  std::string resource;
  std::optional<Template> arguments;
  std::string input_type;                ///< CSV, JSON, JSONL, MANIFEST, PARQUET, or empty
  std::vector<std::string> csv_headers;  ///< given in the definition
  std::optional<Template> max_items;
};
struct ItemBatcher {
  std::optional<Template> batch_input;
  std::optional<Template> max_items;
  std::optional<Template> max_bytes;
};
struct ResultWriter {
  std::string resource;
  std::optional<Template> arguments;
};
struct MapFields {
  FlowIndex processor = 0;
  bool distributed = false;
  bool express = false;  ///< the children's type
  std::string label;
  std::optional<Template> items;          ///< ItemsPath or Items
  std::optional<Template> item_selector;  ///< or the older Parameters
  std::optional<Template> max_concurrency;
  std::optional<Template> tolerated_count;
  std::optional<Template> tolerated_percentage;
  std::optional<ItemReader> reader;
  std::optional<ItemBatcher> batcher;
  std::optional<ResultWriter> writer;
};

enum class StateType : std::uint8_t { task, pass, choice, wait, succeed, fail, parallel, map };
std::string_view type_name(StateType type);

struct State {
  std::string name;
  StateType type = StateType::pass;
  Language language = Language::json_path;
  FlowIndex flow = 0;
  TextPlace at;
  StateIndex next = kNoState;  ///< none: the state ends its flow
  std::optional<Selector> input_path;
  std::optional<Template> arguments;  ///< Parameters or Arguments
  std::optional<Template> result_selector;
  std::optional<Selector> result_path;
  std::optional<Selector> output_path;
  std::optional<Template> output;
  std::optional<Template> assign;
  std::vector<Retrier> retry;
  std::vector<Catcher> catchers;
  std::variant<PassFields, TaskFields, ChoiceFields, WaitFields, SucceedFields, FailFields, ParallelFields,
               MapFields>
      what;
};

struct Flow {
  StateIndex start = kNoState;
  std::vector<StateIndex> states;
  StateIndex owner = kNoState;  ///< the Parallel or Map state around it
};

struct Machine {
  std::string comment;
  Language language = Language::json_path;
  std::optional<std::int64_t> timeout_seconds;
  std::vector<State> states;
  std::vector<Flow> flows;
};

/// What is wrong with a definition, where, and what was probably meant.
struct Problem {
  TextPlace at;
  std::string pointer;  ///< "/States/Pay/Retry/0"
  std::string message;
  std::string suggestion;
};

struct LoadOptions {
  TextFormat format = TextFormat::json;
  Substitutions substitutions;
  bool express = false;  ///< an Express machine: no waiting for tokens, jobs or activities
};

struct Loaded {
  std::optional<Machine> machine;  ///< present when there is no problem
  std::vector<Problem> problems;   ///< by place
};

/// Reads a definition, and finds all that is wrong with it at once.
Loaded load(std::string_view text, const LoadOptions& options = {});
/// The same for a definition that was read already, such as one that stands inside of a larger document.
Loaded load(const LocatedJson& document, bool express = false);

/// "/States/Pay/Retry: must be ..., at line 3, column 7": for messages.
std::string problem_text(const Problem& problem);

}  // namespace spillway::asl
