// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_certificate.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

using namespace stickybalancer::stickyctl;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

struct Files {
    Files()
    {
        BOOST_REQUIRE(::mkdtemp(path.data()));
        write_certificate("cert.pem", own.get());
        write_key("key.pem", own.get(), "");
        write_key("other.pem", other.get(), "");
        write_key("locked.pem", own.get(), "phrase");
    }
    ~Files() { std::filesystem::remove_all(path); }

    static Key new_key() { return {::EVP_EC_gen("P-256"), &::EVP_PKEY_free}; }
    std::string file(const std::string &name) const { return path + "/" + name; }
    std::unique_ptr<FILE, decltype(&std::fclose)> open(const std::string &name) const
    {
        return {std::fopen(file(name).c_str(), "w"), &std::fclose};
    }
    void write_certificate(const std::string &name, EVP_PKEY *key) const
    {
        const std::unique_ptr<X509, decltype(&::X509_free)> made(::X509_new(), &::X509_free);
        ::X509_set_pubkey(made.get(), key);
        ::X509_gmtime_adj(::X509_getm_notBefore(made.get()), 0);
        ::X509_gmtime_adj(::X509_getm_notAfter(made.get()), 3600);
        BOOST_REQUIRE(::X509_sign(made.get(), key, ::EVP_sha256()) > 0);
        BOOST_REQUIRE(::PEM_write_X509(open(name).get(), made.get()) == 1);
    }
    void write_key(const std::string &name, EVP_PKEY *key, std::string phrase) const
    {
        const auto *cipher = phrase.empty() ? nullptr : ::EVP_aes_128_cbc();
        BOOST_REQUIRE(::PEM_write_PKCS8PrivateKey(open(name).get(), key, cipher, phrase.data(),
                                                  static_cast<int>(phrase.size()), nullptr,
                                                  nullptr) == 1);
    }
    bool says(const std::string &key, const std::string &words) const
    {
        return problem_of_key(file(key), file("cert.pem")).find(words) != std::string::npos;
    }

    std::string path = "/tmp/stickyctl-certificates-XXXXXX";
    Key own = new_key(), other = new_key();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wizard_certificate_test, Files)

BOOST_AUTO_TEST_CASE(a_certificate_and_its_key_are_taken)
{
    BOOST_TEST(problem_of_certificate(file("cert.pem")) == "");
    BOOST_TEST(problem_of_key(file("key.pem"), file("cert.pem")) == "");
}

BOOST_AUTO_TEST_CASE(what_is_none_is_refused)
{
    BOOST_TEST(problem_of_certificate(file("key.pem")) ==
               file("key.pem") + " has no certificate in it (PEM)");
    BOOST_TEST(problem_of_certificate(file("none.pem")).find("No such file") != std::string::npos);
    BOOST_TEST(says("cert.pem", "has no private key in it"));
    BOOST_TEST(says("none.pem", "No such file"));
}

BOOST_AUTO_TEST_CASE(the_key_of_another_certificate_is_refused)
{
    BOOST_TEST(says("other.pem", "is not the key of " + file("cert.pem")));
}

BOOST_AUTO_TEST_CASE(a_key_that_wants_a_pass_phrase_is_refused)
{
    BOOST_TEST(says("locked.pem", "has a pass phrase"));
}

BOOST_AUTO_TEST_SUITE_END()
