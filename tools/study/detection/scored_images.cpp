#include <ganymede/tools/study/detection/scored_images.h>

#include <fmt/format.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>
#include <ganymede/tools/study/detection/residual_pictures.h>

namespace ganymede::study {

void write_scores(const Prepared& data, const RunFolder& folder, const ScoredImages& scored,
                  const std::vector<Skipped>& skipped) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < scored.samples.size(); ++i) {
    const Sample& sample = data.dataset.samples[std::size_t(scored.samples[i])];
    const LatentMatch& m = scored.found.matches[i];
    const std::string path = fmt::format("overlays/{:05}.png", i);
    write_png(folder.file(path),
              residual_strip(data.images.image(scored.samples[i]), scored.found.images[i]));
    rows.push_back({sample.path, sample.label, fmt::format("{:.4f}", m.residual),
                    fmt::format("{:.4f}", m.discrimination), fmt::format("{:.4f}", m.score),
                    std::to_string(m.steps),
                    scored.baseline.empty() ? "" : fmt::format("{:.5f}", scored.baseline[i]), path,
                    ""});
  }
  for (const Skipped& file : skipped)
    rows.push_back({file.path, "", "", "", "", "", "", "", file.reason});
  write_table(folder.file("scores.csv"),
              {"image", "label", "residual", "discrimination", "score", "steps", "pca", "overlay",
               "no_score_because"},
              rows);
}

}  // namespace ganymede::study
