#include <ganymede/tools/versions.h>

#include <H5public.h>
#include <fmt/format.h>

#include <ganymede/config.h>
#if GANYMEDE_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

namespace ganymede {
namespace {

std::string onednn_version() {
#if GANYMEDE_ONEDNN
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
#else
  return "not in this build";
#endif
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

}  // namespace

std::vector<Version> versions() {
  return {{"ganymede", GANYMEDE_VERSION},
          {"compiler", compiler()},
          {"oneDNN", onednn_version()},
          {"HDF5", fmt::format("{}.{}.{}", H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)}};
}

}  // namespace ganymede
