#pragma once
// The HMAC_CTX functions, deprecated in OpenSSL 3 in favour of a slower interface, are what a reused key needs.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
// Macros, which Swift cannot import.
static inline long openssl_shim_set_mode_partial_write(SSL *s) { return SSL_set_mode(s, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER); }
static inline long openssl_shim_set_host_name(SSL *s, const char *name) { return SSL_set_tlsext_host_name(s, name); }
static inline int openssl_shim_set_min_tls12(SSL_CTX *c) { return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION); }
