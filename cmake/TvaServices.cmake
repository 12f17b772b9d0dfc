# Jobs of services (lib/job/service): each a plugin (lib/job/plugin.h) that tva knows by its name, built where its library is.

# tva_service(NAME LIBRARY): jobs/NAME.so, installed to a folder of tva's own.
function(tva_service name library)
  if(NOT ${library}_FOUND)
    message(STATUS "The job ${name} is left out: it needs the library of its service (make bench-services installs it)")
    return()
  endif()
  set(target tva_job_${name})
  add_library(${target} MODULE
    lib/job/service/${name}.c lib/job/service/query.c lib/job/service/server.c)
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY jobs)
  target_include_directories(${target} PRIVATE lib)
  target_link_libraries(${target} PRIVATE PkgConfig::${library} Threads::Threads tva_options)
  install(TARGETS ${target} DESTINATION "${CMAKE_INSTALL_LIBDIR}/tva/jobs")
  add_dependencies(libtva ${target})
endfunction()

pkg_check_modules(pq IMPORTED_TARGET libpq)
pkg_check_modules(hiredis IMPORTED_TARGET hiredis)
tva_service(pg pq)
tva_service(redis hiredis)
