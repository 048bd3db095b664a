// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "mod_stickybalancer/stickyctl/wizard_answers.hpp"

namespace stickybalancer::stickyctl {
namespace {

struct Free {
    void operator()(BIO *file) const { ::BIO_free(file); }
    void operator()(X509 *certificate) const { ::X509_free(certificate); }
    void operator()(EVP_PKEY *key) const { ::EVP_PKEY_free(key); }
};
using File = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

// The first one in the file, which is the server's own; the rest is its chain.
Certificate certificate_in(const std::string &name)
{
    const File file(::BIO_new_file(name.c_str(), "r"));
    Certificate certificate(file ? ::PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)
                                 : nullptr);
    ::ERR_clear_error();
    return certificate;
}

// Called where the key has a pass phrase.
int refuse_pass_phrase(char *, int, int, void *was_asked)
{
    *static_cast<bool *>(was_asked) = true;
    return -1;
}

Key key_in(const std::string &name, bool &has_pass_phrase)
{
    const File file(::BIO_new_file(name.c_str(), "r"));
    Key key(
        file ? ::PEM_read_bio_PrivateKey(file.get(), nullptr, refuse_pass_phrase, &has_pass_phrase)
             : nullptr);
    ::ERR_clear_error();
    return key;
}

bool belong_together(const Certificate &certificate, const Key &key)
{
    const bool belong = certificate && ::X509_check_private_key(certificate.get(), key.get()) == 1;
    ::ERR_clear_error();
    return belong;
}

}  // namespace

std::string problem_of_certificate(const std::string &file)
{
    if (const auto problem = problem_of_file(file); !problem.empty())
        return problem;
    return certificate_in(file) ? "" : file + " has no certificate in it (PEM)";
}

std::string problem_of_key(const std::string &file, const std::string &certificate_file)
{
    if (const auto problem = problem_of_file(file); !problem.empty())
        return problem;
    bool has_pass_phrase = false;
    const auto key = key_in(file, has_pass_phrase);
    if (has_pass_phrase)
        return file +
               " has a pass phrase, for which the server would ask at each start: write it "
               "without (openssl pkey -in " +
               file + " -out ...)";
    if (!key)
        return file + " has no private key in it (PEM)";
    return belong_together(certificate_in(certificate_file), key)
               ? ""
               : file + " is not the key of " + certificate_file;
}

}  // namespace stickybalancer::stickyctl
