// A definition of which only the shape counts: states, waits, retries and catches, but no documents. For
// designs whose documents nobody has written yet.

#include <utility>

#include "services/workflow.hpp"

namespace spillway {

namespace {

std::optional<std::int64_t> constant_seconds(const std::optional<asl::Template>& source) {
  if (!source || source->kind != asl::Template::Kind::constant || !source->constant.is_number()) return {};
  return source->constant.get<std::int64_t>();
}

std::optional<std::string> constant_text(const std::optional<asl::Template>& source) {
  if (!source || source->kind != asl::Template::Kind::constant || !source->constant.is_string()) return {};
  return source->constant.get<std::string>();
}

asl::Waiting constant_wait(const asl::WaitFields& wait) {
  asl::Waiting waiting{.seconds = constant_seconds(wait.seconds).value_or(0), .until = {}};
  if (const auto until = constant_text(wait.timestamp)) waiting.until = asl::parse_timestamp(*until);
  return waiting;
}

}  // namespace

WorkflowLeaving Workflow::unchanged(const WorkflowView& view, asl::StateIndex next) {
  return {documents_.refer(view.input), documents_.refer(view.variables), next};
}

/// A Choice whose chances nobody told goes to its first rule's state; `StateMachine` draws the others.
WorkflowAnswer Workflow::enter_shape(asl::StateIndex index, const WorkflowView& view) {
  const asl::State& state = machine_.states[index];
  switch (state.type) {
    case asl::StateType::task: {
      const auto& task = std::get<asl::TaskFields>(state.what);
      return WorkflowTask{documents_.refer(view.input), constant_seconds(task.timeout),
                          constant_seconds(task.heartbeat)};
    }
    case asl::StateType::wait: return constant_wait(std::get<asl::WaitFields>(state.what));
    case asl::StateType::fail: {
      const auto& fields = std::get<asl::FailFields>(state.what);
      return asl::Failure{constant_text(fields.error), constant_text(fields.cause), {}, {}, {}};
    }
    case asl::StateType::choice:
      return unchanged(view, std::get<asl::ChoiceFields>(state.what).rules.front().next);
    case asl::StateType::parallel: {
      WorkflowFanOut plan;
      for (const asl::FlowIndex flow : std::get<asl::ParallelFields>(state.what).branches)
        plan.branches.push_back({flow, documents_.refer(view.input), kNoDocument});
      return keep(std::move(plan));
    }
    case asl::StateType::map: return asl::ReadItems{};
    case asl::StateType::pass:
    case asl::StateType::succeed: return unchanged(view, state.next);
  }
  return unchanged(view, state.next);
}

FanOutId Workflow::fan_out_shape(asl::StateIndex index, DocumentId items) {
  const auto& map = std::get<asl::MapFields>(machine_.states[index].what);
  WorkflowFanOut plan;
  plan.bounds.map = true;
  plan.bounds.distributed = map.distributed;
  plan.bounds.concurrency = constant_seconds(map.max_concurrency).value_or(0);
  if (!map.distributed && (plan.bounds.concurrency == 0 || plan.bounds.concurrency > asl::kInlineConcurrency))
    plan.bounds.concurrency = asl::kInlineConcurrency;
  plan.bounds.tolerated_count = constant_seconds(map.tolerated_count);
  if (const auto percentage = constant_seconds(map.tolerated_percentage))
    plan.bounds.tolerated_percentage = static_cast<double>(*percentage);
  const std::size_t count = documents_[items].size();
  const std::int64_t batch = map.batcher ? constant_seconds(map.batcher->max_items).value_or(1) : 1;
  const std::size_t children =
      (count + static_cast<std::size_t>(batch) - 1) / static_cast<std::size_t>(batch);
  for (std::size_t i = 0; i < children; ++i)
    plan.branches.push_back({map.processor, documents_.share(Json::object()), kNoDocument});
  return keep(std::move(plan));
}

WorkflowAnswer Workflow::recover_shape(asl::StateIndex index, const WorkflowView& view,
                                       const asl::Failure& failure) {
  for (const asl::Catcher& catcher : machine_.states[index].catchers) {
    if (asl::matches(catcher.errors, failure)) return unchanged(view, catcher.next);
  }
  return failure;
}

}  // namespace spillway
