// Draws a picture from a generator's checkpoint: embed CHECKPOINT OUT.png

#include <cstdio>
#include <exception>

#include <ganymede/ganymede.h>

int main(int count, char** words) {
  if (count != 3) return 2;
  try {
    auto generator = ganymede::load_generator(words[1]);
    const ganymede::Tensor pixels = generator.sample(1, 7);
    const ganymede::Shape& shape = pixels.shape();  // 1 x height x width x channels
    const auto extent = [&](int axis) { return static_cast<int>(shape[axis]); };
    ganymede::Image picture(extent(1), extent(2), extent(3));
    picture.bytes() = ganymede::to_u8(pixels);
    ganymede::write_png(words[2], picture);
    std::printf("%s: %s\n", words[2], ganymede::to_string(shape).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "embed: %s\n", error.what());
    return 1;
  }
}
