// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `A drop reason` {
    @Test func `has a name of its own in lower case`() {
        let names = DropReason.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(name)") }
    }

    @Test func `is counted in an array by its number`() {
        #expect(DropReason.allCases.map { Int($0.rawValue) } == Array(DropReason.allCases.indices))
    }
}
