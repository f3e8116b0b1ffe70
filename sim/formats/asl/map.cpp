// Map states: from the input to the inputs of the iterations or children.

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include "formats/asl/data_flow.hpp"

namespace spillway::asl {

namespace {

std::string_view kind_name(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  return value.is_array() ? "array" : "object";
}

/// What a cause shows of a value.
std::string shown(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The list that a Map without a reader goes through: the input, or what is put in `room`.
const Json& listed_items(const State& state, const MapFields& map, const Scope& scope, Json& room) {
  const bool ata = state.language == Language::jsonata;
  if (map.items) room = evaluate_field(*map.items, scope);
  const Json& items = map.items ? room : *scope.input;
  if (items.is_array()) return items;
  if (ata && map.items) {
    fail_field(true, fmt::format("The JSONata expression '{}' specified for the field 'Items' returned an "
                                 "unexpected result type. Expected 'array', but was '{}' for value: {}",
                                 map.items->text, kind_name(items), shown(items)));
  }
  fail_field(ata, ata ? fmt::format("Map state input must be an array but was: {}", shown(items))
                      : fmt::format("Reference path \"{}\" must point to array.",
                                    map.items ? map.items->text : "$"));
}

/// The context object with `Map.Item` in it.
Json iteration_context(const Scope& scope, const Json& item) {
  Json context = scope.context == nullptr ? Json::object() : *scope.context;
  context["Map"]["Item"] = item;
  return context;
}

void check_reader(const ItemReader& reader, const Json& items) {
  const std::set<std::string> headers(reader.csv_headers.begin(), reader.csv_headers.end());
  if (headers.size() != reader.csv_headers.size()) {
    fail("States.ItemReaderFailed", "CSV headers cannot contain duplicates.");
  }
  if (!items.is_array()) fail("States.ItemReaderFailed", "Attempting to map over non-iterable node.");
}

/// The inputs of the children of a batching Map: as many items each as both bounds allow, at least one.
std::vector<Json> batches(const ItemBatcher& batcher, const Scope& scope,
                          const std::vector<FanOut::Branch>& items) {
  std::int64_t most_items = INT64_MAX;
  std::int64_t most_bytes = static_cast<std::int64_t>(kPayloadLimit);
  if (batcher.max_items) most_items = whole_number(*batcher.max_items, scope, "MaxItemsPerBatch", 1);
  if (batcher.max_bytes) {
    most_bytes = std::min(most_bytes, whole_number(*batcher.max_bytes, scope, "MaxInputBytesPerBatch", 1));
  }
  Json empty = Json::object();
  if (batcher.batch_input) empty["BatchInput"] = evaluate(*batcher.batch_input, scope);
  empty["Items"] = Json::array();
  const auto own_bytes = static_cast<std::int64_t>(measure(empty).bytes);
  std::vector<Json> result;
  std::int64_t bytes = 0;
  for (const FanOut::Branch& item : items) {
    const auto more = static_cast<std::int64_t>(measure(item.input).bytes) + 1;  // its comma
    const bool full = result.empty() ||
                      static_cast<std::int64_t>(result.back()["Items"].size()) >= most_items ||
                      bytes + more - 1 > most_bytes;
    if (full) {
      result.push_back(empty);
      bytes = own_bytes;
    }
    result.back()["Items"].push_back(item.input);
    bytes += more;
  }
  return result;
}

Json batch_item(std::size_t index, const Json& value) { return {{"Index", index}, {"Value", value}}; }

/// What a Map's bounds are; a wrong ToleratedFailure... is found after the state has started.
void read_bounds(const MapFields& map, const Scope& scope, FanOut& out) {
  if (map.max_concurrency) {
    out.concurrency = whole_number(*map.max_concurrency, scope, "MaxConcurrencyPath", 0);
  }
  if (!map.distributed) {
    out.concurrency =
        out.concurrency == 0 ? kInlineConcurrency : std::min(out.concurrency, kInlineConcurrency);
  }
}

void read_tolerance(const MapFields& map, const Scope& scope, FanOut& out) {
  try {
    if (map.tolerated_count) {
      out.tolerated_count = whole_number(*map.tolerated_count, scope, "ToleratedFailureCountPath", 0);
    }
    if (map.tolerated_percentage) out.tolerated_percentage = percentage(*map.tolerated_percentage, scope);
  } catch (Failed& failed) {
    failed.failure.started = true;
    throw;
  }
}

}  // namespace

bool FanOut::exceeded(std::size_t failed, std::size_t of) const {
  if (failed == 0) return false;
  if (!tolerated_count && !tolerated_percentage) return true;
  if (tolerated_count && static_cast<std::int64_t>(failed) > *tolerated_count) return true;
  return tolerated_percentage &&
         100.0 * static_cast<double>(failed) > *tolerated_percentage * static_cast<double>(of);
}

Entered enter_map(const State& state, const Scope& scope) {
  const auto& map = std::get<MapFields>(state.what);
  Json room;
  const Scope inner = with_input(scope, effective_input(state, scope, room));
  if (map.reader) {
    // What is wrong with the bounds is found before anything is read.
    FanOut bounds;
    read_bounds(map, inner, bounds);
    read_tolerance(map, inner, bounds);
    return ReadItems{map.reader->resource,
                     map.reader->arguments ? evaluate(*map.reader->arguments, inner) : Json()};
  }
  Json list;
  return map_items(state, scope, listed_items(state, map, inner, list));
}

FanOut map_items(const State& state, const Scope& scope, const Json& items) {
  const auto& map = std::get<MapFields>(state.what);
  Json room;
  const Scope inner = with_input(scope, effective_input(state, scope, room));
  FanOut out;
  out.map = true;
  out.distributed = map.distributed;
  read_bounds(map, inner, out);
  read_tolerance(map, inner, out);
  std::size_t count = items.size();
  if (map.reader) {
    check_reader(*map.reader, items);
    const std::int64_t most =
        map.reader->max_items ? whole_number(*map.reader->max_items, inner, "MaxItems", 0) : 0;
    if (most > 0) count = std::min(count, static_cast<std::size_t>(most));
  }
  out.branches.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Json item = scope.items_are_read || map.item_selector ? batch_item(i, items[i]) : Json();
    if (!map.item_selector) {
      out.branches.push_back({map.processor, items[i], std::move(item)});
      continue;
    }
    const Json context = iteration_context(scope, item);
    Scope one = inner;
    one.context = &context;
    out.branches.push_back({map.processor, evaluate(*map.item_selector, one), std::move(item)});
  }
  if (map.batcher) {
    std::vector<Json> inputs = batches(*map.batcher, inner, out.branches);
    out.branches.clear();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Json item = batch_item(i, inputs[i]);
      out.branches.push_back({map.processor, std::move(inputs[i]), std::move(item)});
    }
  }
  return out;
}

}  // namespace spillway::asl
