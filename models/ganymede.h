#pragma once
// The whole public interface; include single headers where compile time matters.

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/stream.h>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/describe.h>
#include <ganymede/engine/init.h>
#include <ganymede/engine/layers.h>
#include <ganymede/engine/module.h>
#include <ganymede/engine/ops.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/engine/random.h>
#include <ganymede/engine/tensor.h>
#include <ganymede/engine/var.h>
#include <ganymede/engine/weights.h>

#include <ganymede/data/copies.h>
#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/image.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/png_animation.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/split.h>

#include <ganymede/models/augment.h>
#include <ganymede/models/classifier.h>
#include <ganymede/models/classifier_scores.h>
#include <ganymede/models/classifier_training.h>
#include <ganymede/models/critic_report.h>
#include <ganymede/models/dcgan.h>
#include <ganymede/models/densenet.h>
#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/gan_training.h>
#include <ganymede/models/inception.h>
#include <ganymede/models/latent_walk.h>
#include <ganymede/models/objective.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/recipe.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/models/saved_generator.h>
#include <ganymede/models/settings.h>
#include <ganymede/models/upsample_dcgan.h>
#include <ganymede/models/wgan.h>

#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/diversity.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/frechet_device.h>
#include <ganymede/models/quality/memorisation.h>
#include <ganymede/models/quality/memorisation_spaces.h>
#include <ganymede/models/quality/selection.h>
#include <ganymede/models/quality/set_scores.h>
#include <ganymede/models/quality/verdict.h>
