// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@Suite struct `A time for people` {
    @Test(arguments: [(0, "just now"), (4, "4 s ago"), (61, "1 min ago"), (7200, "2 h ago"), (259_200, "3 d ago"), (-600, "in 10 min")])
    func `is shown as its age`(age: Int64, text: String) {
        #expect(UnixTime(seconds: 1000).relative(to: UnixTime(seconds: 1000 + age)).description == text)
    }
}
