# Tests: each tests/test_*.c is a cmocka program, each tests/cli/*.bats a script against the program.
file(GLOB unit_sources CONFIGURE_DEPENDS tests/test_*.c)
file(GLOB support_sources CONFIGURE_DEPENDS tests/support/*.c)
file(GLOB cli_scripts CONFIGURE_DEPENDS tests/cli/*.bats)

# Files that are read, texts and mathematics have one thread, so that nothing can race there.
if(TVA_SANITIZE MATCHES "thread")
  list(FILTER unit_sources EXCLUDE REGEX
    "/test_(stats|theory|pair|crossing|sweep|result|finding|gate|compare|chart|export)[_.]")
endif()

# What the program is instrumented with; tests of what that changes leave themselves out.
set(instrumented "${TVA_SANITIZE}")
if(TVA_COVERAGE)
  set(instrumented coverage)
endif()
set(test_environment
  "TVA_SOURCE=${PROJECT_SOURCE_DIR}"
  "TVA_BUILD=${PROJECT_BINARY_DIR}"
  "TVA_SANITIZE=${instrumented}"
  "NO_COLOR=1")
if(TARGET tva)
  list(APPEND test_environment "TVA=$<TARGET_FILE:tva>")
endif()

pkg_check_modules(cmocka IMPORTED_TARGET cmocka)
if(cmocka_FOUND)
  if(support_sources)
    add_library(tva_test_support STATIC ${support_sources})
    target_include_directories(tva_test_support PUBLIC tests)
    target_link_libraries(tva_test_support PUBLIC
      $<TARGET_NAME_IF_EXISTS:tva_bench> libtva PkgConfig::cmocka PRIVATE tva_options)
  endif()
  foreach(source IN LISTS unit_sources)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY tests)
    target_include_directories(${name} PRIVATE tests)
    target_link_libraries(${name} PRIVATE
      $<TARGET_NAME_IF_EXISTS:tva_test_support> $<TARGET_NAME_IF_EXISTS:tva_bench>
      libtva PkgConfig::cmocka tva_options)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES
      LABELS unit TIMEOUT ${TVA_TEST_TIMEOUT} ENVIRONMENT "${test_environment}")
  endforeach()
  # Once more with tasks that share one stack, and with a pattern on the stacks of those that wait. Left out are suites whose
  # tasks lend their stacks: to threads, libuv, libcurl or members of a group. Parking is off under sanitizers.
  if(NOT TVA_SANITIZE)
    set(parked_tests
      async_memory cancel cancel_chain coro done_callback event executor future gather gather_cancel gather_or_error
      handover loop queue queue_pipeline semaphore shield sleep task task_wait wait wait_for wait_ring
      io_contract_files io_contract_streams io_contract_pipes io_contract_wait)
    # What the models ask for, with a pattern.
    set(asked_tests job job_dist job_file job_http job_mixed job_sum job_tcp load load_closed load_open model)
    foreach(name IN LISTS parked_tests asked_tests)
      set(ways one poison)
      if(name IN_LIST asked_tests)
        set(ways asked)
      endif()
      foreach(parking IN LISTS ways)
        add_test(NAME test_${name}_parked_${parking} COMMAND test_${name})
        set_tests_properties(test_${name}_parked_${parking} PROPERTIES
          LABELS unit TIMEOUT ${TVA_TEST_TIMEOUT} ENVIRONMENT "${test_environment};TVA_TEST_PARKING=${parking}")
      endforeach()
    endforeach()
  endif()
  # make torture runs storms for longer.
  set(storms ${unit_sources})
  list(FILTER storms INCLUDE REGEX "/test_storm_[^/]*$")
  list(TRANSFORM storms REPLACE ".*/(.*)\\.c" "\\1")
  add_custom_target(storms)
  if(storms)
    add_dependencies(storms ${storms})
  endif()
  # Simulates hundreds of suites, and must not be the last one where tests run side by side.
  if(TARGET test_pair_simulation)
    set_tests_properties(test_pair_simulation PROPERTIES COST 20)
  endif()
  # Calls that these count.
  if(TARGET test_io_async)
    target_link_options(test_io_async PRIVATE
      -Wl,--wrap=read,--wrap=preadv2,--wrap=epoll_wait,--wrap=timerfd_settime)
    target_link_options(test_handover PRIVATE
      -Wl,--wrap=pthread_cond_signal,--wrap=uv_async_send,--wrap=thread_pool_submit_all)
  endif()
  if(TARGET test_loop_clock)
    target_link_options(test_loop_clock PRIVATE -Wl,--wrap=clock_gettime)
  endif()
  if(TARGET test_target_tcp)
    target_link_options(test_target_tcp PRIVATE -Wl,--wrap=realloc)
  endif()
  # What lib and bench allocate fails in these: tests/support/failing_memory.h.
  foreach(name IN ITEMS async_memory math_memory cell_memory export_memory)
    if(TARGET test_${name})
      target_link_options(test_${name} PRIVATE
        -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray
        -Wl,--wrap=aligned_alloc,--wrap=free
        -Wl,--wrap=strdup,--wrap=strndup,--wrap=vasprintf,--wrap=asprintf,--wrap=open_memstream
        -Wl,--wrap=slab_pool_create,--wrap=slab_alloc,--wrap=slab_free)
    endif()
  endforeach()
  # Those that tests/cli/valgrind.bats runs, as one program: valgrind takes longer to start than most of them.
  if(NOT instrumented)
    set(memcheck_tests
      coro future task done_callback warnings
      loop timer wait cancel cancel_chain
      gather gather_cancel gather_or_error task_wait wait_for wait_ring shield
      event semaphore queue queue_pipeline task_group task_group_cancel
      executor thread_pool)
    foreach(name IN LISTS memcheck_tests)
      set(object ${PROJECT_BINARY_DIR}/tests/memcheck_${name}.o)
      add_custom_command(OUTPUT ${object}
        COMMAND ${CMAKE_OBJCOPY} --redefine-sym main=test_${name} $<TARGET_OBJECTS:test_${name}> ${object}
        DEPENDS $<TARGET_OBJECTS:test_${name}> VERBATIM)
      list(APPEND memcheck_objects ${object})
    endforeach()
    list(TRANSFORM memcheck_tests REPLACE "(.+)" "TEST(\\1)" OUTPUT_VARIABLE memcheck_table)
    string(JOIN " " memcheck_table ${memcheck_table})
    add_executable(memcheck tests/memcheck.c ${memcheck_objects})
    set_target_properties(memcheck PROPERTIES RUNTIME_OUTPUT_DIRECTORY tests)
    target_compile_definitions(memcheck PRIVATE "TESTS=${memcheck_table}")
    target_link_libraries(memcheck PRIVATE
      $<TARGET_NAME_IF_EXISTS:tva_test_support> libtva PkgConfig::cmocka tva_options)
  endif()
else()
  message(STATUS "Unit tests are left out: they need cmocka (make test installs it)")
endif()

# What tva pair compares in tests/cli/pair.bats.
add_executable(fake_tva tests/fake_tva.c)
set_target_properties(fake_tva PROPERTIES RUNTIME_OUTPUT_DIRECTORY tests)
target_link_libraries(fake_tva PRIVATE libtva tva_options)

# A manager of versions puts a script before the interpreter, which takes ten times as long as Python's start.
execute_process(COMMAND python3 -c "import os, sys; print(os.path.dirname(sys.executable))"
  OUTPUT_VARIABLE python_folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(python_folder)
  set(python_first "PATH=path_list_prepend:${python_folder}")
endif()

# Faults in turn: make torture. A sample of them is a test; thread sanitizer's runtime takes no library before it.
add_library(tva_fault MODULE EXCLUDE_FROM_ALL tests/torture/fault.c)
set_target_properties(tva_fault PROPERTIES LIBRARY_OUTPUT_DIRECTORY tests)
target_compile_definitions(tva_fault PRIVATE _GNU_SOURCE)
target_compile_options(tva_fault PRIVATE -Wall -Wextra -Wpedantic -Wshadow -fno-builtin -fno-omit-frame-pointer)
target_link_libraries(tva_fault PRIVATE ${CMAKE_DL_LIBS} gcc_s)
if(TARGET tva AND NOT instrumented MATCHES "thread|coverage")
  set_target_properties(tva_fault PROPERTIES EXCLUDE_FROM_ALL OFF)
  add_test(NAME torture_sample COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/torture/torture.py" --sample 9
    $<TARGET_FILE:tva> $<TARGET_FILE:tva_fault>)
  set_tests_properties(torture_sample PROPERTIES
    LABELS cli TIMEOUT ${TVA_TEST_TIMEOUT} ENVIRONMENT_MODIFICATION "${python_first}")
endif()

find_program(BATS bats)
if(BATS AND TARGET tva)
  # They take longest, so that they begin first where tests run side by side.
  math(EXPR cli_timeout "3 * ${TVA_TEST_TIMEOUT}")
  # These are about scripts, pages and sources, with a program that stands in for tva or with one that is counted: nothing that
  # sanitizers could find, or that they leave as it is.
  set(cli_plain
    baseline environment fiber_switch gate_trial hyperfine layers lint make pages regress regress_base regress_sources sweep_script valgrind)
  # The longest begin before all others, or one of them would run alone at the end.
  set(cli_long advise baseline cluster commands http_job pair ranks)
  foreach(script IN LISTS cli_scripts)
    cmake_path(GET script STEM name)
    if(TVA_SANITIZE AND name IN_LIST cli_plain)
      continue()
    endif()
    set(cost 10)
    if(name IN_LIST cli_long)
      set(cost 30)
    endif()
    add_test(NAME cli_${name} COMMAND ${BATS} --print-output-on-failure "${script}")
    set_tests_properties(cli_${name} PROPERTIES
      LABELS cli COST ${cost} TIMEOUT ${cli_timeout} ENVIRONMENT "${test_environment}"
      ENVIRONMENT_MODIFICATION "${python_first}")
  endforeach()
elseif(NOT BATS)
  message(STATUS "Command line tests are left out: they need bats (make test installs it)")
endif()
