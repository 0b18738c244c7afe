#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ganymede::report {

/// Makes `report.html` in the run folder from `run.json` (docs/run_json.md) and the pictures that
/// it names: one file that needs nothing else, neither network nor script. Parts that run.json does
/// not have are left out. The confusion matrices and the plots of a detector's scores are written
/// beside it, as SVG files under `pictures/`. Throws FileError where run.json is missing or the
/// page cannot be written, FormatError where it is no JSON.
void write_report(const std::filesystem::path& run_folder);

/// The page itself, for a run.json already read; `run_folder` is where its pictures are.
std::string report_page(std::string_view run_json, const std::filesystem::path& run_folder);

/// The template and the style sheets, compiled in by tools/report/embed.cmake. The page's style
/// begins with the other two: the colours, light and dark, and the rules for plots.
std::string_view report_template();
std::string_view report_style();
std::string_view color_style();
std::string_view plot_style();

}  // namespace ganymede::report
