#include <ganymede/tools/study/candidates.h>

#include <algorithm>
#include <cmath>

#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

int made_for(const Context& c, int wanted) {
  return static_cast<int>(std::ceil(wanted * c.recipe.number("select.candidates")));
}

/// n images of a class with the critic's scores; the noise is named by `name`.
void draw(const Context& c, const Unit& unit, GanTraining& training, const std::string& name, int n,
          int of_class, Candidates& to) {
  if (n == 0) return;
  Rng noise(unit.seed, "fakes/" + name + "/fold" + std::to_string(unit.fold));
  const Tensor images = training.sample(n, noise, of_class);
  to.images = to_images(images, c.data.bits);
  to.scores = training.gan().score(images, of_class);
}

/// Gives each image of a pool to the class that the selector sees.
void hand_out(const Candidates& pool, const std::vector<float>& probabilities,
              std::vector<Candidates>& all) {
  const std::size_t classes = all.size();
  for (std::size_t i = 0; i < pool.images.size(); ++i) {
    const auto row = probabilities.begin() + std::ptrdiff_t(i * classes);
    Candidates& to = all[std::size_t(std::max_element(row, row + std::ptrdiff_t(classes)) - row)];
    to.images.push_back(pool.images[i]);
    to.scores.push_back(pool.scores[i]);
    to.probabilities.insert(to.probabilities.end(), row, row + std::ptrdiff_t(classes));
  }
}

/// All that the GAN learnt from, and the held-out images of the same classes.
void note_learnt(const Context& c, const Unit& unit, const GanJob& job, Candidates& to) {
  to.learnt = training_samples(c, unit.fold, job);
  for (int k : job.learns)
    for (int i : c.data.samples(unit.fold, Part::validation, k)) to.held_out.push_back(i);
}

void draw_unlabelled(const Context& c, const Unit& unit, const GanJob& job, GanTraining& training,
                     const std::vector<int>& wanted, const Selector& selector,
                     std::vector<Candidates>& all) {
  int made = 0;
  for (int k : job.makes) made += made_for(c, wanted[std::size_t(k)]);
  Candidates pool;
  draw(c, unit, training, job.folder, made, 0, pool);
  if (!pool.images.empty()) hand_out(pool, selector.probabilities(pool.images), all);
}

}  // namespace

std::vector<Candidates> make_candidates(const Context& c, const Unit& unit,
                                        const Selector* selector) {
  std::vector<Candidates> all(std::size_t(c.data.classes()));
  for (int k = 0; k < c.data.classes(); ++k) all[std::size_t(k)].of_class = k;
  const std::vector<int> wanted = wanted_fakes(c, unit.fold);
  for (const GanJob& job : gan_jobs(c, unit.fold)) {
    const auto training = train_gan(c, unit, job);
    for (int k : job.makes) {
      Candidates& to = all[std::size_t(k)];
      note_learnt(c, unit, job, to);
      if (!job.labelled) continue;
      draw(c, unit, *training, c.class_name(k), made_for(c, wanted[std::size_t(k)]), k, to);
      if (selector && !to.images.empty()) to.probabilities = selector->probabilities(to.images);
    }
    if (!job.labelled) draw_unlabelled(c, unit, job, *training, wanted, *selector, all);
  }
  return all;
}

}  // namespace ganymede::study
