#include <ganymede/tools/study/timing.h>

#include <algorithm>

namespace ganymede::study {

void Timing::begin(const std::string& name) {
  start_ = std::chrono::steady_clock::now();
  if (std::ranges::find(stages_, name) == stages_.end()) stages_.push_back(name);
}

void Timing::end(const std::string& name) {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  log_.add("timing/" + name, {{"seconds", passed.count()}});
}

nlohmann::ordered_json Timing::record() const {
  nlohmann::ordered_json record = nlohmann::ordered_json::object();
  double total = 0;
  for (const std::string& name : stages_) {
    const double seconds = log_.sum("timing/" + name, "seconds");
    record[name] = seconds;
    total += seconds;
  }
  record["total"] = total;
  return record;
}

}  // namespace ganymede::study
