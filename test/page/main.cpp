// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE sb_page
#include <boost/test/unit_test.hpp>
