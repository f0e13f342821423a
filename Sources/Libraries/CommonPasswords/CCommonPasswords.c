// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

#include "CCommonPasswords.h"

// C23; Clang takes it in every version of C.
#pragma clang diagnostic ignored "-Wc23-extensions"

const uint8_t hairpin_common_passwords[] = {
#embed "common-passwords.bin"
};
const size_t hairpin_common_passwords_size = sizeof hairpin_common_passwords;
