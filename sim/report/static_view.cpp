#include "report/static_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "report/figures.hpp"

namespace spillway {

namespace {

std::string number(double figure) {
  if (std::isnan(figure)) return "unknown";
  return std::isinf(figure) ? "unlimited" : count_figure(figure);
}

/// Rows of text with columns as wide as their widest cell; the first two left, the others right.
class Table {
 public:
  void add(std::vector<std::string> row) {
    widths_.resize(std::max(widths_.size(), row.size()), 0);
    // The last column is free text: nothing stands behind it.
    for (std::size_t i = 0; i + 1 < row.size(); ++i) widths_[i] = std::max(widths_[i], row[i].size());
    rows_.push_back(std::move(row));
  }

  std::string text() const {
    std::string out;
    for (const std::vector<std::string>& row : rows_) {
      std::string line = " ";
      for (std::size_t i = 0; i < row.size(); ++i) {
        const bool last = i + 1 == row.size();
        if (i < 2) {
          line += fmt::format(" {:<{}}", row[i], widths_[i]);
        } else if (last) {
          line += "  " + row[i];
        } else {
          line += fmt::format("  {:>{}}", row[i], widths_[i]);
        }
      }
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

constexpr std::size_t kColumns = 7;

std::vector<std::string> cells(std::string name, std::string what, const Rates& rates) {
  return {std::move(name), std::move(what), number(rates.mean), number(rates.peak), number(rates.peak_worst)};
}

std::string verdict(const Demand& demand) {
  const auto over = [&](double Rates::* which) { return demand.use(which) > 1; };
  const char* const word = over(&Rates::mean) ? "  OVER on average"
                           : over(&Rates::peak)
                               ? (demand.queued ? "  waits at the peak" : "  OVER at the peak")
                           : over(&Rates::peak_worst) ? "  over at worst"
                                                      : "";
  return demand.limited_by + word;
}

std::string load_text(const StaticView& view) {
  const Topology& topology = view.topology;
  Table table;
  table.add({"", "", "mean", "peak", "at worst", "limit", ""});
  const auto arrivals = [&](std::size_t vertex, const char* what) {
    std::vector<std::string> row = cells(topology.name(vertex), what, view.arrived(vertex));
    row.resize(kColumns);
    table.add(std::move(row));
  };
  for (std::size_t vertex = topology.resources(); vertex < topology.vertices(); ++vertex)
    arrivals(vertex, "sent/s");
  for (std::size_t vertex = 0; vertex < topology.resources(); ++vertex) {
    arrivals(vertex, "arrivals/s");
    for (const Demand& demand : view.demands) {
      if (demand.vertex != vertex || !(demand.need.peak_worst > 0)) continue;
      std::vector<std::string> row = cells("", demand.what, demand.need);
      row.push_back(number(demand.limit));
      row.push_back(verdict(demand));
      table.add(std::move(row));
    }
  }
  return "Offered load, by the traffic equations\n" + table.text();
}

/// The layers of a hop that multiply: at its end those that send, before it those that work.
std::vector<const Attempts*> layers(const Hop& hop, bool last) {
  std::vector<const Attempts*> found;
  for (const Attempts& layer : hop.tries) {
    if ((last ? layer.sent : layer.worked) > 1) found.push_back(&layer);
  }
  return found;
}

std::string paths_text(const StaticView& view) {
  Table table;
  for (const RetryPath& path : view.paths) {
    table.add(
        {view.topology.name(path.vertex), fmt::format("{:>9}", number(path.bound)), path_text(view, path)});
  }
  return "Retry amplification, at most: attempts for one request\n" + table.text();
}

using Json = nlohmann::ordered_json;

/// Nine digits, the same on every machine; null where there is no figure or no bound.
Json figure(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.9g}", value).c_str(), nullptr);
}

Json json_of(const Rates& rates) {
  return Json{{"mean", figure(rates.mean)},
              {"peak", figure(rates.peak)},
              {"mean_worst", figure(rates.mean_worst)},
              {"peak_worst", figure(rates.peak_worst)}};
}

Json traffic_json(const StaticView& view) {
  Json all = Json::array();
  for (std::size_t client = 0; client < view.loads.traffic.size(); ++client) {
    const TrafficRate& rate = view.loads.traffic[client];
    all.push_back(Json{{"name", view.topology.scenario->traffic[client].name},
                       {"mean_per_s", figure(rate.mean)},
                       {"peak_per_s", figure(rate.peak)},
                       {"peak_part_s", figure(static_cast<double>(rate.part.count()) * 1e-9)}});
  }
  return all;
}

Json resources_json(const StaticView& view) {
  Json all = Json::array();
  for (std::size_t vertex = 0; vertex < view.topology.resources(); ++vertex) {
    Json needs = Json::array();
    for (const Demand& demand : view.demands) {
      if (demand.vertex != vertex) continue;
      needs.push_back(Json{{"what", demand.what},
                           {"need", json_of(demand.need)},
                           {"limit", figure(demand.limit)},
                           {"limited_by", demand.limited_by}});
    }
    all.push_back(Json{{"name", view.topology.name(vertex)},
                       {"type", view.topology.type(vertex)},
                       {"arrivals_per_s", json_of(view.arrived(vertex))},
                       {"demands", std::move(needs)}});
  }
  return all;
}

Json paths_json(const StaticView& view) {
  Json all = Json::array();
  for (const RetryPath& path : view.paths) {
    Json hops = Json::array();
    for (const RetryPath::Link& link : path.links) {
      const Hop& hop = view.hop(link);
      Json tries = Json::array();
      for (const Attempts* const layer : layers(hop, &link == &path.links.back()))
        tries.push_back(Json{{"layer", name_of(layer->layer)}, {"attempts", figure(layer->sent)}});
      const Topology& topology = view.topology;
      hops.push_back(Json{{"from", topology.name(topology.places[link.place].vertex)},
                          {"to", topology.name(topology.places[hop.to].vertex)},
                          {"layers", std::move(tries)}});
    }
    all.push_back(Json{{"resource", view.topology.name(path.vertex)},
                       {"bound", figure(path.bound)},
                       {"hops", std::move(hops)}});
  }
  return all;
}

}  // namespace

std::string path_text(const StaticView& view, const RetryPath& path) {
  std::vector<std::string> parts;
  for (const RetryPath::Link& link : path.links) {
    const bool last = &link == &path.links.back();
    std::string part = view.topology.name(view.topology.places[link.place].vertex);
    std::vector<std::string> tries;
    for (const Attempts* const layer : layers(view.hop(link), last))
      tries.push_back(fmt::format("{} x{}", name_of(layer->layer), number(layer->sent)));
    if (!tries.empty()) part += fmt::format(" ({})", fmt::join(tries, ", "));
    parts.push_back(std::move(part));
  }
  parts.push_back(view.topology.name(path.vertex));
  return fmt::format("{}", fmt::join(parts, " > "));
}

std::string static_text(const StaticView& view) {
  const Scenario& scenario = *view.topology.scenario;
  std::string out = fmt::format("{} ({})\n\n{}", scenario.name, scenario.path, load_text(view));
  if (!view.paths.empty()) out += "\n" + paths_text(view);
  out += "\nAssumed\n";
  for (const std::string& sentence : view.assumptions) out += "  " + sentence + "\n";
  return out;
}

std::string validation_json(const Diagnostics& diagnostics, const Sources& sources,
                            std::span<const StaticView> views) {
  Json all = Json::parse(render_json(diagnostics, sources));
  Json shown = Json::array();
  for (const StaticView& view : views) {
    shown.push_back(Json{{"file", view.topology.scenario->path},
                         {"name", view.topology.scenario->name},
                         {"traffic", traffic_json(view)},
                         {"resources", resources_json(view)},
                         {"retry_paths", paths_json(view)},
                         {"assumptions", view.assumptions}});
  }
  all["static"] = std::move(shown);
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spillway
