#include "services/table_operations.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace spillway {

namespace {

using Change = TableOperation::Change;
using Together = TableOperation::Together;

constexpr std::int64_t kReadUnit = 4 * 1024;
constexpr std::int64_t kWriteUnit = 1024;
constexpr std::int64_t kMegabyte = 1024 * 1024;

constexpr TableOperation transaction(std::string_view name, Change change) {
  return {name, change, change == Change::none ? 4 : 2, Together::transaction, false, 100, 4 * kMegabyte};
}

constexpr std::array kOperations{
    TableOperation{"get", Change::none, 1},
    TableOperation{"get_strong", Change::none, 2},
    transaction("get_transact", Change::none),
    TableOperation{"query", Change::none, 1, Together::alone, true},
    TableOperation{"query_strong", Change::none, 2},
    TableOperation{"scan", Change::none, 1, Together::alone, true},
    TableOperation{"scan_strong", Change::none, 2},
    TableOperation{"put", Change::put, 1},
    TableOperation{"update", Change::update, 1},
    TableOperation{"delete", Change::remove, 1},
    transaction("put_transact", Change::put),
    transaction("update_transact", Change::update),
    transaction("delete_transact", Change::remove),
    TableOperation{"batch_get", Change::none, 1, Together::batch, false, 100, 16 * kMegabyte},
    TableOperation{"batch_get_strong", Change::none, 2, Together::batch, false, 100, 16 * kMegabyte},
    TableOperation{"batch_write", Change::put, 1, Together::batch, false, 25, 16 * kMegabyte},
};

// A number is the operation and, above it, the second word: nothing, 1 to kMostItems items, or an index.
constexpr unsigned kVerbs = 16;
constexpr unsigned kMostItems = 100;
static_assert(kOperations.size() <= kVerbs);

std::int64_t parts(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }

/// The second word as a number; negative when it is none.
int second_word(const TableOperation& operation, std::string_view word,
                std::span<const std::string_view> indexes) {
  const auto* const end = word.data() + word.size();
  int items = 0;
  const auto [rest, error] = std::from_chars(word.data(), end, items);
  if (error == std::errc{} && rest == end) return items >= 1 && items <= operation.most_items ? items : -1;
  const auto index = std::ranges::find(indexes, word);
  if (!operation.of_index || index == indexes.end()) return -1;
  return static_cast<int>(kMostItems) + 1 + static_cast<int>(index - indexes.begin());
}

}  // namespace

std::span<const TableOperation> table_operations() { return kOperations; }

int table_request_number(std::string_view text, std::span<const std::string_view> indexes) {
  const std::size_t space = text.find(' ');
  const auto* const found = std::ranges::find(kOperations, text.substr(0, space), &TableOperation::name);
  if (found == kOperations.end()) return -1;
  const int verb = static_cast<int>(found - kOperations.begin());
  if (space == std::string_view::npos) return verb;
  const int second = second_word(*found, text.substr(space + 1), indexes);
  return second < 0 ? -1 : verb + second * static_cast<int>(kVerbs);
}

TableRequest table_request(unsigned number) {
  const TableOperation* const operation = &kOperations[number % kVerbs];
  const unsigned second = number / kVerbs;
  if (second > kMostItems) return {operation, 1, static_cast<int>(second - kMostItems - 1)};
  return {operation, std::max<std::int64_t>(1, second)};
}

std::int64_t read_halves(std::int64_t bytes, std::int64_t factor) {
  return std::max<std::int64_t>(1, parts(bytes, kReadUnit)) * factor;
}
std::int64_t write_units(std::int64_t bytes, std::int64_t factor) {
  return std::max<std::int64_t>(1, parts(bytes, kWriteUnit)) * factor;
}

}  // namespace spillway
