# Installation, and where the program finds its data files.
#
# plots/*.gp, the suite, what a page is made of, and the schema keep their paths below the share directory, so that one
# relative path ("plots/style.gp", "bench/plan/suite.conf") serves in the source tree and when installed.
# TVA_SHARE_DIRS lists the directories to search, in order, separated by colons; one that does not
# begin with "/" is relative to the directory of the running executable (/proc/self/exe). So an
# installed program finds its own files wherever it was put, and the program in the build folder,
# which has no such neighbour, falls through to the source tree.
file(RELATIVE_PATH share_from_bin
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_DATADIR}/tva")
target_compile_definitions(tva_options INTERFACE
  TVA_SHARE_DIRS="${share_from_bin}:${PROJECT_SOURCE_DIR}")

# Where `tva new job` finds the headers that a plugin is built against: in the same way.
file(RELATIVE_PATH include_from_bin
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}/tva")
target_compile_definitions(tva_options INTERFACE
  TVA_INCLUDE_DIRS="${include_from_bin}:${PROJECT_SOURCE_DIR}/lib")

install(TARGETS tva)

file(GLOB plot_scripts CONFIGURE_DEPENDS plots/*.gp)
install(FILES ${plot_scripts} DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/plots)
file(GLOB demo_sources CONFIGURE_DEPENDS demos/*.[ch])
install(FILES ${demo_sources} DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/demos)
install(FILES bench/plan/suite.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/bench/plan)
install(FILES bench/page/page.css bench/page/page.js DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/bench/page)
install(FILES bench/new/job.c.in bench/new/Makefile.in bench/new/test.sh.in DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/bench/new)
install(FILES results/schema.json results/baseline.schema.json results/pair.schema.json results/advise.schema.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/results)

# Pages: README, and all that it links to, directly or through other pages.
install(CODE "set(source [[${PROJECT_SOURCE_DIR}]])\nset(folder [[${CMAKE_INSTALL_DOCDIR}]])")
install(SCRIPT install/pages.cmake)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright) # as Debian names it
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Completion asks the program itself for its options. Packages of Debian have a folder of their own for zsh.
install(FILES install/tva.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tva)
install(CODE [[
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(zsh_folder vendor-completions)
else()
  set(zsh_folder site-functions)
endif()]])
install(FILES install/_tva DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/\${zsh_folder}")

# What has to be built before all this can be installed.
add_custom_target(tva_install DEPENDS tva)

# Manual pages, made of what --help says; and the library. Neither is of use from an instrumented program.
if(NOT TVA_SANITIZE AND NOT TVA_COVERAGE)
  file(STRINGS CHANGELOG.md released REGEX "^## ${PROJECT_VERSION} - ")
  string(REGEX REPLACE ".* - " "" released "${released}")
  set(man "${PROJECT_BINARY_DIR}/man")
  add_custom_command(OUTPUT ${man}/tva.1
    COMMAND bash "${PROJECT_SOURCE_DIR}/install/man.sh" $<TARGET_FILE:tva> "${released}" ${man}
    DEPENDS tva install/man.sh install/man.awk VERBATIM)
  add_custom_target(tva_man ALL DEPENDS ${man}/tva.1)
  install(DIRECTORY ${man}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
  include(TvaLibrary)
  add_dependencies(tva_install tva_man tva_async tva_whole)
endif()
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tva)
set(CPACK_PACKAGE_CONTACT "tva maintainers <maintainers@users.noreply.r-seed-cb28cb59.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, fonts-dejavu-core")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "valgrind, strace, gcc, make, pkg-config, libuv1-dev, libjansson-dev, liburing-dev, libhttp-parser-dev")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "threads or an event loop? measure a job under both")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"tva runs one job (sleep, file, TCP, HTTP, PostgreSQL, Redis, computing, or one
of your own) under several concurrency models: threads, pools of them, and
event loops. It shows latency, throughput and cost beside what theory allows.
.
The package also has the library: an event loop with tasks in the words of
Python's asyncio, for programs in C.")
include(CPack)
