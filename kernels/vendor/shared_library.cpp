#include <ganymede/kernels/vendor/shared_library.h>

#include <dlfcn.h>

#include <cstdlib>
#include <sstream>

#include <ganymede/kernels/error.h>

namespace ganymede::kernels::vendor {
namespace {

// Global symbols: cuDNN's parts look for those of cuBLAS.
void* open(const std::string& path) { return dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL); }

std::string last_error() {
  const char* error = dlerror();
  return error ? error : "no reason given";
}

}  // namespace

SharedLibrary::SharedLibrary(std::string name) : name_(std::move(name)) {
  const char* folders = std::getenv("GANYMEDE_VENDOR_PATH");
  if (!folders) {
    handle_ = open(name_);
  } else {
    std::istringstream list(folders);
    for (std::string folder; !handle_ && std::getline(list, folder, ':');)
      handle_ = open(folder + "/" + name_);
  }
  if (handle_) return;
  throw DeviceError("kernels vendor: " + name_ + " was not found (" + last_error() +
                    "): set GANYMEDE_VENDOR_PATH to the folders of cuDNN and cuBLAS, separated "
                    "by ':'");
}

void* SharedLibrary::symbol(const char* name) const {
  if (void* found = dlsym(handle_, name)) return found;
  throw DeviceError("kernels vendor: " + name_ + " has no " + name + " (" + last_error() +
                    "): set GANYMEDE_VENDOR_PATH to the folder of a newer one");
}

}  // namespace ganymede::kernels::vendor
