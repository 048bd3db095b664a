# SPDX-License-Identifier: Apache-2.0
#
# The thread sanitizer. It sees one process only, so it is for what runs over threads.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_C_COMPILER clang-14 CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++-14 CACHE STRING "")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer" CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer" CACHE STRING "")
set(SB_SANITIZE "thread" CACHE STRING "")
set(SB_WERROR ON CACHE BOOL "")
