# Writes the pages' templates, style sheets and script into one C++ source (html_report.h and
# blind_page.h declare them).
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
file(READ ${CMAKE_CURRENT_LIST_DIR}/blind.html.mustache blind_page)
file(READ ${CMAKE_CURRENT_LIST_DIR}/page/blind.css blind_style)
string(PREPEND blind_style "${style}")
file(READ ${CMAKE_CURRENT_LIST_DIR}/page/blind.js blind_script)

set(text "#include <ganymede/tools/report/blind_page.h>\n#include <ganymede/tools/report/html_report.h>\nnamespace ganymede::report {\n")
foreach(pair "report_template=template" "report_style=style" "color_style=colors" "plot_style=plot"
             "blind_template=blind_page" "blind_style=blind_style" "blind_script=blind_script")
  string(REPLACE "=" ";" pair ${pair})
  list(GET pair 0 function)
  list(GET pair 1 content)
  string(APPEND text
    "std::string_view ${function}() {\n  return R\"page(${${content}})page\";\n}\n")
endforeach()
string(APPEND text "}  // namespace ganymede::report\n")
file(WRITE ${OUT} "${text}")
