# SPDX-License-Identifier: Apache-2.0
#
# What users get: g++, optimised; every test runs against it.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_C_COMPILER gcc CACHE STRING "")
set(CMAKE_CXX_COMPILER g++ CACHE STRING "")
set(SB_SANITIZE "" CACHE STRING "")
set(SB_WERROR ON CACHE BOOL "")
