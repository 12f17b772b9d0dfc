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
  TVA_SHARE_DIRS="${share_from_bin}:${CMAKE_SOURCE_DIR}")

# Where `tva new job` finds the headers that a plugin is built against: in the same way.
file(RELATIVE_PATH include_from_bin
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}/tva")
target_compile_definitions(tva_options INTERFACE
  TVA_INCLUDE_DIRS="${include_from_bin}:${CMAKE_SOURCE_DIR}/lib")

if(TARGET tva)
  install(TARGETS tva)
endif()
install(TARGETS libtva)

# Headers that are the library's own affair stay out: *_internal.h, and those that include one.
file(GLOB headers CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/lib" lib/*/*.h)
foreach(header IN LISTS headers)
  file(STRINGS "lib/${header}" internal REGEX "^#include.*_internal\\.h" LIMIT_COUNT 1)
  if(NOT header MATCHES "_internal\\.h$" AND NOT internal)
    cmake_path(GET header PARENT_PATH folder)
    install(FILES "lib/${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/tva/${folder}")
  endif()
endforeach()

# Paths relative to the .pc file: the library may be moved as a whole.
file(RELATIVE_PATH prefix_from_pc
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
if(uring_FOUND)
  set(uring_required " liburing")
endif()
configure_file(tva.pc.in tva.pc @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/tva.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

file(GLOB plot_scripts CONFIGURE_DEPENDS plots/*.gp)
install(FILES ${plot_scripts} DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/plots)
install(FILES bench/plan/suite.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/bench/plan)
install(FILES bench/page/page.css bench/page/page.js DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/bench/page)
install(FILES bench/new/job.c.in bench/new/Makefile.in bench/new/test.sh.in DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/bench/new)
install(FILES results/schema.json results/baseline.schema.json results/pair.schema.json results/advise.schema.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/tva/results)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
