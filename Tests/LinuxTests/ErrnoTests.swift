// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Testing

struct `An error of the kernel` {
    @Test func `shows its text and its name`() {
        #expect(Errno.addressInUse.description == "Address already in use (EADDRINUSE)")
    }

    @Test func `without a name shows its number`() {
        #expect(Errno(4711).description == "unknown error (errno 4711)")
    }
}
