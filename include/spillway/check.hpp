#pragma once
/// Our own mistakes, never the user's: an assertion that stays on in every build, says where it stood, and
/// ends the run.

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace spillway {

[[noreturn]] inline void fail_check(const char* what, std::source_location where) {
  std::fprintf(stderr, "spillway: internal error: %s (%s:%u in %s)\n", what, where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

/// Ends the program when `holds` is false: a condition that only a defect in Spillway can break.
inline void check(bool holds, const char* what,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    fail_check(what, where);
}

}  // namespace spillway
