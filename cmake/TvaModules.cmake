# Modules (lib/base/module.h): shared objects that a process loads when it needs them. They lie beside
# the program in the build folder, and in a folder of tva's own when installed.

# tva_module(NAME [LIBRARY...] SOURCES FILE...): libtva_NAME.so, linked with these libraries.
function(tva_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "SOURCES")
  set(target tva_${name})
  add_library(${target} MODULE ${module_SOURCES})
  set_target_properties(${target} PROPERTIES C_VISIBILITY_PRESET hidden)
  target_include_directories(${target} PRIVATE lib)
  target_link_libraries(${target} PRIVATE ${module_UNPARSED_ARGUMENTS} tva_options)
  if(NOT TVA_SANITIZE) # whose libraries a program may bring
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  install(TARGETS ${target} DESTINATION "${CMAKE_INSTALL_LIBDIR}/tva")
  set_property(GLOBAL APPEND PROPERTY tva_modules ${target})
endfunction()

file(GLOB http_sources CONFIGURE_DEPENDS lib/io/curl/*.c)
tva_module(http PkgConfig::curl PkgConfig::uv HttpParser::HttpParser Threads::Threads
  SOURCES ${http_sources} lib/io/io.c lib/io/http_url.c lib/base/err.c lib/base/hash.c lib/base/text.c)

# Without MPI, --ranks says what to install.
find_package(MPI QUIET COMPONENTS C)
if(MPI_C_FOUND)
  tva_module(ranks MPI::MPI_C SOURCES bench/ranks/mpi/ranks_mpi.c lib/base/err.c lib/base/text.c)
  target_include_directories(tva_ranks PRIVATE bench)
else()
  message(STATUS "--ranks is left out: it needs MPI (libopenmpi-dev; make test installs it)")
endif()

# libtva_count_alloc.so is no module of that kind: it is preloaded into a process whose allocations it counts.
add_library(tva_count_alloc MODULE bench/count/preload/count_alloc.c)
target_include_directories(tva_count_alloc PRIVATE bench/count/preload)
target_compile_definitions(tva_count_alloc PRIVATE _GNU_SOURCE)
target_compile_options(tva_count_alloc PRIVATE -Wall -Wextra -Wpedantic -Wshadow -fno-builtin)
target_link_libraries(tva_count_alloc PRIVATE ${CMAKE_DL_LIBS})
install(TARGETS tva_count_alloc DESTINATION "${CMAKE_INSTALL_LIBDIR}/tva")

# Where the program looks for both, in order, relative to itself: beside it, and where they are installed. A program of the build
# folder that lies elsewhere, a test or one of other link orders, finds the modules by its RUNPATH.
file(RELATIVE_PATH modules_from_bin
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}/tva")
set_property(SOURCE lib/base/module.c lib/job/plugin.c bench/count/count_tool.c
  APPEND PROPERTY COMPILE_DEFINITIONS TVA_MODULE_DIRS=".:${modules_from_bin}")
target_link_libraries(libtva PUBLIC ${CMAKE_DL_LIBS})
get_property(modules GLOBAL PROPERTY tva_modules)
add_dependencies(libtva ${modules} tva_count_alloc)
