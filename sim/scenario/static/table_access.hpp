#pragma once
/// What asking a table for an operation costs, by the words that a scenario writes.

#include <string_view>

namespace spillway {

struct TableAccess {
  bool writes = false;
  double units = 0;  ///< of one request; zero: none of the table itself
};

/// `operation` is a verb, with the number of items behind it where there are several ("batch_write 25").
TableAccess table_access(std::string_view operation, double bytes);

}  // namespace spillway
