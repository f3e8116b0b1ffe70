// From what a scenario says of the states of a state machine to its bindings, state by state.

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "model/nearest.hpp"
#include "services/catalogue.hpp"
#include "services/state_machine.hpp"
#include "services/state_machine_bindings.hpp"

namespace spillway {

namespace {

/// Puts what a scenario says of states into a state machine, state by state.
class StateMachineConnector {
 public:
  StateMachineConnector(Wiring& wiring, StateMachine& machine, const Value& settings)
      : wiring_(wiring), machine_(machine), settings_(settings), states_(machine.machine().states) {}

  void connect() {
    check_names("tasks", {asl::StateType::task});
    check_names("branches", {asl::StateType::choice});
    check_names("items", {asl::StateType::map});
    for (asl::StateIndex i = 0; i < states_.size(); ++i) {
      if (states_[i].type == asl::StateType::task) machine_.bind(i, task(i));
    }
    branches();
    items();
    compensations();
    inputs();
  }

 private:
  const asl::StateIndex* find(std::string_view name) {
    if (names_.empty()) {
      for (asl::StateIndex i = 0; i < states_.size(); ++i) names_.emplace(states_[i].name, i);
    }
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
  }

  void unknown(const Value& where, std::string_view name, std::string_view what,
               std::initializer_list<asl::StateType> types) {
    std::vector<std::string_view> known;
    for (const asl::State& state : states_) {
      if (types.size() == 0 || std::ranges::find(types, state.type) != types.end())
        known.push_back(state.name);
    }
    const std::string_view nearest = nearest_name(name, known);
    wiring_.reject(where, fmt::format("the definition has no {} '{}'{}", what, name,
                                      nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
  }

  void check_names(std::string_view setting, std::initializer_list<asl::StateType> types) {
    const std::string what = fmt::format("{} state", asl::type_name(*types.begin()));
    for (const auto& [name, value] : settings_[setting].members()) {
      const asl::StateIndex* const state = find(name);
      if (state == nullptr || std::ranges::find(types, states_[*state].type) == types.end())
        unknown(value, name, what, types);
    }
  }

  DocumentId share(const Value& document) {
    return machine_.workflow().documents().share(Json::parse(document.text()));
  }

  // ---- Tasks

  TaskBinding task(asl::StateIndex index) {
    const asl::State& state = states_[index];
    const TaskResource resource = read_resource(std::get<asl::TaskFields>(state.what).resource);
    const Value* const given = settings_["tasks"].find(state.name);
    TaskBinding binding;
    using enum TaskBinding::Pattern;
    binding.pattern = resource.waits == TaskResource::Waits::token ? token
                      : resource.waits == TaskResource::Waits::job ? job
                                                                   : request_response;
    binding.echo = resource.envelope;
    binding.json_output = resource.json_output;
    name_failures(binding, resource);
    std::string operation = operation_of(state, resource);
    if (given != nullptr) {
      if ((*given)["op"].is_set()) operation = (*given)["op"].text();
      read_answers(binding, *given, resource);
    }
    binding.port = port(state, resource, given, operation);
    if (binding.port == kNoPort) stub(binding, state, given);
    return binding;
  }

  static void name_failures(TaskBinding& binding, const TaskResource& resource) {
    const std::array<std::string, kOutcomes> names = error_names(resource);
    for (std::size_t i = 0; i < kOutcomes; ++i) binding.failures[i] = asl::Failure{names[i], {}, {}, {}, {}};
    if (resource.service == "lambda") {  // an exception's class; which one, the scenario may say
      binding.failures[static_cast<std::size_t>(Outcome::error)] = named_error("Exception", {});
    }
  }

  /// A function's exception as the invocation shows it.
  static asl::Failure named_error(const std::string& name, const std::string& cause) {
    const std::string text = cause.empty() ? Json{{"errorMessage", name}, {"errorType", name}}.dump() : cause;
    return asl::Failure{name, text, {}, {}, {}};
  }

  void read_answers(TaskBinding& binding, const Value& given, const TaskResource& resource) {
    for (const Value& result : given["results"].items()) {
      Json document = Json::parse(result["document"].text());
      if (resource.envelope) {
        document = {{"ExecutedVersion", "$LATEST"}, {"Payload", std::move(document)}, {"StatusCode", 200}};
      }
      binding.results.add(result["weight"].number(),
                          machine_.workflow().documents().share(std::move(document)));
    }
    for (const Value& error : given["errors"].items()) {
      const std::string cause = error["cause"].is_set() ? error["cause"].text() : "";
      binding.errors.add(error["weight"].number(), named_error(error["name"].text(), cause));
    }
    const Value& callback = given["callback"];
    if (!callback.is_set()) return;
    if (binding.pattern != TaskBinding::Pattern::token)
      wiring_.reject(callback, "only a task whose Resource ends in .waitForTaskToken waits for a callback");
    binding.callback = TaskCallback{
        .after = callback["after"].distribution(),
        .never = callback["never"].probability(),
        .fails = callback["fails"].probability(),
        .heartbeat = callback["heartbeat"].is_set() ? callback["heartbeat"].duration() : Duration::zero()};
  }

  PortId port(const asl::State& state, const TaskResource& resource, const Value* given,
              const std::string& operation) {
    World& world = wiring_.world();
    std::optional<ServiceId> to;
    if (given != nullptr && (*given)["to"].is_set()) {
      to = wiring_.service((*given)["to"]);
    } else if (const std::string called = called_name(state, resource); !called.empty()) {
      const auto found = std::ranges::find(world.services(), called, &Service::name);
      if (found != world.services().end()) to = (*found)->id();
    }
    if (!to) return kNoPort;
    PortConfig config{.operation = operation, .sibling = siblings_[{*to, operation}]++};
    if (resource.service == "http") config.timeout = 60s;  // of an HTTP Task (Developer Guide, quotas)
    return world.connect(machine_.id(), *to, std::move(config));
  }

  void stub(TaskBinding& binding, const asl::State& state, const Value* given) {
    if (given != nullptr) binding.fails = (*given)["fails"].probability();
    if (given != nullptr && (*given)["takes"].is_set()) {
      binding.takes = (*given)["takes"].distribution();
    } else if (settings_["stub"].is_set()) {
      binding.takes = settings_["stub"]["takes"].distribution();
    } else {
      wiring_.reject(
          given == nullptr ? settings_["definition"] : *given,
          fmt::format("nobody does the task '{0}': name a resource in tasks.{0}.to, or say how long a "
                      "stub takes in tasks.{0}.takes or stub",
                      state.name));
    }
  }

  // ---- Other states

  void branches() {
    for (const auto& [name, chances] : settings_["branches"].members()) {
      const asl::StateIndex* const choice = find(name);
      if (choice == nullptr) continue;
      Weighted<asl::StateIndex> weighted;
      for (const auto& [next, weight] : chances.members()) {
        const asl::StateIndex* const to = find(next);
        if (to == nullptr || states_[*to].flow != states_[*choice].flow) {
          unknown(weight, next, fmt::format("state beside '{}' called", name), {});
        } else {
          weighted.add(weight.number(), *to);
        }
      }
      machine_.set_branches(*choice, std::move(weighted));
    }
    if (settings_["documents"].text() == "flow") return;
    for (asl::StateIndex i = 0; i < states_.size(); ++i) {
      if (states_[i].type == asl::StateType::choice && settings_["branches"].find(states_[i].name) == nullptr)
        even_branches(i);
    }
  }

  void even_branches(asl::StateIndex index) {
    const auto& choice = std::get<asl::ChoiceFields>(states_[index].what);
    Weighted<asl::StateIndex> weighted;
    for (const asl::ChoiceRule& rule : choice.rules) weighted.add(1, rule.next);
    if (choice.otherwise != asl::kNoState) weighted.add(1, choice.otherwise);
    machine_.set_branches(index, std::move(weighted));
  }

  void items() {
    for (const auto& [name, given] : settings_["items"].members()) {
      const asl::StateIndex* const map = find(name);
      if (map == nullptr) continue;
      if (given["list"].is_set() == given["count"].is_set()) {
        wiring_.reject(given, "items are a `list`, or a `count` of the same");
        continue;
      }
      Json list = Json::array();
      if (given["list"].is_set()) {
        list = Json::parse(given["list"].text());
      } else {
        const Json each = Json::parse(given["each"].text());
        for (std::int64_t i = 0; i < given["count"].count(); ++i) list.push_back(each);
      }
      if (!list.is_array()) wiring_.reject(given["list"], "the items are not a JSON array");
      machine_.set_items(*map, machine_.workflow().documents().share(std::move(list)));
    }
  }

  void compensations() {
    std::vector<Compensation> rows;
    for (const auto& [does, undoes] : settings_["compensations"].members()) {
      const asl::StateIndex* const step = find(does);
      const asl::StateIndex* const back = find(undoes.text());
      if (step == nullptr) unknown(undoes, does, "state", {});
      if (back == nullptr) unknown(undoes, undoes.text(), "state", {});
      if (step != nullptr && back != nullptr) rows.push_back({*step, *back});
    }
    if (rows.size() > 64) return wiring_.reject(settings_["compensations"], "at most 64 steps have one");
    machine_.set_compensations(rows);
  }

  void inputs() {
    for (std::uint16_t number = 0; number < wiring_.classes(); ++number) {
      const std::string document = wiring_.class_document(number);
      machine_.set_input(number, document.empty()
                                     ? share(settings_["input"])
                                     : machine_.workflow().documents().share(Json::parse(document)));
    }
  }

  Wiring& wiring_;
  StateMachine& machine_;
  const Value& settings_;
  const std::vector<asl::State>& states_;
  std::map<std::string_view, asl::StateIndex> names_;
  std::map<std::pair<ServiceId, std::string>, std::uint32_t> siblings_;
};

}  // namespace

void connect_state_machine(Wiring& wiring, Service& service, const Value& settings) {
  auto& machine = static_cast<StateMachine&>(service);
  // Of a definition that could not be read enough was said.
  if (machine.config().definition_bytes > 0) StateMachineConnector(wiring, machine, settings).connect();
}

}  // namespace spillway
