#pragma once
/// A state machine's definition together with what it has computed so far: each transition is a pure function
/// of the state and the documents in view, so it is computed once and remembered.
///
/// What looks at one execution alone (its id, the time, a random number, an item of a Map in the context
/// object) is computed anew each time, and what comes of it is a fresh document.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "formats/asl/step.hpp"
#include "services/workflow_documents.hpp"

namespace spillway {

/// The documents in the view of one chain of states. Nothing is owned.
struct WorkflowView {
  DocumentId input = kNoDocument;
  DocumentId variables = kNoDocument;
  DocumentId outer = kNoDocument;
  const Json* context = nullptr;  ///< only looked at by states that read it: see reads_execution()
  const std::function<std::uint64_t()>* random_bits = nullptr;
  std::int64_t now_ms = 0;
};

/// A state goes on to another: one reference to each document is handed out.
struct WorkflowLeaving {
  DocumentId output = kNoDocument;
  DocumentId variables = kNoDocument;
  asl::StateIndex next = asl::kNoState;
};
struct WorkflowTask {
  DocumentId arguments = kNoDocument;
  std::optional<std::int64_t> timeout_seconds;
  std::optional<std::int64_t> heartbeat_seconds;
};
/// The flows that a Parallel or Map state runs.
struct WorkflowFanOut {
  struct Branch {
    asl::FlowIndex flow = 0;
    DocumentId input = kNoDocument;
    DocumentId item = kNoDocument;  ///< of a Map: `{"Index": …, "Value": …}`, when any state reads it
  };
  std::vector<Branch> branches;
  asl::FanOut bounds;  ///< without its branches
  std::uint32_t references = 0;
};
/// The number of a WorkflowFanOut that its Workflow holds, as long as somebody refers to it.
enum class FanOutId : std::uint32_t {};

/// What a state answers. After `leave` and `recover` it is a WorkflowLeaving or an asl::Failure.
using WorkflowAnswer =
    std::variant<WorkflowLeaving, WorkflowTask, asl::Waiting, asl::ReadItems, FanOutId, asl::Failure>;

class Workflow {
 public:
  /// Without `documents` only the shape of the definition counts: no path, template or rule is evaluated, and
  /// what is not a constant is not there.
  explicit Workflow(asl::Machine machine, bool documents = true);
  Workflow(const Workflow&) = delete;
  Workflow& operator=(const Workflow&) = delete;
  ~Workflow();

  const asl::Machine& machine() const { return machine_; }
  Documents& documents() { return documents_; }
  const Documents& documents() const { return documents_; }

  /// Whether what the state does on its way in depends on more than the documents: then the context object is
  /// needed.
  bool reads_execution(asl::StateIndex state) const { return reads_execution_[state]; }

  /// One reference to each document in the answer is handed out; the answer itself stands until the next one.
  const WorkflowAnswer& enter(asl::StateIndex state, const WorkflowView& view);
  const WorkflowAnswer& fan_out(asl::StateIndex state, const WorkflowView& view, DocumentId items);
  const WorkflowAnswer& leave(asl::StateIndex state, const WorkflowView& view, DocumentId result);
  /// With the error that no retrier takes: to a catcher's state, or the error itself again. `failure` must
  /// not be part of an earlier answer.
  const WorkflowAnswer& recover(asl::StateIndex state, const WorkflowView& view, const asl::Failure& failure);

  const WorkflowFanOut& plan(FanOutId id) const { return plans_[static_cast<std::size_t>(id)]; }
  void unrefer(FanOutId id);

 private:
  enum class Phase : std::uint32_t { enter, fan_out, leave, recover };
  struct Key {
    std::array<std::uint32_t, 6> words{};
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Known {
    WorkflowAnswer answer;
    std::array<DocumentId, 4> given{};  ///< of the key, which it keeps alive
  };

  static constexpr std::size_t kMostKnown = std::size_t{1} << 16U;

  template <class Compute>
  const WorkflowAnswer& remembered(Phase phase, asl::StateIndex state, const WorkflowView& view,
                                   DocumentId given, Compute compute);
  asl::Scope scope(const WorkflowView& view) const;
  WorkflowAnswer adopt(asl::Entered entered, bool fresh);
  WorkflowLeaving adopt(asl::Leaving leaving, bool fresh);
  FanOutId adopt(asl::FanOut out, bool fresh);
  FanOutId keep(WorkflowFanOut plan);
  DocumentId hold(Json value, bool fresh) {
    return fresh ? documents_.keep_fresh(std::move(value)) : documents_.share(std::move(value));
  }
  const WorkflowAnswer& handed_out(const WorkflowAnswer& answer);
  void give_back(const WorkflowAnswer& answer);
  const WorkflowAnswer& once(WorkflowAnswer answer) { return once_ = std::move(answer); }
  void forget_all();

  WorkflowLeaving unchanged(const WorkflowView& view, asl::StateIndex next);
  WorkflowAnswer enter_shape(asl::StateIndex state, const WorkflowView& view);
  FanOutId fan_out_shape(asl::StateIndex state, DocumentId items);
  WorkflowAnswer recover_shape(asl::StateIndex state, const WorkflowView& view, const asl::Failure& failure);

  asl::Machine machine_;
  bool shape_only_;
  Documents documents_;
  std::vector<bool> reads_execution_;
  bool items_are_read_ = false;  ///< by any state, through the context object
  std::deque<WorkflowFanOut> plans_;
  std::vector<FanOutId> free_plans_;
  std::unordered_map<Key, Known, KeyHash> known_;
  std::vector<const Known*> known_in_order_;
  WorkflowAnswer once_;  ///< the last that is not remembered
};

}  // namespace spillway
