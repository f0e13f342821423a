// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

struct `A drop reason for people` {
    @Test func `is explained in a sentence of its own`() {
        let explanations = DropReason.allCases.map(\.explanation.description)
        #expect(Set(explanations).count == explanations.count)
        for explanation in explanations { #expect(explanation.hasSuffix(".") || explanation.hasSuffix("?")) }
    }
}
