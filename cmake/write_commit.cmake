# Writes HEADER with the commit of SOURCE_DIR, "unknown" without git; run at build time.
cmake_minimum_required(VERSION 3.24)

# The ceiling keeps git from taking a repository around the sources for their own. In a hook, git names
# the repository by variables, which may be another one.
foreach(variable GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR)
  unset(ENV{${variable}})
endforeach()
get_filename_component(ceiling "${SOURCE_DIR}" DIRECTORY)
set(ENV{GIT_CEILING_DIRECTORIES} "${ceiling}")
set(commit "")
find_program(GIT git)
if(GIT)
  execute_process(
    COMMAND ${GIT} describe --always --dirty
    WORKING_DIRECTORY "${SOURCE_DIR}"
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
endif()
if(NOT commit)
  set(commit "unknown")
endif()

set(now "#define TVA_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS "${HEADER}")
  file(READ "${HEADER}" before)
endif()
if(NOT now STREQUAL before)
  file(WRITE "${HEADER}" "${now}")
endif()
