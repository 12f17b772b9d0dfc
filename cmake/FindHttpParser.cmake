# HttpParser::HttpParser: Node's parser of HTTP messages in C, which has no pkg-config file.
find_path(HttpParser_INCLUDE_DIR http_parser.h)
# The static library comes first: each shared one adds to the start of every run.
find_library(HttpParser_LIBRARY NAMES libhttp_parser.a http_parser)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HttpParser
  REQUIRED_VARS HttpParser_LIBRARY HttpParser_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Debian has it in libhttp-parser-dev")

if(HttpParser_FOUND AND NOT TARGET HttpParser::HttpParser)
  add_library(HttpParser::HttpParser UNKNOWN IMPORTED)
  set_target_properties(HttpParser::HttpParser PROPERTIES
    IMPORTED_LOCATION "${HttpParser_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HttpParser_INCLUDE_DIR}")
endif()
mark_as_advanced(HttpParser_LIBRARY HttpParser_INCLUDE_DIR)
