#include "services/workflow.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace spillway {

namespace {

// ---- Which states look beyond their documents

/// What an expression names when its value is not a function of the documents alone. `$$.Map.Item` within an
/// ItemSelector is: the items are made from the documents there.
bool looks_beyond(std::string_view text, bool item_selector) {
  constexpr std::array<std::string_view, 8> kWords{
      "States.UUID", "States.MathRandom", "$uuid", "$random", "$shuffle", "$now", "$millis", "$eval"};
  for (const std::string_view word : kWords) {
    if (text.find(word) != std::string_view::npos) return true;
  }
  constexpr std::array<std::string_view, 2> kContexts{"$$", "$states.context"};
  for (const std::string_view context : kContexts) {
    for (std::size_t at = text.find(context); at != std::string_view::npos; at = text.find(context, at + 1)) {
      if (!item_selector || !text.substr(at + context.size()).starts_with(".Map.Item")) return true;
    }
  }
  return false;
}

bool looks_beyond(const asl::Template& source, bool item_selector = false) {
  if (looks_beyond(source.text, item_selector)) return true;
  for (const asl::Template& item : source.items) {
    if (looks_beyond(item, item_selector)) return true;
  }
  return false;
}
bool looks_beyond(const std::optional<asl::Template>& source, bool item_selector = false) {
  return source && looks_beyond(*source, item_selector);
}
bool looks_beyond(const std::optional<asl::Selector>& selector) {
  return selector && looks_beyond(std::string_view(selector->path.text), false);
}

bool looks_beyond(const asl::Condition& condition) {
  for (const asl::Condition& part : condition.parts) {
    if (looks_beyond(part)) return true;
  }
  return looks_beyond(std::string_view(condition.variable.text), false) || looks_beyond(condition.other) ||
         looks_beyond(condition.expression);
}

struct FieldsLookBeyond {
  bool operator()(const asl::PassFields&) const { return false; }
  bool operator()(const asl::SucceedFields&) const { return false; }
  bool operator()(const asl::ParallelFields&) const { return false; }
  bool operator()(const asl::TaskFields& task) const {
    return looks_beyond(task.timeout) || looks_beyond(task.heartbeat) || looks_beyond(task.credentials);
  }
  bool operator()(const asl::ChoiceFields& choice) const {
    for (const asl::ChoiceRule& rule : choice.rules) {
      if (looks_beyond(rule.when) || looks_beyond(rule.output) || looks_beyond(rule.assign)) return true;
    }
    return false;
  }
  /// Whether a timestamp is too far ahead depends on the time; so a Timestamp is looked at each time.
  bool operator()(const asl::WaitFields& wait) const {
    return looks_beyond(wait.seconds) || wait.timestamp.has_value();
  }
  bool operator()(const asl::FailFields& fail) const {
    return looks_beyond(fail.error) || looks_beyond(fail.cause);
  }
  bool operator()(const asl::MapFields& map) const {
    return looks_beyond(map.items) || looks_beyond(map.item_selector, true) ||
           looks_beyond(map.max_concurrency) || looks_beyond(map.tolerated_count) ||
           looks_beyond(map.tolerated_percentage) ||
           (map.batcher && (looks_beyond(map.batcher->batch_input) || looks_beyond(map.batcher->max_items) ||
                            looks_beyond(map.batcher->max_bytes))) ||
           (map.reader && (looks_beyond(map.reader->arguments) || looks_beyond(map.reader->max_items)));
  }
};

bool looks_beyond(const asl::State& state) {
  for (const asl::Catcher& catcher : state.catchers) {
    if (looks_beyond(catcher.output) || looks_beyond(catcher.assign) || looks_beyond(catcher.result_path))
      return true;
  }
  return looks_beyond(state.input_path) || looks_beyond(state.arguments) ||
         looks_beyond(state.result_selector) || looks_beyond(state.result_path) ||
         looks_beyond(state.output_path) || looks_beyond(state.output) || looks_beyond(state.assign) ||
         std::visit(FieldsLookBeyond{}, state.what);
}

const Json& empty_object() {
  static const Json kEmpty = Json::object();
  return kEmpty;
}

}  // namespace

Workflow::Workflow(asl::Machine machine, bool documents)
    : machine_(std::move(machine)), shape_only_(!documents) {
  known_.max_load_factor(0.5F);  // asked at each transition
  for (const asl::State& state : machine_.states)
    reads_execution_.push_back(documents && looks_beyond(state));
  items_are_read_ = std::ranges::find(reads_execution_, true) != reads_execution_.end();
}

Workflow::~Workflow() { forget_all(); }

std::size_t Workflow::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = 0;
  for (const std::uint32_t word : key.words) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 29U;
  }
  return hash;
}

asl::Scope Workflow::scope(const WorkflowView& view) const {
  asl::Scope scope;
  scope.input = &documents_[view.input];
  scope.context = view.context == nullptr ? &empty_object() : view.context;
  scope.variables = view.variables == kNoDocument ? &empty_object() : &documents_[view.variables];
  scope.outer_variables = view.outer == kNoDocument ? &empty_object() : &documents_[view.outer];
  scope.random_bits = view.random_bits;
  scope.now_ms = view.now_ms;
  scope.items_are_read = items_are_read_;
  return scope;
}

// ---- What is remembered

template <class Compute>
const WorkflowAnswer& Workflow::remembered(Phase phase, asl::StateIndex state, const WorkflowView& view,
                                           DocumentId given, Compute compute) {
  const bool fresh = reads_execution_[state] || documents_.fresh(view.input) || documents_.fresh(given) ||
                     documents_.fresh(view.variables) || documents_.fresh(view.outer);
  if (fresh) return once(adopt(compute(), true));
  const Key key{{state, static_cast<std::uint32_t>(phase), static_cast<std::uint32_t>(view.input),
                 static_cast<std::uint32_t>(view.variables), static_cast<std::uint32_t>(view.outer),
                 static_cast<std::uint32_t>(given)}};
  if (const auto known = known_.find(key); known != known_.end()) return handed_out(known->second.answer);
  if (known_.size() >= kMostKnown) forget_all();
  Known& entry = known_[key];
  entry.answer = adopt(compute(), false);
  known_in_order_.push_back(&entry);
  entry.given = {documents_.refer(view.input), documents_.refer(view.variables), documents_.refer(view.outer),
                 documents_.refer(given)};
  return handed_out(entry.answer);
}

const WorkflowAnswer& Workflow::handed_out(const WorkflowAnswer& answer) {
  if (const auto* leaving = std::get_if<WorkflowLeaving>(&answer)) {
    documents_.refer(leaving->output);
    documents_.refer(leaving->variables);
  } else if (const auto* task = std::get_if<WorkflowTask>(&answer)) {
    documents_.refer(task->arguments);
  } else if (const auto* plan = std::get_if<FanOutId>(&answer)) {
    ++plans_[static_cast<std::size_t>(*plan)].references;
  }
  return answer;
}

void Workflow::give_back(const WorkflowAnswer& answer) {
  if (const auto* leaving = std::get_if<WorkflowLeaving>(&answer)) {
    documents_.unrefer(leaving->output);
    documents_.unrefer(leaving->variables);
  } else if (const auto* task = std::get_if<WorkflowTask>(&answer)) {
    documents_.unrefer(task->arguments);
  } else if (const auto* plan = std::get_if<FanOutId>(&answer)) {
    unrefer(*plan);
  }
}

void Workflow::forget_all() {
  for (const Known* const known : known_in_order_) {
    for (const DocumentId given : known->given) documents_.unrefer(given);
    give_back(known->answer);
  }
  known_in_order_.clear();
  known_.clear();
}

FanOutId Workflow::keep(WorkflowFanOut plan) {
  if (free_plans_.empty()) {
    free_plans_.push_back(FanOutId{static_cast<std::uint32_t>(plans_.size())});
    plans_.emplace_back();
  }
  const FanOutId id = free_plans_.back();
  free_plans_.pop_back();
  plan.references = 1;
  plans_[static_cast<std::size_t>(id)] = std::move(plan);
  return id;
}

void Workflow::unrefer(FanOutId id) {
  WorkflowFanOut& plan = plans_[static_cast<std::size_t>(id)];
  if (--plan.references > 0) return;
  for (const WorkflowFanOut::Branch& branch : plan.branches) {
    documents_.unrefer(branch.input);
    documents_.unrefer(branch.item);
  }
  plan = {};
  free_plans_.push_back(id);
}

WorkflowLeaving Workflow::adopt(asl::Leaving leaving, bool fresh) {
  return {hold(std::move(leaving.output), fresh),
          leaving.variables.empty() ? kNoDocument : hold(std::move(leaving.variables), fresh), leaving.next};
}

FanOutId Workflow::adopt(asl::FanOut out, bool fresh) {
  WorkflowFanOut plan;
  plan.branches.reserve(out.branches.size());
  for (asl::FanOut::Branch& branch : out.branches) {
    const bool item = out.map && items_are_read_;
    plan.branches.push_back({branch.flow, hold(std::move(branch.input), fresh),
                             item ? hold(std::move(branch.item), fresh) : kNoDocument});
  }
  out.branches.clear();
  plan.bounds = std::move(out);
  return keep(std::move(plan));
}

WorkflowAnswer Workflow::adopt(asl::Entered entered, bool fresh) {
  if (auto* leaving = std::get_if<asl::Leaving>(&entered)) return adopt(*std::move(leaving), fresh);
  if (auto* task = std::get_if<asl::TaskRequest>(&entered)) {
    return WorkflowTask{hold(std::move(task->arguments), fresh), task->timeout_seconds,
                        task->heartbeat_seconds};
  }
  if (auto* waiting = std::get_if<asl::Waiting>(&entered)) return *waiting;
  if (auto* reading = std::get_if<asl::ReadItems>(&entered)) return *std::move(reading);
  if (auto* out = std::get_if<asl::FanOut>(&entered)) return adopt(*std::move(out), fresh);
  return std::get<asl::Failure>(std::move(entered));
}

// ---- The four questions

namespace {

asl::Entered widened(asl::Left left) {
  if (auto* leaving = std::get_if<asl::Leaving>(&left)) return *std::move(leaving);
  return std::get<asl::Failure>(std::move(left));
}

}  // namespace

const WorkflowAnswer& Workflow::enter(asl::StateIndex state, const WorkflowView& view) {
  if (shape_only_) return once(enter_shape(state, view));
  return remembered(Phase::enter, state, view, kNoDocument,
                    [&] { return asl::enter(machine_, state, scope(view)); });
}

const WorkflowAnswer& Workflow::fan_out(asl::StateIndex state, const WorkflowView& view, DocumentId items) {
  if (shape_only_) return once(fan_out_shape(state, items));
  return remembered(Phase::fan_out, state, view, items,
                    [&] { return asl::fan_out(machine_, state, scope(view), documents_[items]); });
}

const WorkflowAnswer& Workflow::leave(asl::StateIndex state, const WorkflowView& view, DocumentId result) {
  if (shape_only_) return once(unchanged(view, machine_.states[state].next));
  return remembered(Phase::leave, state, view, result,
                    [&] { return widened(asl::leave(machine_, state, scope(view), documents_[result])); });
}

const WorkflowAnswer& Workflow::recover(asl::StateIndex state, const WorkflowView& view,
                                        const asl::Failure& failure) {
  if (shape_only_) return once(recover_shape(state, view, failure));
  // An error is known by its words, which say all that a catcher sees of it.
  const DocumentId words =
      documents_.share({failure.error.value_or(""), failure.cause.value_or(""), failure.error.has_value(),
                        failure.cause.has_value(), failure.heartbeat});
  const WorkflowAnswer& answer = remembered(Phase::recover, state, view, words, [&] {
    // Retriers were asked already: here they count as used up.
    asl::RetryCounts counts;
    for (const asl::Retrier& retrier : machine_.states[state].retry) counts.push_back(retrier.max_attempts);
    asl::Recovered recovered = asl::recover(machine_, state, scope(view), failure, counts);
    if (auto* leaving = std::get_if<asl::Leaving>(&recovered)) return asl::Entered(*std::move(leaving));
    return asl::Entered(std::get<asl::Failure>(std::move(recovered)));
  });
  documents_.unrefer(words);
  return answer;
}

}  // namespace spillway
