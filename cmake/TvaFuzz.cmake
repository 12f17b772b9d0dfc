# Fuzzing (tests/fuzz/README.md): each tests/fuzz/fuzz_<target>.c is a libFuzzer program with TVA_FUZZ,
# which needs clang; and, where there are tests, a test that replays its seeds.
set(fuzz_targets run baseline compare write chart state)
set(fuzz_support tests/fuzz/fuzz_target.c tests/fuzz/json_arena.c)
set(fuzz_mutator tests/fuzz/json_mutator.c tests/fuzz/json_scan.c)

# The sources of a target but for its main().
function(tva_fuzz_program name target)
  add_executable(${name} tests/fuzz/fuzz_${target}.c ${fuzz_support} ${ARGN})
  target_include_directories(${name} PRIVATE tests/fuzz)
  target_link_libraries(${name} PRIVATE tva_bench libtva tva_options)
  if(NOT target STREQUAL "state") # which has mutations of its own; the others read JSON
    target_sources(${name} PRIVATE ${fuzz_mutator})
  endif()
  if(target MATCHES "chart|compare")
    target_sources(${name} PRIVATE tests/fuzz/atomic_file_nowhere.c)
  endif()
endfunction()

if(TVA_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TVA_FUZZ needs clang: cmake --preset fuzz (apt install clang-14 libclang-rt-14-dev)")
  endif()
  # What is not under test takes half of the time where it is watched; replays watch it.
  set_source_files_properties(${fuzz_support} ${fuzz_mutator} PROPERTIES COMPILE_OPTIONS "-fno-sanitize=all")
  foreach(target IN LISTS fuzz_targets)
    tva_fuzz_program(fuzz_${target} ${target})
    target_link_libraries(fuzz_${target} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()

if(BUILD_TESTING)
  if(TARGET test_fuzz_tools)
    target_sources(test_fuzz_tools PRIVATE tests/fuzz/json_arena.c ${fuzz_mutator})
  endif()
  foreach(target IN LISTS fuzz_targets)
    set(name replay_${target})
    tva_fuzz_program(${name} ${target} tests/fuzz/replay.c)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY tests)
    string(REGEX REPLACE "write|chart" "run" seeds tests/fuzz/corpus/${target})
    if(target STREQUAL "state") # its form is that of the program's own structs: it makes a first one
      set(seeds)
    endif()
    add_test(NAME fuzz_${target} COMMAND ${name} 200 ${seeds} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(fuzz_${target} PROPERTIES LABELS unit TIMEOUT ${TVA_TEST_TIMEOUT})
  endforeach()
endif()
