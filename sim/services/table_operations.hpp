#pragma once
/// What may be asked of a DynamoDB table, and what it costs in units.
///
/// An operation is named by a verb and, where it takes one, a second word: of a batch or a transaction how
/// many items ("batch_write 25", "put_transact 3"), of a query or scan which global secondary index
/// ("query by_customer"). A port keeps it as a number.
///
/// Source: Amazon DynamoDB Developer Guide, read and write operations; constraints (2026-04-13).

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace spillway {

struct TableOperation {
  enum class Change : std::uint8_t { none, put, update, remove };
  /// What happens to the other items of a request when one is throttled.
  enum class Together : std::uint8_t { alone, batch, transaction };

  std::string_view name;
  Change change;
  std::int64_t factor;  ///< of reads in half units: eventual 1, strong 2, transactional 4; of writes 1 or 2
  Together together = Together::alone;
  bool of_index = false;        ///< may be asked of a global secondary index
  std::int64_t most_items = 1;  ///< of one request
  std::int64_t most_bytes = 0;  ///< of all its items; zero: no limit beyond the items' own

  bool writes() const { return change != Change::none; }
};
std::span<const TableOperation> table_operations();

struct TableRequest {
  const TableOperation* operation;
  std::int64_t items = 1;
  int index = -1;  ///< of the table's indexes; negative: the table itself
};

/// The number of what `text` asks for; negative: there is no such operation, index or number of items.
int table_request_number(std::string_view text, std::span<const std::string_view> indexes);
TableRequest table_request(unsigned number);

/// Half read units: 4 KB each unit, rounded up, at least one.
std::int64_t read_halves(std::int64_t bytes, std::int64_t factor);
/// Write units: 1 KB each, rounded up, at least one.
std::int64_t write_units(std::int64_t bytes, std::int64_t factor);

inline std::int64_t units_of(const TableOperation& operation, std::int64_t bytes) {
  return operation.writes() ? write_units(bytes, operation.factor) : read_halves(bytes, operation.factor);
}

}  // namespace spillway
