#pragma once

#include <ganymede/tools/report/run_json.h>

#include <filesystem>

namespace ganymede::report {

/// Each section turns parts of run.json into what the template shows: text, ready SVG and data
/// URIs. A section whose part is missing is null, and the template leaves it out.

Json answer_section(const Json& run);     ///< the verdict and its interval plot
Json arms_section(const Json& run);       ///< tables of arms x networks, and a plot
Json detection_section(const Json& run);  ///< what the test set can detect, and the floor
/// What a detector of anomalies reached, beside its baseline.
Json anomaly_section(const Json& run, const std::filesystem::path& folder);
/// Measures of generated images beside real ones, each with the features it was taken on.
Json scores_section(const Json& run, const std::filesystem::path& folder);
Json confusion_section(const Json& run);
Json accuracy_section(const Json& run);  ///< training and test accuracy over the epochs
Json roc_section(const Json& run);

Json images_section(const Json& run, const std::filesystem::path& folder);
Json selector_section(const Json& run);  ///< the classifier that chose among the fakes
Json balance_section(const Json& run);   ///< reals and fakes of each class
/// A table of the GANs, their curves and, of one that was trained alone, what it makes.
Json training_section(const Json& run, const std::filesystem::path& folder);
Json audit_section(const Json& run, const std::filesystem::path& folder);

Json split_section(const Json& run);
Json data_section(const Json& run);
Json quick_section(const Json& run);
Json settings_section(const Json& run);
Json record_section(const Json& run);       ///< timing and versions
Json recognition_section(const Json& run);  ///< what classifiers of reals see in fakes

}  // namespace ganymede::report
