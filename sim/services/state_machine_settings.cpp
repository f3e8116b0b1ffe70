// How a scenario describes a state machine, and how it is made and connected.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/quotas.hpp"
#include "services/catalogue.hpp"
#include "services/state_machine.hpp"

namespace spillway {

namespace {

constexpr const char* kGuide = "Step Functions Developer Guide, service quotas, 2026";
constexpr const char* kAssumed = "assumption: AWS publishes no latency of a transition";

// ---- Description

Setting describe_results(std::string_view help) {
  return list("results", help,
              object("result", "One of them.",
                     {number("weight", "How often, against the others.").fallback("1").at_least(0),
                      document("document", "The result as JSON; of lambda:invoke what becomes its Payload.")
                          .required()}));
}

Setting describe_errors() {
  return list(
      "errors", "The errors of the code that runs, by name, as Retry and Catch see them.",
      object("error", "One of them.",
             {text("name", "Its name, such as OutOfStock.").required(), text("cause", "What its cause says."),
              number("weight", "How often, against the others.").fallback("1").at_least(0)})
          .shorthand("name"));
}

Setting describe_callback() {
  return object(
             "callback",
             "Who answers a task that waits for its token: a person, a worker. Without it the answer comes "
             "through the topology, by the operations send_task_success and send_task_failure.",
             {distribution("after", "How long until the answer.").required(),
              probability("never", "The chance that none comes.").fallback("0"),
              probability("fails", "The chance of SendTaskFailure, with one of `errors`.").fallback("0"),
              duration("heartbeat", "Between two SendTaskHeartbeat until the answer; unset: none is sent.")})
      .optional();
}

Setting describe_task() {
  return object(
      "state",
      "What the Task states of this name ask. Without `to` it is what the definition's Resource, or "
      "its FunctionName, QueueUrl, TableName or StateMachineArn, names, when a resource has that "
      "name; else a stub answers.",
      {reference("to", "The resource that does the work."),
       text("op", "The operation that is asked of it; unset: the one of the definition's Resource."),
       describe_results("What comes back, as examples by weight; without it the task's own payload."),
       describe_errors(), distribution("takes", "How long the stub takes."),
       probability("fails", "The chance that the stub fails.").fallback("0"), describe_callback()});
}

Setting describe_overhead() {
  return object(
      "overhead", "The time that Step Functions itself takes.",
      {distribution("start", "From StartExecution to the first state.").fallback("0s").source(kAssumed),
       distribution("transition",
                    "In each state, before its work; unset: a median of 25 ms (Standard) or 5 ms.")
           .source(kAssumed),
       distribution("task", "In a Task in addition, for each attempt."),
       distribution("choice", "In a Choice in addition."),
       distribution("parallel", "In a Parallel in addition."), distribution("map", "In a Map in addition.")});
}

Setting describe_account() {
  const auto rate_quota = [](std::string_view name, std::string_view quota_name, std::string_view help) {
    return rate(name, help).fallback(quota(quota_name)).source(kGuide).adjustable();
  };
  const auto count_quota = [](std::string_view name, std::string_view quota_name, std::string_view help) {
    return count(name, help).fallback(quota(quota_name)).at_least(1).source(kGuide).adjustable();
  };
  return object(
      "account",
      "The quotas of an account and region. State machines of one workflow type share them; those of the "
      "first "
      "in the scenario count.",
      {rate_quota("standard_starts", "stepfunctions.standard.start.rate", "StartExecution, Standard."),
       count_quota("standard_start_burst", "stepfunctions.standard.start.burst", "The size of its bucket."),
       rate_quota("express_starts", "stepfunctions.express.start.rate", "StartExecution, Express."),
       count_quota("express_start_burst", "stepfunctions.express.start.burst", "The size of its bucket."),
       rate_quota("transitions", "stepfunctions.standard.transitions.rate", "State transitions, Standard."),
       count_quota("transition_burst", "stepfunctions.standard.transitions.burst",
                   "The size of their bucket."),
       count_quota("executions", "stepfunctions.standard.executions", "Open Standard executions.")});
}

}  // namespace

Settings describe_state_machine() {
  return {
      choice("workflow", "Standard: each transition is kept, and paid for. Express: short, and paid by time.",
             {"standard", "express"})
          .fallback("standard"),
      document("definition",
               "The definition in the Amazon States Language: the name of a JSON or YAML file, or "
               "the definition itself.")
          .required(),
      map("definition_substitutions", "What its placeholders ${Name} stand for.",
          text("name", "Of one placeholder.")),
      choice("documents",
             "Whether documents flow, or only the shape of the definition counts: then Choice states go by "
             "chance "
             "(`branches`, else each way as often), Maps have the `items` or one, and nothing fails for its "
             "data.",
             {"flow", "ignored"})
          .fallback("flow"),
      map("tasks", "What Task states ask, by the state's name.", describe_task()),
      object("stub", "What answers tasks that no resource does.",
             {distribution("takes", "How long it takes.").required()})
          .optional()
          .shorthand("takes"),
      map("branches", "Choice states decided by chance and not by their documents, by the state's name.",
          map("choice", "The chance of each next state.", number("next", "Against the others.").at_least(0))),
      map("items", "What the ItemReader of a distributed Map reads, by the state's name.",
          object("map", "A list, or the same item so many times.",
                 {document("list", "The items, a JSON array."),
                  count("count", "How many items there are.").at_least(0),
                  document("each", "What each item is.").fallback("{}")})),
      map("compensations", "Which state takes back the effect of which: `Reserve: Release`.",
          text("state", "The one that takes it back.")),
      document("input", "The input of an execution whose traffic class has no document.").fallback("{}"),
      describe_overhead(),
      describe_account(),
      duration("maximum_duration", "The longest execution; unset: a year (Standard), five minutes (Express).")
          .at_least(Duration{1})
          .source(kGuide),
      count("history_events", "Events in the history of a Standard execution.")
          .fallback(quota("stepfunctions.history.events"))
          .between(1, 25'000)
          .source(kGuide),
      choice("execution_names",
             "Whether StartExecution, sent again by a retry while the execution runs, starts another "
             "(unique) or names the same (request). Express workflows know no names.",
             {"unique", "request"})
          .fallback("unique"),
      object("redrive", "Somebody redrives executions that failed, timed out or ran out of history.",
             {duration("after", "How long after the failure.").required(),
              count("times", "How often each, at most.").fallback("1").between(1, 1000)})
          .optional()
          .shorthand("after"),
      probability("run_twice", "The chance that an asynchronous Express execution is run a second time.")
          .fallback("0"),
  };
}

// ---- Making

namespace {

Distribution latency(Duration median) {
  const auto ns = static_cast<double>(median.count());
  return Distribution::make_lognormal_median_p99(ns, 4 * ns).value();
}

std::optional<Distribution> set_distribution(const Value& setting) {
  if (!setting.is_set()) return std::nullopt;
  return setting.distribution();
}

StateOverheads overheads(const Value& settings, bool express) {
  StateOverheads overheads;
  overheads.start = settings["start"].distribution();
  overheads.transition =
      settings["transition"].is_set() ? settings["transition"].distribution() : latency(express ? 5ms : 25ms);
  const auto more = [&](asl::StateType type, std::string_view name) {
    overheads.more[static_cast<std::size_t>(type)] = set_distribution(settings[name]);
  };
  more(asl::StateType::task, "task");
  more(asl::StateType::choice, "choice");
  more(asl::StateType::parallel, "parallel");
  more(asl::StateType::map, "map");
  return overheads;
}

TokenBucket bucket(const Value& account, std::string_view rate, std::string_view burst) {
  return TokenBucket::per_second(account[rate].rate(), static_cast<double>(account[burst].count()));
}

StepFunctionsAccount& account_of(World& world, const Value& settings, bool express) {
  return express
             ? world.shared<StepFunctionsAccount>("stepfunctions/express",
                                                  bucket(settings, "express_starts", "express_start_burst"),
                                                  TokenBucket())
             : world.shared<StepFunctionsAccount>("stepfunctions/standard",
                                                  bucket(settings, "standard_starts", "standard_start_burst"),
                                                  bucket(settings, "transitions", "transition_burst"));
}

asl::Machine nothing() {
  return *asl::load(R"({"StartAt": "None", "States": {"None": {"Type": "Succeed"}}})").machine;
}

struct LoadedDefinition {
  asl::Machine machine;
  std::int64_t bytes = 0;  ///< zero: it could not be read
};

/// A definition that cannot be read is told of, and a machine that does nothing stands in its place.
LoadedDefinition load_definition(Wiring& wiring, const Value& settings, bool express) {
  const Value& definition = settings["definition"];
  asl::LoadOptions options;
  options.express = express;
  for (const auto& [name, text] : settings["definition_substitutions"].members())
    options.substitutions.emplace(name, text.text());
  std::string text = definition.text();
  std::string path;
  if (const Json given = Json::parse(text, nullptr, false); given.is_string()) {
    path = given.get<std::string>();
    const bool yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    options.format = yaml ? TextFormat::yaml : TextFormat::json;
    ValueData named = definition.data();
    named.kind = Kind::text;
    named.text = path;
    auto read = wiring.file(Value(named));
    if (!read) {
      wiring.reject_definition(definition, fmt::format("cannot read '{}': {}", path, read.error()));
      return {nothing()};
    }
    text = *std::move(read);
  }
  asl::Loaded loaded = asl::load(text, options);
  for (const asl::Problem& problem : loaded.problems) {
    const std::string place =
        path.empty() ? std::string() : fmt::format("{}:{}:{}: ", path, problem.at.line, problem.at.column);
    wiring.reject_definition(
        definition,
        fmt::format(
            "{}{}: {}{}", place, problem.pointer, problem.message,
            problem.suggestion.empty() ? "" : fmt::format(" (did you mean '{}'?)", problem.suggestion)));
  }
  if (!loaded.machine) return {nothing()};
  return {*std::move(loaded.machine), static_cast<std::int64_t>(text.size())};
}

}  // namespace

Service& make_state_machine(Wiring& wiring, std::string name, const Value& settings) {
  const bool express = settings["workflow"].text() == "express";
  LoadedDefinition definition = load_definition(wiring, settings, express);
  StateMachineConfig config{.express = express,
                            .documents = settings["documents"].text() == "flow",
                            .overheads = overheads(settings["overhead"], express),
                            .longest = settings["maximum_duration"].is_set()
                                           ? settings["maximum_duration"].duration()
                                           : (express ? Duration(5min) : Duration(24h * 365)),
                            .open_limit = settings["account"]["executions"].count(),
                            .history_limit = settings["history_events"].count(),
                            .definition_bytes = definition.bytes,
                            .names_by_request = settings["execution_names"].text() == "request",
                            .repeats = settings["run_twice"].probability()};
  if (const Value& redrive = settings["redrive"]; redrive.is_set()) {
    config.redrive_after = redrive["after"].duration();
    config.most_redrives = static_cast<std::int32_t>(redrive["times"].count());
    if (express) wiring.reject(redrive, "only executions of a Standard workflow can be redriven");
  }
  if (express && config.names_by_request)
    wiring.reject(settings["execution_names"], "an Express workflow does not look at its executions' names");
  if (!express && config.repeats > 0)
    wiring.reject(settings["run_twice"], "a Standard workflow runs each execution exactly once");
  World& world = wiring.world();
  StepFunctionsAccount& account = account_of(world, settings["account"], express);
  return world.add<StateMachine>(std::move(name), std::move(config), std::move(definition.machine), account);
}

}  // namespace spillway
