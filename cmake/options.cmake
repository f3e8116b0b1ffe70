# What every target is compiled with. Warnings are errors on g++ 12 and clang 19.
# -ffp-contract=off: a fused multiply-add has another last bit, and results must be the same on any CPU.
add_library(spillway_options INTERFACE)
target_include_directories(spillway_options INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/sim)
target_compile_options(spillway_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough -Werror -ffp-contract=off)
target_link_libraries(spillway_options INTERFACE fmt::fmt-header-only tl::expected Boost::headers)

if(SPILLWAY_SANITIZE)
  target_compile_options(spillway_options INTERFACE
    -fsanitize=${SPILLWAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(spillway_options INTERFACE -fsanitize=${SPILLWAY_SANITIZE})
endif()
