# The report page: tools/web becomes one HTML file, and that file a constant of the command. It needs node and
# npm, and the npm registry once; without the page everything else of the command works.
option(SPILLWAY_PAGE "Build the report page into the command (needs node and npm)" ON)

set(page_shell ${CMAKE_BINARY_DIR}/generated/page_shell.cpp)
set(page_embedder ${CMAKE_CURRENT_LIST_DIR}/embed_page.cmake)
if(SPILLWAY_PAGE)
  find_program(SPILLWAY_NPM npm)
  if(NOT SPILLWAY_NPM)
    message(FATAL_ERROR
      "The report page needs node and npm: run tools/setup, or configure with -DSPILLWAY_PAGE=OFF.")
  endif()
  set(web ${CMAKE_SOURCE_DIR}/tools/web)
  set(page_html ${CMAKE_BINARY_DIR}/web/index.html)
  file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${web}/src/*)
  add_custom_command(OUTPUT ${web}/node_modules/.package-lock.json
    COMMAND ${SPILLWAY_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    DEPENDS ${web}/package.json ${web}/package-lock.json
    WORKING_DIRECTORY ${web} COMMENT "Installing what builds the report page" VERBATIM)
  add_custom_command(OUTPUT ${page_html}
    COMMAND ${SPILLWAY_NPM} run --silent build -- --outDir ${CMAKE_BINARY_DIR}/web --logLevel warn
    DEPENDS ${page_sources} ${web}/index.html ${web}/vite.config.js ${web}/node_modules/.package-lock.json
    WORKING_DIRECTORY ${web} COMMENT "Building the report page" VERBATIM)
endif()
add_custom_command(OUTPUT ${page_shell}
  COMMAND ${CMAKE_COMMAND} -DPAGE=${page_html} -DOUTPUT=${page_shell} -P ${page_embedder}
  DEPENDS ${page_html} ${page_embedder} COMMENT "Embedding the report page" VERBATIM)
