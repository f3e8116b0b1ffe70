#include "scenario/class_documents.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace spillway {

namespace {

Entry* find(Node& map, std::string_view name) {
  const auto found = std::ranges::find(map.entries, name, &Entry::name);
  return found == map.entries.end() ? nullptr : &*found;
}

class Documents {
 public:
  Documents(Sources& sources, Files& files, Diagnostics& diagnostics)
      : sources_(sources), files_(files), diagnostics_(diagnostics) {}

  void read(const std::string& name, Node& traffic_class) {
    const Entry* const file = find(traffic_class, "file");
    if (file != nullptr && file->value.is_scalar()) {
      if (find(traffic_class, "document") != nullptr) {
        diagnostics_.add(
            Rule::exactly_one, file->at,
            fmt::format("class '{}' gives 'document' and 'file': its example is one of them", name));
        return;
      }
      std::optional<Node> document = from_file(file->value);
      if (!document) return;
      const Position at = file->at;
      std::erase_if(traffic_class.entries, [](const Entry& entry) { return entry.name == "file"; });
      traffic_class.entries.push_back({"document", at, std::move(*document)});
    }
    const Entry* const document = find(traffic_class, "document");
    if (document != nullptr && find(traffic_class, "bytes") == nullptr) add_size(traffic_class, *document);
  }

 private:
  std::optional<Node> from_file(const Node& name) {
    const std::string path = name.text.starts_with('/') ? name.text : sources_.folder(name.at) + name.text;
    const auto text = files_.read(path);
    if (!text) {
      diagnostics_.add(Rule::referenced_file, name.at,
                       fmt::format("cannot read '{}': {}", path, text.error()));
      return std::nullopt;
    }
    std::optional<Node> read = read_document(sources_, sources_.add(path, *text), diagnostics_);
    if (read && !read->is_null()) return read;
    if (read) diagnostics_.add(Rule::referenced_file, name.at, fmt::format("'{}' holds no document", path));
    return std::nullopt;
  }

  /// As though the user had written it beside the document.
  void add_size(Node& traffic_class, const Entry& document) {
    const Setting setting = spillway::document("document", "");
    const std::size_t before = diagnostics_.errors();
    const Value value =
        Resolver(sources_, files_, diagnostics_).setting(setting, &document.value, document.at);
    if (diagnostics_.errors() != before) return;
    Node size;
    size.shape = Node::Shape::scalar;
    size.at = document.value.at;
    size.text = fmt::format("{}B", value.text().size());
    traffic_class.entries.push_back({"bytes", document.at, std::move(size)});
  }

  Sources& sources_;
  Files& files_;
  Diagnostics& diagnostics_;
};

}  // namespace

Settings class_document_settings() {
  return {
      document("document", "An example of its requests; without 'bytes' they have its size as compact JSON."),
      text("file", "The same in a file of its own, as JSON or YAML."),
  };
}

void read_class_documents(Node& scenario, Sources& sources, Files& files, Diagnostics& diagnostics) {
  Entry* const traffic = find(scenario, "traffic");
  if (traffic == nullptr) return;
  Documents documents(sources, files, diagnostics);
  for (Entry& client : traffic->value.entries) {
    Entry* const classes = find(client.value, "classes");
    if (classes == nullptr) continue;
    for (Entry& of : classes->value.entries) documents.read(of.name, of.value);
  }
}

}  // namespace spillway
