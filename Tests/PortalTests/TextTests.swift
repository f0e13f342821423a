// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Testing

@testable import Portal
import Words

@Suite struct `A link` {
    @Test func `encodes all reserved characters`() {
        #expect(PageAddress("/devices").with("q", "a b&c=ä").with("page", nil).text == "/devices?q=a%20b%26c%3D%C3%A4")
    }
}

@Suite struct `A page of a list` {
    @Test func `is never beyond the end`() {
        #expect(Paging(count: 120, perPage: 50, number: 9).range == 100..<120)
        #expect(Paging(count: 0, perPage: 50, number: 1).range == 0..<0)
    }
}

@Suite struct `A long name` {
    @Test func `keeps both its ends if it is shortened`() {
        #expect("berlin-office-printer-1".shortenedInside(to: 12) == "berlin…ter-1")
        #expect("berlin-nas".shortenedInside(to: 10) == "berlin-nas")
    }
}
