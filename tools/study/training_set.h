#pragma once

#include <vector>

#include <ganymede/models/classifier_training.h>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// Whether classic augmentation means copies made beforehand (classic.mode), not draws per batch.
bool augments_by_copies(const Recipe& recipe);

/// The arm's training images: reals, fakes, or reals repeated to the same numbers; with classic
/// augmentation by copies, these instead of each. Throws DataError where there are none.
ResidentSet training_set(const Context& context, const Unit& unit, const Arm& arm,
                         const std::vector<Synthesis>& fakes);

/// Optimiser steps of every classifier of the study: classifier.steps, or classifier.epochs passes
/// over the real images that an arm with classic augmentation trains on (of the fold that has
/// most). One number for all arms, networks, seeds and folds: none may train longer than another.
int training_steps(const Context& context);

}  // namespace ganymede::study
