# The library for programs of others, in the build folder as it is installed: tva::async (loop, tasks, io: needs libuv alone),
# tva::tva (all of it) and tva::plugin (the headers alone). install/library.sh says what is done to names.

# Headers that are the library's own affair stay out: *_internal.h, those that include one, and what is below tasks and loads.
file(GLOB headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/lib" lib/*/*.h)
foreach(header IN LISTS headers)
  file(STRINGS "lib/${header}" internal REGEX "^#include.*_internal\\.h" LIMIT_COUNT 1)
  if(NOT header MATCHES "_internal\\.h$|^async/(fiber|home|slab|stack|timer|watchdog)|^load/(in_system|load_run)" AND NOT internal)
    list(APPEND public_headers ${header})
  endif()
endforeach()

set(package "${PROJECT_BINARY_DIR}/package")
list(TRANSFORM public_headers PREPEND "${PROJECT_SOURCE_DIR}/lib/" OUTPUT_VARIABLE header_files)
list(JOIN public_headers "\n" lines)
file(GENERATE OUTPUT ${package}.headers CONTENT "${lines}\n")
file(GENERATE OUTPUT ${package}.objects CONTENT "$<JOIN:$<TARGET_OBJECTS:libtva>,\n>\n")
add_custom_command(OUTPUT ${package}/async.o ${package}/rest.o ${package}/include/tva/names.h
  COMMAND ${CMAKE_COMMAND} -E env LD=${CMAKE_LINKER} NM=${CMAKE_NM} OBJCOPY=${CMAKE_OBJCOPY}
    bash "${PROJECT_SOURCE_DIR}/install/library.sh" ${package}.objects ${package}.headers "${PROJECT_SOURCE_DIR}/lib" ${package}
  DEPENDS install/library.sh install/headers.awk ${package}.headers $<TARGET_OBJECTS:libtva> ${header_files} VERBATIM)
add_custom_target(tva_package DEPENDS ${package}/async.o)

# tva_packaged(TARGET NAME OBJECT LIBRARY...): tva::NAME, an archive of one object.
function(tva_packaged target name object)
  set_source_files_properties(${package}/${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  add_library(${target} STATIC ${package}/${object})
  add_library(tva::${name} ALIAS ${target})
  add_dependencies(${target} tva_package)
  set_target_properties(${target} PROPERTIES
    LINKER_LANGUAGE C EXPORT_NAME ${name} ARCHIVE_OUTPUT_DIRECTORY ${package})
  target_link_libraries(${target} INTERFACE ${ARGN})
  install(TARGETS ${target} EXPORT tva)
endfunction()

# fiber_switch.h switches stacks by itself on most machines.
file(WRITE "${PROJECT_BINARY_DIR}/inline_switch.c" "#include \"async/fiber_switch.h\"\nint main(void) { return !FIBER_SWITCH_INLINE; }
#if !FIBER_SWITCH_INLINE\n#error\n#endif\n")
try_compile(inline_switch "${PROJECT_BINARY_DIR}/inline_switch" SOURCES "${PROJECT_BINARY_DIR}/inline_switch.c"
  CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}/lib")
if(NOT inline_switch)
  set(switch Boost::context)
endif()
if(uring_FOUND)
  set(ring PkgConfig::uring)
  set(ring_module " liburing")
endif()

add_library(tva_plugin INTERFACE)
add_library(tva::plugin ALIAS tva_plugin)
add_dependencies(tva_plugin tva_package)
target_include_directories(tva_plugin INTERFACE
  $<BUILD_INTERFACE:${package}/include/tva> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/tva>)
set_target_properties(tva_plugin PROPERTIES EXPORT_NAME plugin)
install(TARGETS tva_plugin EXPORT tva)

tva_packaged(tva_async async async.o tva_plugin PkgConfig::uv Threads::Threads m ${CMAKE_DL_LIBS} ${switch})
tva_packaged(tva_whole tva rest.o tva_async PkgConfig::jansson HttpParser::HttpParser ${ring})
set_target_properties(tva_whole PROPERTIES OUTPUT_NAME tva)
# Where a program finds the modules (lib/base/module.h).
target_link_options(tva_async INTERFACE
  "$<BUILD_INTERFACE:LINKER:-rpath,${PROJECT_BINARY_DIR}>"
  "$<INSTALL_INTERFACE:LINKER:-rpath,$<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/tva>")

install(DIRECTORY ${package}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# find_package(tva).
include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tva)
configure_file(install/tvaConfig.cmake.in tvaConfig.cmake @ONLY)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/tvaConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT tva NAMESPACE tva:: FILE tvaTargets.cmake DESTINATION ${config_folder})
install(FILES "${PROJECT_BINARY_DIR}/tvaConfig.cmake" "${PROJECT_BINARY_DIR}/tvaConfigVersion.cmake"
  cmake/FindBoostContext.cmake cmake/FindHttpParser.cmake DESTINATION ${config_folder})

# pkg-config. Paths relative to the .pc files: the library may be moved as a whole.
file(RELATIVE_PATH prefix_from_pc
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
if(switch)
  set(switch_library " -lboost_context")
endif()
foreach(name IN ITEMS tva-async tva)
  configure_file(install/${name}.pc.in ${name}.pc @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
