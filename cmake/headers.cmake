# The headers of the standard library and of fmt are the same for every file, and reading them took a third of
# a clang build (the command: 266 seconds of processor time instead of 414). Each clang build (clang, dev,
# tsan, tidy) compiles them once. g++'s build goes without, so that a file that forgets to include what it
# uses still fails there.
function(spillway_standard_headers target)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  if(NOT TARGET spillway_headers)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/headers.cpp CONTENT "")
    add_library(spillway_headers OBJECT ${CMAKE_BINARY_DIR}/generated/headers.cpp)
    target_link_libraries(spillway_headers PRIVATE spillway_options)
    # Without a time stamp in it, the compiler cache can reuse what was compiled with it.
    target_compile_options(spillway_headers PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(spillway_headers PRIVATE
      <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <functional> <limits> <map> <memory> <numeric>
      <optional> <ranges> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
      <fmt/format.h> <fmt/ranges.h> <tl/expected.hpp>)
  endif()
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(${target} REUSE_FROM spillway_headers)
endfunction()
