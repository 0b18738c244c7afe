#pragma once

#include <vector>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// Of every unit the fakes of every class: [unit][class].
using Fakes = std::vector<std::vector<Synthesis>>;

/// synthetic/manifest.csv: every fake with what became of it.
void write_manifest(const Context& context, const Fakes& fakes);

/// augmented.csv: training reals and kept fakes of one unit, ready to train on elsewhere.
void write_augmented(const Context& context, const Unit& unit, const std::vector<Synthesis>& fakes);

}  // namespace ganymede::study
