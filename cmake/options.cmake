# What every target is compiled with. Warnings are errors on g++ 12 and clang 19.
# -ffp-contract=off: a fused multiply-add has another last bit, and results must be the same on any CPU.
add_library(spillway_options INTERFACE)
target_include_directories(spillway_options INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/sim)
target_compile_options(spillway_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough -Werror -ffp-contract=off)
target_link_libraries(spillway_options INTERFACE tl::expected Boost::headers)

# fmt's own source, compiled into each file that formats, costs four seconds a file.
if(SPILLWAY_FMT_HEADER_ONLY)
  target_link_libraries(spillway_options INTERFACE fmt::fmt-header-only)
else()
  target_link_libraries(spillway_options INTERFACE fmt::fmt)
endif()

if(SPILLWAY_SANITIZE)
  target_compile_options(spillway_options INTERFACE
    -fsanitize=${SPILLWAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(spillway_options INTERFACE -fsanitize=${SPILLWAY_SANITIZE})
endif()

# A fuzzer sees which branches an input took only if the libraries count them.
if(SPILLWAY_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "SPILLWAY_FUZZ needs clang++: libFuzzer is a part of clang.")
  endif()
  target_compile_options(spillway_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
