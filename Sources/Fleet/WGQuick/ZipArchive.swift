// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Writes small files into one uncompressed ZIP file, in the form that WireGuard apps import (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and
/// 4.3.16).
public struct ZipArchive: Sendable {
    private static let version: UInt16 = 20
    /// The upper half of "made by": the attributes are Unix attributes.
    private static let unix: UInt16 = 3 << 8
    /// Names are UTF-8.
    private static let flags: UInt16 = 1 << 11
    /// A plain file that its owner may read and write.
    private static let attributes: UInt32 = 0o100600 << 16

    /// The most files in one archive. More need another format (ZIP64), which not every app reads.
    public static let maximumCount = 65_535
    /// The most bytes of names and contents, including those about them.
    private static let maximumByteCount = Int(UInt32.max)

    /// The archive cannot hold another file.
    public struct Full: Error {}

    /// Bytes of all files so far.
    private var byteCount = 0
    private var directory: [UInt8] = []
    private var count = 0
    private let stamp: (time: UInt16, date: UInt16)

    /// `now` becomes the time of all files.
    public init(now: UnixTime) { stamp = now.dosTime }

    /// Adds a file and returns the next bytes of the archive. Names must be unique. Throws if the archive has `maximumCount` files, would be
    /// greater than four gigabytes, or if the name is longer than 65,535 bytes; the archive is then as before and can be ended.
    public mutating func add(_ name: String, _ content: [UInt8]) throws(Full) -> [UInt8] {
        guard count < Self.maximumCount, let nameLength = UInt16(exactly: name.utf8.count),
            let length = UInt32(exactly: content.count), let offset = UInt32(exactly: byteCount),
            byteCount + directory.count + content.count + 2 * (name.utf8.count + 64) <= Self.maximumByteCount
        else { throw Full() }
        var common: [UInt8] = []
        for field in [Self.version, Self.flags, 0, stamp.time, stamp.date] { common.append(little: field) }
        for field in [CRC32.checksum(content), length, length] { common.append(little: field) }
        for field in [nameLength, 0] { common.append(little: field) }
        var body: [UInt8] = []
        body.append(little: 0x0403_4b50 as UInt32)
        body += common + Array(name.utf8) + content
        byteCount += body.count
        directory.append(little: 0x0201_4b50 as UInt32)
        directory.append(little: Self.version | Self.unix)
        directory += common
        for field in [0, 0, 0] as [UInt16] { directory.append(little: field) }
        directory.append(little: Self.attributes)
        directory.append(little: offset)
        directory += Array(name.utf8)
        count += 1
        return body
    }

    /// The end of the archive: about a hundred bytes for each file.
    public var ending: [UInt8] {
        var end: [UInt8] = []
        end.append(little: 0x0605_4b50 as UInt32)
        // `add` keeps all of them within their fields.
        for field in [0, 0, UInt16(clamping: count), UInt16(clamping: count)] { end.append(little: field) }
        for field in [UInt32(clamping: directory.count), UInt32(clamping: byteCount)] { end.append(little: field) }
        end.append(little: 0 as UInt16)
        return directory + end
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(little number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> Number(shift))) }
    }
}

extension UnixTime {
    /// The time in ZIP format: steps of two seconds, years from 1980 to 2107.
    var dosTime: (time: UInt16, date: UInt16) {
        let day = seconds / 86_400
        let rest = seconds - day * 86_400
        let (year, month, dayOfMonth) = Self.civil(day)
        let time = rest / 3600 << 11 | rest / 60 % 60 << 5 | rest % 60 / 2
        let date = min(127, max(0, year - 1980)) << 9 | month << 5 | dayOfMonth
        return (UInt16(truncatingIfNeeded: time), UInt16(truncatingIfNeeded: date))
    }
}
