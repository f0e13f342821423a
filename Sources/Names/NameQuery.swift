// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A DNS query in memory that the caller owns (RFC 1035 4.1): one question, and perhaps the sender's EDNS record (RFC 6891).
///
///     0  id (2)    2  flags (2)    4  counts of questions, answers, authorities, additional records (2 each)
///     12 name of the question, its type (2), its class (2)    then the records
///
/// Every offset is checked against the length before it is read. Names are not followed through compression pointers: a question is the first
/// name of its message, so nothing can come before it to point to, and the names of records are only skipped.
public struct NameQuery {
    /// What is wrong with a query that can be answered with an error.
    public enum Fault: Equatable, Sendable {
        /// It does not follow the format (FORMERR).
        case malformed
        /// It asks for another kind of operation, such as an update (NOTIMP).
        case notImplemented
        /// Its version of EDNS is not 0 (BADVERS).
        case badVersion
    }

    /// The types of records that are answered in a special way (IANA).
    public enum RecordType {
        public static let a: UInt16 = 1
        public static let ns: UInt16 = 2
        public static let soa: UInt16 = 6
        public static let ptr: UInt16 = 12
        public static let aaaa: UInt16 = 28
        public static let opt: UInt16 = 41
        public static let ixfr: UInt16 = 251
        public static let axfr: UInt16 = 252
        public static let any: UInt16 = 255
    }

    /// The largest message that we send or take: with its headers it fits the smallest packet of IPv6.
    public static let maximumByteCount = 1232
    static let headerByteCount = 12
    /// The largest message without EDNS (RFC 1035 4.2.1).
    static let plainByteCount = 512

    let bytes: UnsafeRawPointer
    /// The length of the whole message.
    public let byteCount: Int
    /// The offsets behind the question's name and behind the question. The second is 12 if no whole question is there.
    private(set) var nameEnd = headerByteCount
    public private(set) var questionEnd = headerByteCount
    /// The type and the class that it asks for.
    public private(set) var type: UInt16 = 0
    public private(set) var recordClass: UInt16 = 0
    /// The largest answer that the sender takes; nil without EDNS.
    public private(set) var payloadByteCount: Int?
    /// Nil if the query is well-formed.
    public private(set) var fault: Fault?

    /// Nil for what must not be answered: less than a header, and answers, which could go back and forth for ever.
    public init?(_ bytes: UnsafeRawPointer, byteCount: Int) {
        guard byteCount >= Self.headerByteCount, bytes.uint8(at: 2) & 0x80 == 0 else { return nil }
        self.bytes = bytes
        self.byteCount = byteCount
        guard bytes.uint8(at: 2) >> 3 & 0xF == 0 else {
            fault = .notImplemented
            return
        }
        readQuestion()
        if fault == nil { readRecords() }
    }

    /// The number by which the sender recognises the answer.
    public var id: UInt16 { bytes.uint16BE(at: 0) }
    var flags: UInt16 { bytes.uint16BE(at: 2) }

    /// The bytes of the question's name, as sent.
    var name: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes + Self.headerByteCount, count: nameEnd - Self.headerByteCount) }

    /// The bytes of the whole question, as sent.
    public var question: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Self.headerByteCount, count: questionEnd - Self.headerByteCount)
    }

    private mutating func readQuestion() {
        guard bytes.uint16BE(at: 4) == 1, let end = MessageNames.skip(at: Self.headerByteCount, in: bytes, byteCount, allowsPointer: false),
            end + 4 <= byteCount, bytes.uint16BE(at: end) != RecordType.opt
        else {
            fault = .malformed
            return
        }
        (nameEnd, questionEnd) = (end, end + 4)
        (type, recordClass) = (bytes.uint16BE(at: end), bytes.uint16BE(at: end + 2))
    }

    /// Skips all records but EDNS.
    private mutating func readRecords() {
        let count = Int(bytes.uint16BE(at: 6)) + Int(bytes.uint16BE(at: 8)) + Int(bytes.uint16BE(at: 10))
        var offset = questionEnd
        for _ in 0..<count {
            guard let record = MessageRecord(at: offset, in: bytes, byteCount) else {
                fault = .malformed
                return
            }
            if record.type == RecordType.opt { readOptions(record, at: offset) }
            offset = record.end
        }
        if offset != byteCount { fault = .malformed }
    }

    private mutating func readOptions(_ record: MessageRecord, at offset: Int) {
        guard payloadByteCount == nil, bytes.uint8(at: offset) == 0, record.areOptionsWhole(in: bytes) else {
            fault = .malformed
            return
        }
        payloadByteCount = max(Int(record.recordClass), Self.plainByteCount)
        if record.timeToLive >> 16 & 0xFF != 0, fault == nil { fault = .badVersion }
    }
}

/// Names in messages, with their compression (RFC 1035 4.1.4).
enum MessageNames {
    /// The offset behind a name; nil if it is not whole, longer than 255 bytes, or has a pointer that does not point back. A pointer ends the
    /// name and is not followed, so no loop is possible.
    static func skip(at start: Int, in bytes: UnsafeRawPointer, _ byteCount: Int, allowsPointer: Bool = true) -> Int? {
        var offset = start
        while offset < byteCount, offset - start < DomainName.maximumByteCount {
            let length = Int(bytes.uint8(at: offset))
            switch length >> 6 {
            case 0:
                offset += 1 + length
                if length == 0 { return offset }
            case 3:
                guard allowsPointer, offset + 2 <= byteCount else { return nil }
                let target = Int(bytes.uint16BE(at: offset)) & 0x3FFF
                return target < start && target >= NameQuery.headerByteCount ? offset + 2 : nil
            default: return nil
            }
        }
        return nil
    }
}

/// A record of a message (RFC 1035 4.1.3).
struct MessageRecord {
    let type: UInt16
    let recordClass: UInt16
    /// Seconds. For EDNS, the version and flags.
    let timeToLive: UInt32
    /// The offset of the time to live, and the content.
    let timeToLiveOffset: Int
    let content: Range<Int>
    /// The offset behind it.
    var end: Int { content.upperBound }

    /// Nil if it is not whole.
    init?(at offset: Int, in bytes: UnsafeRawPointer, _ byteCount: Int) {
        guard let name = MessageNames.skip(at: offset, in: bytes, byteCount), name + 10 <= byteCount else { return nil }
        (type, recordClass, timeToLive) = (bytes.uint16BE(at: name), bytes.uint16BE(at: name + 2), bytes.uint32BE(at: name + 4))
        timeToLiveOffset = name + 4
        let start = name + 10
        let length = Int(bytes.uint16BE(at: name + 8))
        guard start + length <= byteCount else { return nil }
        content = start..<start + length
    }

    /// Whether the options of an EDNS record end where the record does (RFC 6891 6.1.2).
    func areOptionsWhole(in bytes: UnsafeRawPointer) -> Bool {
        var offset = content.lowerBound
        while offset + 4 <= content.upperBound { offset += 4 + Int(bytes.uint16BE(at: offset + 2)) }
        return offset == content.upperBound
    }
}
