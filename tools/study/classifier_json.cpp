#include <ganymede/tools/study/classifier_json.h>

#include <nlohmann/json.hpp>

namespace ganymede::study {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const Evaluation& e) {
  Json j{{"step", e.step},
         {"training_loss", e.training_loss},
         {"training_accuracy", e.training_accuracy},
         {"validation_loss", e.validation_loss},
         {"validation_metric", e.validation_metric},
         {"validation_accuracy", e.validation_accuracy}};
  if (e.watched_accuracy) j["test_accuracy"] = *e.watched_accuracy;
  return j;
}

Evaluation evaluation_from(const Json& j) {
  Evaluation e{.step = j.at("step"),
               .validation_loss = j.at("validation_loss"),
               .validation_metric = j.at("validation_metric"),
               .training_loss = j.at("training_loss"),
               .training_accuracy = j.at("training_accuracy"),
               .validation_accuracy = j.at("validation_accuracy")};
  if (j.contains("test_accuracy")) e.watched_accuracy = j["test_accuracy"].get<double>();
  return e;
}

}  // namespace

Json to_json(const ClassifierResult& r) {
  Json history = Json::array();
  for (const Evaluation& e : r.history) history.push_back(to_json(e));
  return {{"file", r.file},
          {"trials", r.trials},
          {"trial", r.trial},
          {"strength", r.strength},
          {"threshold", r.threshold},
          {"validation_metric", r.validation_metric},
          {"steps", r.steps},
          {"best_step", r.best_step},
          {"training_images", r.training_images},
          {"history", history}};
}

ClassifierResult classifier_result_from(const Json& j) {
  ClassifierResult r{.file = j.at("file"),
                     .trials = j.at("trials"),
                     .trial = j.at("trial"),
                     .strength = j.at("strength"),
                     .threshold = j.at("threshold"),
                     .validation_metric = j.at("validation_metric"),
                     .steps = j.at("steps"),
                     .best_step = j.at("best_step"),
                     .training_images = j.at("training_images"),
                     .history = {}};
  for (const Json& e : j.at("history")) r.history.push_back(evaluation_from(e));
  return r;
}

}  // namespace ganymede::study
