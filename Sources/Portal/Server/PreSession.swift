// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// The random value behind forms that need no sign-in. It opens nothing; it only ties a form to the browser that got it.
enum PreSession {
    static func make() -> String { Hex.encode(SecureRandom.bytes(32)) }
}
