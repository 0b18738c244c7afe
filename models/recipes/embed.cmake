# Writes the recipe files into one C++ source: embedded_recipes() in models/recipe_files.h.
set(text "#include <ganymede/models/recipe_files.h>\nnamespace ganymede {\nstd::span<const RecipeFile> embedded_recipes() {\n  static constexpr RecipeFile files[] = {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} content)
  string(APPEND text "    {\"${name}\", R\"recipe(${content})recipe\"},\n")
endforeach()
string(APPEND text "  };\n  return files;\n}\n}  // namespace ganymede\n")
file(WRITE ${OUT} "${text}")
