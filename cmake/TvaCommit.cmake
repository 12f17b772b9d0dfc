# TVA_COMMIT: the commit of the sources, as found at each build (not when it was configured).
#
# It is defined in a generated header that is rewritten only when the commit changes, and that is
# included ahead of the one source that uses it: a new commit compiles that file and no other.
set(commit_header "${PROJECT_BINARY_DIR}/generated/tva_commit.h")
add_custom_target(tva_commit
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DHEADER=${commit_header}
          -P ${CMAKE_CURRENT_LIST_DIR}/write_commit.cmake
  BYPRODUCTS ${commit_header}
  COMMENT "Looking up the commit"
  VERBATIM)

set_property(SOURCE lib/measure/sysinfo.c
  APPEND PROPERTY COMPILE_OPTIONS -include "${commit_header}")
add_dependencies(libtva tva_commit)
