# Writes the report's template and style sheets into one C++ source (html_report.h declares them).
# cmake -DOUT=report_files.cpp -P embed.cmake
# A line {{> name}} of the template stands for page/name.mustache.
file(READ ${CMAKE_CURRENT_LIST_DIR}/report.html.mustache template)
string(REGEX MATCHALL "{{> [a-z_]+}}" pages "${template}")
foreach(page ${pages})
  string(REGEX REPLACE "{{> (.*)}}" "\\1" name ${page})
  file(READ ${CMAKE_CURRENT_LIST_DIR}/page/${name}.mustache content)
  string(REPLACE "${page}\n" "${content}" template "${template}")
endforeach()
set(style)
foreach(name colors plot report)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${name}.css ${name})
  string(APPEND style "${${name}}")
endforeach()

set(text "#include <ganymede/tools/report/html_report.h>\nnamespace ganymede::report {\n")
foreach(pair "report_template=template" "report_style=style" "color_style=colors" "plot_style=plot")
  string(REPLACE "=" ";" pair ${pair})
  list(GET pair 0 function)
  list(GET pair 1 content)
  string(APPEND text
    "std::string_view ${function}() {\n  return R\"page(${${content}})page\";\n}\n")
endforeach()
string(APPEND text "}  // namespace ganymede::report\n")
file(WRITE ${OUT} "${text}")
