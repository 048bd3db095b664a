# SPDX-License-Identifier: Apache-2.0
#
# Address and undefined-behaviour sanitizers, with assertions: Debug, but optimised a little. By the second
# compiler, which also checks the lock annotations (GUARDED_BY and its kin) that g++ ignores: with SB_WERROR a lock
# that is not held is a compile error.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_C_COMPILER clang-14 CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++-14 CACHE STRING "")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer" CACHE STRING "")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer" CACHE STRING "")
set(SB_SANITIZE "address,undefined" CACHE STRING "")
set(SB_WERROR ON CACHE BOOL "")
