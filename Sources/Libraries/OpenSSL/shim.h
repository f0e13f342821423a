// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/x509.h>

/* The parameter that reads or sets an AEAD's tag of 16 bytes, still without its address, and the end of the list: the name is a string literal, which
   Swift would copy. */
static inline void hairpin_openssl_tag_parameters(OSSL_PARAM parameters[2]) {
    parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, NULL, 16);
    parameters[1] = OSSL_PARAM_construct_end();
}
