# Writes the report's template and style sheet into one C++ source (html_report.h declares them).
# cmake -DOUT=report_files.cpp -P embed.cmake
set(text "#include <ganymede/tools/report/html_report.h>\nnamespace ganymede::report {\n")
foreach(pair "report_template=report.html.mustache" "report_style=report.css")
  string(REPLACE "=" ";" pair ${pair})
  list(GET pair 0 function)
  list(GET pair 1 file)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${file} content)
  string(APPEND text "std::string_view ${function}() {\n  return R\"page(${content})page\";\n}\n")
endforeach()
string(APPEND text "}  // namespace ganymede::report\n")
file(WRITE ${OUT} "${text}")
