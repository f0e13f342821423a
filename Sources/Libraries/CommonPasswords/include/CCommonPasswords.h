// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
//
// The list that `make` describes, as bytes. No copy in memory is made.

#pragma once

#include <stddef.h>
#include <stdint.h>

extern const uint8_t hairpin_common_passwords[];
extern const size_t hairpin_common_passwords_size;

// The byte at `index`, or 0 at the end.
static inline uint8_t common_password_byte(size_t index) {
    return index < hairpin_common_passwords_size ? hairpin_common_passwords[index] : 0;
}

static inline size_t common_password_byte_count(void) { return hairpin_common_passwords_size; }
