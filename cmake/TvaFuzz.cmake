# Fuzzing (tests/fuzz/README.md): each tests/fuzz/fuzz_*.c is a libFuzzer program; needs clang.
if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "TVA_FUZZ needs clang: cmake --preset fuzz (apt install clang-14 libclang-rt-14-dev)")
endif()
file(GLOB fuzz_targets CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
add_library(tva_fuzz_mutator OBJECT tests/fuzz/json_mutator.c)
target_link_libraries(tva_fuzz_mutator PRIVATE libtva tva_options)

foreach(source IN LISTS fuzz_targets)
  cmake_path(GET source STEM name)
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE tests)
  target_link_libraries(${name} PRIVATE tva_bench libtva tva_options -fsanitize=fuzzer)
  if(NOT name STREQUAL "fuzz_state") # which has mutations of its own; the others read JSON
    target_link_libraries(${name} PRIVATE tva_fuzz_mutator)
  endif()
endforeach()
