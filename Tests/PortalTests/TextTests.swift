// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Store
import Testing

@testable import Portal

@Suite struct `A moment` {
    @Test(arguments: [
        (0, "1970-01-01 00:00:00"), (951_782_400, "2000-02-29 00:00:00"), (1_800_000_000, "2027-01-15 08:00:00"), (-1, "1969-12-31 23:59:59"),
        (4_102_444_799, "2099-12-31 23:59:59"),
    ])
    func `is written in UTC and read back`(seconds: Int64, text: String) {
        #expect(UnixTime(seconds: seconds).text == text)
        #expect(UnixTime(text: text)?.seconds == seconds)
        #expect(UnixTime(text: UnixTime(seconds: seconds).iso)?.seconds == seconds)
    }

    @Test(arguments: [
        "2027-01-15T08:00:00Z", "2027-01-15T09:30:00+01:30", "2027-01-14T23:00:00.25-09:00", "2027-01-15T08:00:00.999999Z", "2027-01-15 08:00",
    ])
    func `is read in every form of RFC 3339`(text: String) {
        #expect(UnixTime(text: text)?.seconds == 1_800_000_000)
    }

    @Test(arguments: [
        "2027-01-15", "2027-01-15T08:00Z", "2027-01-15T08:00:00", "2027-01-15T08:00:00.Z", "2027-01-15T08:00:00+1:00", "2027-01-15T08:00:00+25:00",
        "2027-01-15T08:00:00.+01:00", "2027-01-15T24:00:00Z", "T", "",
    ])
    func `is not RFC 3339 in a form that lacks something`(text: String) {
        #expect(UnixTime(rfc3339: text) == nil)
    }

    @Test(arguments: [
        "2027-02-29", "2027-13-01", "2027-1-1", "2027-01-01 24:00", "2027-01-01 1:00", "tomorrow", "2027-01-01 10:00 +02:00", "2027-00-10",
    ])
    func `that does not exist is none`(text: String) {
        #expect(UnixTime(text: text) == nil)
    }

    @Test(arguments: [(0, "just now"), (4, "4 s ago"), (61, "1 min ago"), (7200, "2 h ago"), (259_200, "3 d ago"), (-600, "in 10 min")])
    func `is told by its age`(age: Int64, text: String) {
        #expect(UnixTime(seconds: 1000).relative(to: UnixTime(seconds: 1000 + age)).description == text)
    }
}

@Suite struct `An amount` {
    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1234, "1.2 kB"), (80_000, "80 kB"), (999_499, "999 kB"), (999_600, "1 MB"),
        (3_400_000_000, "3.4 GB"),
    ])
    func `of bytes has at most three digits`(bytes: UInt64, text: String) {
        #expect(Amount.bytes(bytes).description == text)
    }

    @Test func `has commas between thousands`() {
        #expect([1, 999, 1204, 1_000_000].map { Amount.count($0).description } == ["1", "999", "1,204", "1,000,000"])
    }
}

@Suite struct `The rates of a device` {
    @Test func `are the difference between two beats, as the device sees it`() {
        let rates = Rates()
        let key = PublicKey(Array(repeating: 7, count: 32))!
        let start = ContinuousClock.now
        let peer = { (received: UInt64, sent: UInt64) in [key: EngineSnapshot.PeerState(receivedBytes: received, sentBytes: sent)] }
        rates.take(peer(1000, 500), at: start)
        #expect(rates.rate(of: key) == nil)
        rates.take(peer(3000, 10_500), at: start + .seconds(2))
        #expect(rates.rate(of: key) == Rates.Rate(down: 5000, up: 1000))
        rates.take(peer(0, 0), at: start + .seconds(4))
        #expect(rates.rate(of: key) == nil)
    }
}

@Suite struct `A link` {
    @Test func `encodes all that is not plain`() {
        #expect(Link("/devices").with("q", "a b&c=ä").with("page", nil).text == "/devices?q=a%20b%26c%3D%C3%A4")
    }
}

@Suite struct `A page of a list` {
    @Test func `never lies beyond the end`() {
        #expect(Paging(count: 120, perPage: 50, number: 9).range == 100..<120)
        #expect(Paging(count: 0, perPage: 50, number: 1).range == 0..<0)
    }
}

@Suite struct `A long name` {
    @Test func `keeps both its ends where room is short`() {
        #expect("berlin-office-printer-1".shortenedInside(to: 12) == "berlin…ter-1")
        #expect("berlin-nas".shortenedInside(to: 10) == "berlin-nas")
    }
}
