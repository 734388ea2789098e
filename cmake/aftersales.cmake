# How the parts of the house are built. A new room needs no line here: files are found by their names.
#   *_test.cc   a GoogleTest program of its own, run by ctest
#   main.cc     the service's program
#   other .cc   the service's library

# Our own code is compiled with warnings as errors; generated code is not ours to mend.
function(aftersales_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-missing-field-initializers -Werror)
endfunction()

# The programs that run for long take jemalloc: docs/decisions/0017. The sanitizers bring an allocator of their own.
function(aftersales_allocator target)
  if(NOT AFTERSALES_SANITIZE)
    # Before libc, so that its malloc is everybody's; no linker flags of its own, which would reach the other libraries.
    target_link_libraries(${target} PRIVATE ${JEMALLOC})
  endif()
endfunction()

# aftersales_protos(<name> <dir under protos> DEPENDS <other proto libraries>)
function(aftersales_protos name directory)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/protos/${directory}/*.proto)
  set(sources)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/fresh ${PROJECT_BINARY_DIR}/gen/${directory})
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    set(output ${PROJECT_BINARY_DIR}/gen/${directory}/${stem})
    add_custom_command(
      OUTPUT ${output}.pb.cc ${output}.pb.h
      # A changed comment makes the same code: what is the same is left as it lies, and nothing is compiled again.
      COMMAND protobuf::protoc -I${PROJECT_SOURCE_DIR}/protos -I${GOOGLEAPIS} --cpp_out=${PROJECT_BINARY_DIR}/fresh ${file}
      COMMAND ${CMAKE_COMMAND} -E copy_if_different ${PROJECT_BINARY_DIR}/fresh/${directory}/${stem}.pb.h ${output}.pb.h
      COMMAND ${CMAKE_COMMAND} -E copy_if_different ${PROJECT_BINARY_DIR}/fresh/${directory}/${stem}.pb.cc ${output}.pb.cc
      DEPENDS ${file})
    list(APPEND sources ${output}.pb.cc)
  endforeach()
  # Shared: a proto file that declares only services (office.proto) is found by its name, never by a symbol, so a static
  # library would leave it out; and some fifty test programs link faster.
  add_library(protos_${name} SHARED ${sources})
  target_link_options(protos_${name} INTERFACE -Wl,--no-as-needed)
  target_compile_options(protos_${name} PRIVATE -g0)
  target_include_directories(protos_${name} SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/gen)
  target_link_libraries(protos_${name} PUBLIC protobuf::libprotobuf)
  foreach(dependency ${ARG_DEPENDS})
    target_link_libraries(protos_${name} PUBLIC protos_${dependency})
    # The other library's headers are made before this one compiles.
    add_dependencies(protos_${name} protos_${dependency})
  endforeach()
endfunction()

# Every *_test.cc below `directory` becomes the test program <prefix>_<stem>.
function(aftersales_tests prefix directory)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${directory}/*_test.cc)
  if(NOT tests)
    return()
  endif()
  # Half of a test's compile time is reading the same headers; one library per directory keeps them for its programs.
  set(headers ${prefix}_test_headers)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${headers}.cc CONTENT "// Only its precompiled headers are used.\n")
  add_library(${headers} OBJECT ${PROJECT_BINARY_DIR}/${headers}.cc)
  aftersales_warnings(${headers})
  target_link_libraries(${headers} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${headers} PRIVATE <gtest/gtest.h> <chassis/server/service.h> <chassis/records/table.h>)
  # Not optimised: two fifths of a test's compile time, and what it tests is.
  target_compile_options(${headers} PRIVATE -fpch-preprocess -O0)
  foreach(test ${tests})
    get_filename_component(stem ${test} NAME_WE)
    set(target ${prefix}_${stem})
    add_executable(${target} ${test})
    aftersales_warnings(${target})
    target_link_libraries(${target} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
    target_precompile_headers(${target} REUSE_FROM ${headers})
    target_compile_options(${target} PRIVATE -fpch-preprocess -O0)
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()

# <name>-svc: library <name>_rooms, program <name>-svc, its tests.
function(aftersales_service name)
  set(directory ${PROJECT_SOURCE_DIR}/${name}-svc)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${directory}/*.cc)
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  if(NOT sources)
    return()
  endif()
  add_library(${name}_rooms STATIC ${sources})
  aftersales_warnings(${name}_rooms)
  # Three quarters of a room's compile time is reading these headers; -fpch-preprocess lets ccache see through them.
  target_precompile_headers(${name}_rooms PRIVATE <chassis/server/service.h> <chassis/records/table.h>)
  target_compile_options(${name}_rooms PRIVATE -fpch-preprocess)
  target_link_libraries(${name}_rooms PUBLIC chassis ${${name}_PROTOS})
  if(EXISTS ${directory}/main.cc)
    add_executable(${name}-svc ${directory}/main.cc)
    aftersales_warnings(${name}-svc)
    # The whole library: rooms are reached through `furnish` only.
    target_link_libraries(${name}-svc PRIVATE ${name}_rooms)
    aftersales_allocator(${name}-svc)
    set_target_properties(${name}-svc PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  endif()
  aftersales_tests(${name} ${directory} LINK ${name}_rooms test_harness)
endfunction()

# Which services' protos a service speaks: its own, its peers' and those whose events it takes in.
set(parts_PROTOS protos_parts protos_reception)
set(workshop_PROTOS protos_workshop protos_reception protos_parts)
set(crm_PROTOS protos_crm protos_reception)
set(reception_PROTOS protos_reception protos_workshop protos_parts protos_crm)
