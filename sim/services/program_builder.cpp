#include "services/program_builder.hpp"

#include <fmt/format.h>

#include "model/guard_settings.hpp"
#include "model/retry_setting.hpp"

namespace spillway {

std::uint16_t ProgramBuilder::add(const Value& steps) {
  const std::uint16_t start = program_.next();
  if (steps.is_set()) add_steps(steps);
  program_.add({.verb = Step::Verb::end});
  return start;
}

Program ProgramBuilder::finish() {
  check(program_.steps.size() < UINT16_MAX, "a program has too many steps");
  return std::move(program_);
}

void ProgramBuilder::add_steps(const Value& steps) {
  for (const Value& step : steps.items()) add_step(step);
}

void ProgramBuilder::add_step(const Value& step) {
  const std::string& verb = step.text();
  if (verb == "compute") return add_compute(step);
  if (verb == "call") return add_call(step, Step::Verb::call, verb);
  if (verb == "emit") return add_call(step, Step::Verb::emit, verb);
  if (verb == "parallel") return add_parallel(step["parallel"]);
  if (verb == "branch") return add_branch(step["branch"]);
  if (verb == "once") return add_once(step["once"]);
  if (verb == "idempotent") return add_idempotent(step["idempotent"]);
  check(verb == "fail", "a verb of programs has no builder");
  const Value& fail = step["fail"];
  constexpr std::array kFailures{Outcome::error, Outcome::fault, Outcome::throttled, Outcome::refused};
  program_.add({.verb = Step::Verb::fail,
                .outcome = kFailures.at(fail["outcome"].choice_index()),
                .probability = fail["probability"].probability(),
                .draws = stream("fail")});
}

void ProgramBuilder::add_compute(const Value& step) {
  using enum Step::Verb;
  const Value& duration = step["compute"];
  const bool scaled = scale_ != Step::kWhole;
  if (duration.is_word("request")) {
    program_.add({.verb = scaled ? compute_work_scaled : compute_work, .scale = scale_});
  } else {
    program_.add({.verb = scaled ? compute_scaled : compute,
                  .duration = duration.distribution(),
                  .scale = scale_,
                  .draws = stream("compute")});
  }
}

void ProgramBuilder::add_call(const Value& step, Step::Verb verb, const std::string& word) {
  World& world = wiring_.world();
  const ServiceId to = wiring_.service(step[word]);
  PortConfig port;
  if (step["op"].is_set()) port.operation = step["op"].text();
  if (step["timeout"].is_set()) port.timeout = step["timeout"].duration();
  port.keyed = step["keyed"].boolean();
  port.retry = retry_policy(step["retry"], world.service(to).default_retry());
  read_guards(step, port);
  port.sibling = siblings_[{static_cast<std::uint32_t>(to), port.operation}]++;
  Step made{.verb = verb, .draws = stream("request")};
  if (verb == Step::Verb::call) made.carry_on = step["carry_on"].boolean();
  if (step["bytes"].is_set()) made.bytes = step["bytes"].distribution();
  made.port = world.connect(owner_.id(), to, std::move(port));
  program_.add(std::move(made));
}

void ProgramBuilder::add_parallel(const Value& arms) {
  const std::uint16_t fork = program_.add({.verb = Step::Verb::fork});
  for (const Value& arm : arms.items()) {
    program_.steps[fork].arms.push_back({.start = program_.next()});
    add_steps(arm);
    program_.add({.verb = Step::Verb::end});
  }
  program_.steps[fork].target = program_.next();
}

void ProgramBuilder::add_branch(const Value& arms) {
  const std::uint16_t branch = program_.add({.verb = Step::Verb::branch, .draws = stream("branch")});
  std::vector<std::uint16_t> ends;
  for (const Value& arm : arms.items()) {
    Step::Arm made{.start = program_.next()};
    if (arm["when"].is_set()) made.traffic_class = wiring_.traffic_class(arm["when"].text());
    if (arm["probability"].is_set()) made.probability = arm["probability"].probability();
    program_.steps[branch].arms.push_back(made);
    add_steps(arm["steps"]);
    ends.push_back(program_.add({.verb = Step::Verb::jump}));
  }
  program_.steps[branch].target = program_.next();
  for (const std::uint16_t end : ends) program_.steps[end].target = program_.next();
}

void ProgramBuilder::add_once(const Value& steps) {
  const std::uint16_t skip = program_.add({.verb = Step::Verb::first});
  add_steps(steps);
  program_.steps[skip].target = program_.next();
}

/// A write to the table of records: a claim puts one, a completion updates it, a failure deletes it.
std::uint16_t ProgramBuilder::add_record_write(std::size_t wrapper, Step::Verb verb, const Value& settings,
                                               std::string operation) {
  World& world = wiring_.world();
  const ServiceId to = wiring_.service(settings["store"]);
  PortConfig port{.operation = std::move(operation), .keyed = true};
  port.retry = retry_policy(settings["retry"], world.service(to).default_retry());
  read_guards(settings, port);
  port.sibling = siblings_[{static_cast<std::uint32_t>(to), port.operation}]++;
  return program_.add(
      {.verb = verb,
       .wraps = true,
       .wrapper = static_cast<std::uint16_t>(wrapper),
       .port = world.connect(owner_.id(), to, std::move(port)),
       .bytes = Distribution::constant(static_cast<double>(settings["record_size"].bytes()))});
}

void ProgramBuilder::add_idempotent(const Value& settings) {
  World& world = wiring_.world();
  const std::size_t wrapper = program_.wrappers.size();
  check(wrapper < UINT8_MAX, "a program has too many idempotent steps");
  const std::string store = world.service(wiring_.service(settings["store"])).name();
  program_.wrappers.push_back(
      {.records = &world.shared<IdempotencyRecords>("idempotency records in " + store),
       .salt = Stream(0, fmt::format("{}#{}", owner_.name(), wrapper)).key(),
       .expires_after = settings["expires_after"].duration(),
       .by_key = settings["by"].text() == "key",
       .lock_ends = settings["lock_ends"].boolean(),
       .local_cache_max_items =
           settings["use_local_cache"].boolean() ? settings["local_cache_max_items"].count() : 0});
  const std::uint16_t claim = add_record_write(wrapper, Step::Verb::claim, settings, "put");
  add_steps(settings["steps"]);
  add_record_write(wrapper, Step::Verb::complete, settings, "update");
  const std::uint16_t jump = program_.add({.verb = Step::Verb::jump});
  program_.wrappers[wrapper].release = add_record_write(wrapper, Step::Verb::release, settings, "delete");
  program_.steps[jump].target = program_.steps[claim].target = program_.next();
}

Stream ProgramBuilder::stream(std::string_view purpose) {
  return wiring_.world().stream(fmt::format("{}/{}/{}", owner_.name(), purpose, streams_++));
}

}  // namespace spillway
