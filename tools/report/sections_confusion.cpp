#include <ganymede/tools/report/confusion.h>
#include <ganymede/tools/report/sections.h>

#include <nlohmann/json.hpp>

namespace ganymede::report {

Json confusion_section(const Json& run) {
  Json networks = Json::array();
  std::string last;
  for (const auto& picture : confusion_pictures(run)) {
    if (networks.empty() || picture.network != last)
      networks.push_back({{"pictures", Json::array()}});
    networks.back()["pictures"].push_back({{"plot", picture.svg}});
    last = picture.network;
  }
  return networks.empty() ? Json(nullptr) : Json{{"networks", networks}};
}

}  // namespace ganymede::report
