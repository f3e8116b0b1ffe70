#pragma once
/// The page's data for those who read no pages: Markdown that fits a pull-request comment, and CSV with one
/// row a figure. Both are made from the data alone, so a result folder is enough.

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace spillway {

/// The error says why this is no page data.
tl::expected<std::string, std::string> markdown_digest(std::string_view data_json);
tl::expected<std::string, std::string> csv_digest(std::string_view data_json);

}  // namespace spillway
