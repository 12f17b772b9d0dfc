# libtva_count_alloc.so: counts the allocations of a process that it is preloaded into. It lies beside
# the program in the build folder, and in a folder of tva's own when installed; the program looks
# for it in both, relative to itself.
add_library(tva_count_alloc MODULE bench/count/preload/count_alloc.c)
target_include_directories(tva_count_alloc PRIVATE bench/count/preload)
target_compile_definitions(tva_count_alloc PRIVATE _GNU_SOURCE)
target_compile_options(tva_count_alloc PRIVATE -Wall -Wextra -Wpedantic -Wshadow -fno-builtin)
target_link_libraries(tva_count_alloc PRIVATE ${CMAKE_DL_LIBS})

file(RELATIVE_PATH count_from_bin
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}/tva")
set_property(SOURCE bench/count/count_tool.c
  APPEND PROPERTY COMPILE_DEFINITIONS TVA_COUNT_DIR="${count_from_bin}")
if(TARGET tva)
  add_dependencies(tva tva_count_alloc)
endif()
install(TARGETS tva_count_alloc DESTINATION "${CMAKE_INSTALL_LIBDIR}/tva")
