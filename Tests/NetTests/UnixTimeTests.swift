// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@Suite struct `A wall-clock time` {
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
        (Int64.min, "0000-01-01 00:00:00"), (-62_167_219_201, "0000-01-01 00:00:00"), (253_402_300_800, "9999-12-31 23:59:59"),
        (.max, "9999-12-31 23:59:59"),
    ])
    func `outside the years of four digits is written as the nearest one in them`(seconds: Int64, text: String) {
        #expect(UnixTime(seconds: seconds).text == text)
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
    func `is refused if it lacks a part of RFC 3339`(text: String) {
        #expect(UnixTime(rfc3339: text) == nil)
    }

    @Test(arguments: [
        "2027-02-29", "2027-13-01", "2027-1-1", "2027-01-01 24:00", "2027-01-01 1:00", "tomorrow", "2027-01-01 10:00 +02:00", "2027-00-10",
    ])
    func `that does not exist is refused`(text: String) {
        #expect(UnixTime(text: text) == nil)
    }
}
