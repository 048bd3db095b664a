// SPDX-License-Identifier: Apache-2.0
#include "test/support/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace stickybalancer::test {
namespace {

template <auto kFree>
struct Free {
    template <class T>
    void operator()(T *object) const
    {
        kFree(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using X509Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

void check(bool ok)
{
    if (!ok)
        throw std::runtime_error("cannot make the test certificate");
}

void add_extension(X509 *certificate, int nid, const char *value)
{
    std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

X509Certificate sign(EVP_PKEY *key)
{
    constexpr long kDaySeconds = 24 * 60 * 60;
    X509Certificate certificate(X509_new());
    check(certificate && X509_set_version(certificate.get(), 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDaySeconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDaySeconds);
    check(X509_set_pubkey(certificate.get(), key) == 1);
    const unsigned char name[] = "localhost";
    auto *subject = X509_get_subject_name(certificate.get());
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1);
    check(X509_set_issuer_name(certificate.get(), subject) == 1);
    // httpd warns of a server certificate that is an authority's.
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_subject_alt_name,
                  "DNS:localhost,DNS:*.example.test,IP:127.0.0.1,IP:::1");
    check(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
    return certificate;
}

std::string text_of(BIO *bio)
{
    char *data = nullptr;
    const auto length = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(length));
}

Certificate make_certificate()
{
    const Key key(EVP_EC_gen("P-256"));
    check(key != nullptr);
    const auto certificate = sign(key.get());
    const Bio certificate_out(BIO_new(BIO_s_mem()));
    const Bio key_out(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_X509(certificate_out.get(), certificate.get()) == 1);
    check(PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                   nullptr) == 1);
    return {text_of(certificate_out.get()), text_of(key_out.get())};
}

}  // namespace

const Certificate &test_certificate()
{
    static const Certificate certificate = make_certificate();
    return certificate;
}

}  // namespace stickybalancer::test
