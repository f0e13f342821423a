// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Writes the answer to a query: the header, the question as it was sent, records, and EDNS if the query had it. A record that does not
/// fit is left out, and the message is marked as truncated (RFC 2181 9).
struct NameReply: ~Copyable {
    /// How a query was answered (RFC 1035 4.1.1, RFC 6891 9).
    enum Code: UInt16 {
        case noError = 0
        case malformed = 1
        case serverFailure = 2
        case noSuchName = 3
        case notImplemented = 4
        case refused = 5
        case badVersion = 16
    }

    /// Why, in more detail (RFC 8914).
    enum ExtendedError: UInt16 {
        case prohibited = 18
        case notAuthoritative = 20
        case noReachableAuthority = 22
        case networkError = 23
    }

    private static let optionsByteCount = 11

    private let out: UnsafeMutableRawPointer
    private let room: Int
    private let hasOptions: Bool
    private let code: Code
    private let questionByteCount: Int
    private(set) var byteCount: Int
    private var counts: (answers: UInt16, authorities: UInt16) = (0, 0)
    private var isTruncated = false

    /// Begins an answer of at most `room` bytes at `out`. Nil if not even the question fits.
    init?(to query: NameQuery, _ code: Code, isOurs: Bool, offersRecursion: Bool, at out: UnsafeMutableRawPointer, room: Int) {
        let limit = min(room, query.payloadByteCount ?? NameQuery.plainByteCount, NameQuery.maximumByteCount)
        hasOptions = query.payloadByteCount != nil
        self.room = limit - (hasOptions ? Self.optionsByteCount : 0)
        guard query.questionEnd <= self.room else { return nil }
        self.out = out
        self.code = code
        questionByteCount = query.questionEnd - NameQuery.headerByteCount
        byteCount = query.questionEnd
        // The number, the operation, and what the sender wants of us: recursion, and no check of signatures.
        let flags = 0x8000 | query.flags & 0x7910 | (isOurs ? 0x0400 : 0) | (offersRecursion ? 0x0080 : 0) | code.rawValue & 0xF
        out.storeBE(query.id, at: 0)
        out.storeBE(flags, at: 2)
        out.storeBE(questionByteCount == 0 ? 0 : 1 as UInt16, at: 4)
        out.storeBE(0 as UInt32, at: 6)
        out.storeBE(0 as UInt16, at: 10)
        (out + NameQuery.headerByteCount).copyMemory(from: query.bytes + NameQuery.headerByteCount, byteCount: questionByteCount)
    }

    /// Begins a record whose name is at `nameOffset` of the message, and whose content is `contentByteCount` bytes long. Returns where the
    /// content goes; nil if the record does not fit.
    private mutating func append(_ type: UInt16, nameOffset: Int, timeToLive: UInt32, contentByteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount + 12 + contentByteCount <= room else {
            isTruncated = true
            return nil
        }
        let record = out + byteCount
        record.storeBE(0xC000 | UInt16(nameOffset), at: 0)
        record.storeBE(type, at: 2)
        record.storeBE(1 as UInt16, at: 4)
        record.storeBE(timeToLive, at: 6)
        record.storeBE(UInt16(contentByteCount), at: 10)
        byteCount += 12 + contentByteCount
        return record + 12
    }

    /// Appends an address to the answer.
    mutating func append(_ address: IPAddress, timeToLive: UInt32) {
        switch address {
        case .v4(let address):
            guard let content = append(NameQuery.RecordType.a, nameOffset: 12, timeToLive: timeToLive, contentByteCount: 4) else { return }
            content.storeBE(address.bits, at: 0)
        case .v6(let address):
            guard let content = append(NameQuery.RecordType.aaaa, nameOffset: 12, timeToLive: timeToLive, contentByteCount: 16) else { return }
            content.storeBE(address.high, at: 0)
            content.storeBE(address.low, at: 8)
        }
        counts.answers += 1
    }

    /// Appends a record to the answer whose content is a label followed by the domain.
    mutating func append(_ type: UInt16, _ label: UnsafeRawBufferPointer, of domain: UnsafeRawBufferPointer, timeToLive: UInt32) {
        let count = 1 + label.count + domain.count
        guard let content = append(type, nameOffset: 12, timeToLive: timeToLive, contentByteCount: count) else { return }
        write(label, of: domain, to: content)
        counts.answers += 1
    }

    /// Appends the record about the whole domain (RFC 1035 3.3.13): to the answer, or as the reason why there is none, which says how long
    /// that may be remembered (RFC 2308 3). `nameOffset` is where the domain is in the question.
    mutating func appendStart(
        of domain: UnsafeRawBufferPointer, nameOffset: Int, hub: UnsafeRawBufferPointer, serial: UInt32, timeToLive: UInt32, isAnswer: Bool
    ) {
        // The hub's name, a mailbox that nobody reads, and five numbers.
        let pointer = UInt16(0xC000 | nameOffset)
        let count = 1 + hub.count + 2 + 2 + 20
        guard let content = append(NameQuery.RecordType.soa, nameOffset: nameOffset, timeToLive: timeToLive, contentByteCount: count) else { return }
        content.store8(UInt8(hub.count), at: 0)
        if let base = hub.baseAddress { (content + 1).copyMemory(from: base, byteCount: hub.count) }
        content.storeBE(pointer, at: 1 + hub.count)
        content.storeBE(pointer, at: 3 + hub.count)
        let numbers = content + 5 + hub.count
        numbers.storeBE(serial, at: 0)
        numbers.storeBE(3600 as UInt32, at: 4)
        numbers.storeBE(600 as UInt32, at: 8)
        numbers.storeBE(86_400 as UInt32, at: 12)
        numbers.storeBE(timeToLive, at: 16)
        if isAnswer { counts.answers += 1 } else { counts.authorities += 1 }
    }

    private func write(_ label: UnsafeRawBufferPointer, of domain: UnsafeRawBufferPointer, to content: UnsafeMutableRawPointer) {
        content.store8(UInt8(label.count), at: 0)
        if let base = label.baseAddress { (content + 1).copyMemory(from: base, byteCount: label.count) }
        if let base = domain.baseAddress { (content + 1 + label.count).copyMemory(from: base, byteCount: domain.count) }
    }

    /// Ends the answer. Returns its length.
    mutating func finish() -> Int { finish(nil) { _ in 0 } }

    /// Ends the answer with an error in more detail, if the sender knows EDNS and there is room. `text` writes at most `textRoom` bytes of
    /// UTF-8 and returns how many. Returns the length of the answer.
    mutating func finish(_ error: ExtendedError?, text: (UnsafeMutableRawPointer) -> Int) -> Int {
        if isTruncated { out.store8(out.uint8(at: 2) | 0x02, at: 2) }
        out.storeBE(counts.answers, at: 6)
        out.storeBE(counts.authorities, at: 8)
        guard hasOptions else { return byteCount }
        out.storeBE(1 as UInt16, at: 10)
        let options = out + byteCount
        options.store8(0, at: 0)
        options.storeBE(NameQuery.RecordType.opt, at: 1)
        options.storeBE(UInt16(NameQuery.maximumByteCount), at: 3)
        options.storeBE(UInt32(code.rawValue >> 4) << 24, at: 5)
        byteCount += Self.optionsByteCount
        var length = 0
        if let error, byteCount + 6 + Self.textRoom <= room + Self.optionsByteCount {
            let textByteCount = text(options + Self.optionsByteCount + 6)
            options.storeBE(15 as UInt16, at: 11)
            options.storeBE(UInt16(2 + textByteCount), at: 13)
            options.storeBE(error.rawValue, at: 15)
            length = 6 + textByteCount
        }
        options.storeBE(UInt16(length), at: 9)
        byteCount += length
        return byteCount
    }

    /// The most bytes of a text about an error.
    static let textRoom = 160
}
