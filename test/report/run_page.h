#pragma once

#include <filesystem>
#include <string>

#include <ganymede/kernels/file.h>
#include <ganymede/tools/report/html_report.h>

#include <catch2/catch.hpp>

namespace ganymede::test {

/// A run folder that is gone after the test.
struct RunFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "ganymede-test-report";

  explicit RunFolder(void (*write)(const std::filesystem::path&)) {
    std::filesystem::remove_all(path);
    write(path);
  }
  ~RunFolder() { std::filesystem::remove_all(path); }

  std::string page() const {
    report::write_report(path);
    const auto bytes = read_file((path / "report.html").string());
    return {bytes.begin(), bytes.end()};
  }
};

/// The part of the page between <section id="..."> and its end.
inline std::string section(const std::string& page, const std::string& id) {
  const auto begin = page.find("<section id=\"" + id + "\"");
  INFO(id);
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("</section>", begin) - begin);
}

inline int occurrences(const std::string& text, const std::string& what) {
  int count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace ganymede::test
