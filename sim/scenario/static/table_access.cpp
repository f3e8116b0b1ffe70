#include "scenario/static/table_access.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "services/table.hpp"

namespace spillway {

namespace {

constexpr std::array<std::string_view, 4> kWrites{"put", "update", "delete", "batch_write"};

/// The second word of an operation: how many items; zero: it is no number, and names an index.
double items_of(std::string_view word) {
  std::int64_t items = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), items);
  return error == std::errc{} && end == word.data() + word.size() ? static_cast<double>(items) : 0;
}

}  // namespace

TableAccess table_access(std::string_view operation, double bytes) {
  const std::size_t space = operation.find(' ');
  const std::string_view verb = operation.substr(0, space);
  const auto rows = table_operations();
  const auto row = std::ranges::find(rows, verb, &TableOperation::name);
  if (row == rows.end()) return {};
  const auto begins = [verb](std::string_view write) { return verb.starts_with(write); };
  const bool writes = std::ranges::any_of(kWrites, begins);
  const double items = space == std::string_view::npos ? 1 : items_of(operation.substr(space + 1));
  const auto size = static_cast<std::int64_t>(bytes);
  const double each = writes ? static_cast<double>(write_units(size, row->factor))
                             : static_cast<double>(read_halves(size, row->factor)) / 2;
  return {.writes = writes, .units = items * each};
}

}  // namespace spillway
