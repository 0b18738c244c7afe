#include <ganymede/tools/study/gan_jobs.h>

#include <algorithm>
#include <numeric>

#include <ganymede/tools/study/balance.h>

namespace ganymede::study {
namespace {

/// A folder that no class has.
std::string shared_folder(const Context& c, std::string name) {
  for (int k = 0; k < c.data.classes(); ++k)
    if (c.class_folder(k) == name) return shared_folder(c, name + "-gan");
  return name;
}

GanJob class_job(const Context& c, int fold, int k) {
  return {.name = c.class_name(k),
          .folder = c.class_folder(k),
          .path = "gan/" + c.class_name(k) + "/fold" + std::to_string(fold),
          .learns = {k},
          .makes = {k}};
}

GanJob shared_job(const Context& c, int fold, const std::string& name, std::vector<int> makes) {
  GanJob job{.name = name,
             .folder = shared_folder(c, folder_name(name)),
             .path = "gan/" + name + "/fold" + std::to_string(fold),
             .learns = std::vector<int>(std::size_t(c.data.classes())),
             .makes = std::move(makes)};
  std::iota(job.learns.begin(), job.learns.end(), 0);
  return job;
}

}  // namespace

std::vector<GanJob> gan_jobs(const Context& c, int fold) {
  if (is_detection(c.recipe)) return {class_job(c, fold, learnt_class(c.data, c.recipe))};
  const std::string& labels = c.recipe.text("gan.labels");
  const std::vector<int> wanted = wanted_fakes(c, fold);
  std::vector<GanJob> jobs;
  std::vector<int> rest;
  for (int k = 0; k < c.data.classes(); ++k) {
    const auto images = std::int64_t(c.data.samples(fold, Part::train, k).size());
    if (labels != "per_class" || images < c.recipe.integer("gan.fewest"))
      rest.push_back(k);
    else if (wanted[std::size_t(k)] > 0)
      jobs.push_back(class_job(c, fold, k));
  }
  if (std::ranges::none_of(rest, [&](int k) { return wanted[std::size_t(k)] > 0; })) return jobs;
  const bool conditional = labels != "classifier";
  jobs.push_back(shared_job(c, fold, conditional ? "conditional" : "all classes", rest));
  jobs.back().conditional = conditional;
  jobs.back().labelled = conditional;
  return jobs;
}

std::vector<int> training_samples(const Context& c, int fold, const GanJob& job) {
  std::vector<int> samples;
  for (int k : job.learns) {
    const std::vector<int> of_class = c.data.samples(fold, Part::train, k);
    samples.insert(samples.end(), of_class.begin(), of_class.end());
  }
  return samples;
}

HeldOut held_out_of(const Context& c, int fold, const GanJob& job) {
  HeldOut held_out;
  for (int k : job.learns)
    for (Image& image : c.data.images_of(c.data.samples(fold, Part::validation, k))) {
      held_out.images.push_back(std::move(image));
      held_out.labels.push_back(job.conditional ? k : 0);
    }
  return held_out;
}

}  // namespace ganymede::study
