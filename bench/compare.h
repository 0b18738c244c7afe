#pragma once
// A run's numbers beside those of an earlier one.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "program.h"

namespace ganymede::bench {

/// A row that both runs have.
struct ComparedRow {
  std::string name;            ///< "cuda:0 tf32 conv2d headct-dcgan32/G/conv2d 16x8x8x128 ..."
  double before = 0, now = 0;  ///< medians, seconds
  bool slower = false;
  double ratio() const { return now / before; }
};

struct Comparison {
  std::vector<ComparedRow> rows;
  std::vector<std::string> only_before, only_now;  ///< names
};

/// Rows are matched by what was timed: device, math mode, source of kernels and kernel table, op or
/// recipe with what was set of it, layer, shape, batch, time. Own kernels are not named, nor are
/// they in older files. One is slower when even the fastest of its samples took more than
/// `tolerance` times the median before: a median alone may be high because something else ran.
/// Throws FormatError for numbers that no bench of this version wrote.
Comparison compare(const nlohmann::json& before, const nlohmann::json& now, double tolerance);

/// Adds the stream's kernel table to an entry of results, where it has one.
void note_kernel_table(const Stream& stream, nlohmann::json& entry);

/// Those of --compare, null without it. Read before anything is timed: a bad file is known at once,
/// and --json may name the same one. Throws FileError, and FormatError for what is no such file.
nlohmann::json earlier_numbers(const CommonOptions& options);

/// Writes the numbers where --json asks for it, and compares them with the earlier ones where there
/// are some: prints the ratio of each row. Throws FileError for files, and Error where a row is
/// slower or the two runs have no row in common.
void finish_numbers(const CommonOptions& options, const nlohmann::json& before,
                    const nlohmann::json& now);

}  // namespace ganymede::bench
