// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE stickybalancer_shared
#include <boost/test/unit_test.hpp>
