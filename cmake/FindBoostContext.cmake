# Boost::context: the context switch alone (make_fcontext, jump_fcontext, ontop_fcontext), which has
# no header in C and no pkg-config file. The static library comes first: a switch then is a direct
# call, and the C++ part of the library, with its run-time library, stays out of the program.
find_library(BoostContext_LIBRARY NAMES libboost_context.a boost_context)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoostContext
  REQUIRED_VARS BoostContext_LIBRARY
  REASON_FAILURE_MESSAGE "Debian has it in libboost-context-dev")

if(BoostContext_FOUND AND NOT TARGET Boost::context)
  add_library(Boost::context UNKNOWN IMPORTED)
  set_target_properties(Boost::context PROPERTIES IMPORTED_LOCATION "${BoostContext_LIBRARY}")
endif()
mark_as_advanced(BoostContext_LIBRARY)
