// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@Suite struct `A ZIP archive` {
    @Test func `holds 65,535 files and refuses one more, but can still be ended`() throws {
        var archive = ZipArchive(now: UnixTime(seconds: 1_800_000_000))
        var byteCount = 0
        for number in 0..<ZipArchive.maximumCount { byteCount += try archive.add(String(number, radix: 36), []).count }
        let ending = archive.ending
        #expect(throws: ZipArchive.Full.self) { _ = try archive.add("last", []) }
        #expect(archive.ending == ending)
        // The number of files twice, the length of the directory, and where it begins.
        let end = Array(ending.suffix(22))
        #expect(Array(end[8..<12]) == [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(Self.number(end[12..<16]) == ending.count - 22 && Self.number(end[16..<20]) == byteCount)
    }

    @Test func `refuses a name that does not fit its field, and stays as it was`() throws {
        var archive = ZipArchive(now: UnixTime(seconds: 1_800_000_000))
        _ = try archive.add(String(repeating: "a", count: 65_535), [1])
        let ending = archive.ending
        #expect(throws: ZipArchive.Full.self) { _ = try archive.add(String(repeating: "a", count: 65_536), [1]) }
        #expect(archive.ending == ending)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
