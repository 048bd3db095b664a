# SPDX-License-Identifier: Apache-2.0
#
# The second compiler. It checks the lock annotations (GUARDED_BY and its kin), which g++ ignores;
# with SB_WERROR a lock that is not held is a compile error.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_C_COMPILER clang-14 CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++-14 CACHE STRING "")
set(SB_SANITIZE "" CACHE STRING "")
set(SB_WERROR ON CACHE BOOL "")
