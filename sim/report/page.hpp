#pragma once
/// The report page: the shell that tools/web builds, with the data of a run in it. One self-contained file
/// that opens from the disk; its content-security policy allows nothing from anywhere else.

#include <optional>
#include <string>
#include <string_view>

namespace spillway {

/// The shell with the data in place of its marker. The data may hold any names: no text of it can end the
/// element that it stands in. None: this is no shell, it has no marker.
std::optional<std::string> render_page(std::string_view shell, std::string_view data_json);

}  // namespace spillway
