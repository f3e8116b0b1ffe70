#pragma once
/// The static view of scenarios as `spillway validate` shows it: text for people, JSON for programs.

#include <span>
#include <string>

#include "scenario/static/static_view.hpp"

namespace spillway {

/// Offered load beside the limits, retry amplification, and what is assumed.
std::string static_text(const StaticView& view);

/// A path and what its layers multiply: "shoppers (client x3) > api > worker (SDK x4) > orders".
std::string path_text(const StaticView& view, const RetryPath& path);

/// The diagnostics of all files, and under "static" one view each for those that can be read.
std::string validation_json(const Diagnostics& diagnostics, const Sources& sources,
                            std::span<const StaticView> views);

}  // namespace spillway
