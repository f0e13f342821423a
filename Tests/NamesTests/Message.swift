// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

@testable import Names

/// A DNS message, read the slow way: names are followed through their pointers, and a read outside the bytes stops the test.
struct Message {
    struct Record: Equatable {
        var name: String
        var type: UInt16
        var timeToLive: UInt32 = 0
        var content: [UInt8]
    }

    let bytes: [UInt8]
    private(set) var questions: [(name: String, type: UInt16)] = []
    private(set) var answers: [Record] = []
    private(set) var authorities: [Record] = []
    private(set) var additional: [Record] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var offset = 12
        for _ in 0..<word(4) {
            let name = name(&offset)
            questions.append((name, word(offset)))
            offset += 4
        }
        answers = (0..<word(6)).map { _ in record(&offset) }
        authorities = (0..<word(8)).map { _ in record(&offset) }
        additional = (0..<word(10)).map { _ in record(&offset) }
        precondition(offset == bytes.count, "the message has \(bytes.count) bytes, its records end at \(offset)")
    }

    var id: UInt16 { word(0) }
    var isAnswer: Bool { bytes[2] & 0x80 != 0 }
    var isOurs: Bool { bytes[2] & 0x04 != 0 }
    var isTruncated: Bool { bytes[2] & 0x02 != 0 }
    var offersRecursion: Bool { bytes[3] & 0x80 != 0 }
    /// The code, with its upper bits from EDNS.
    var code: Int { Int(bytes[3] & 0xF) + (options.map { Int($0.timeToLive >> 24) << 4 } ?? 0) }
    var options: Record? { additional.first { $0.type == 41 } }

    /// The error in detail (RFC 8914), if there is one.
    var extendedError: (code: Int, text: String)? {
        guard let content = options?.content, content.count >= 6, content[0] == 0, content[1] == 15 else { return nil }
        return (Int(content[4]) << 8 + Int(content[5]), String(decoding: content[6...], as: UTF8.self))
    }

    private func word(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }

    private func record(_ offset: inout Int) -> Record {
        let name = name(&offset)
        let length = Int(word(offset + 8))
        defer { offset += 10 + length }
        return Record(
            name: name, type: word(offset), timeToLive: UInt32(word(offset + 4)) << 16 | UInt32(word(offset + 6)),
            content: Array(bytes[offset + 10..<offset + 10 + length]))
    }

    private func name(_ offset: inout Int) -> String { name(at: &offset, jumps: 0) }

    private func name(at offset: inout Int, jumps: Int) -> String {
        precondition(jumps < 10, "pointers in a loop")
        var labels: [String] = []
        while bytes[offset] != 0 {
            if bytes[offset] & 0xC0 == 0xC0 {
                var target = Int(word(offset) & 0x3FFF)
                offset += 2
                return (labels + [name(at: &target, jumps: jumps + 1)]).filter { !$0.isEmpty }.joined(separator: ".")
            }
            let count = Int(bytes[offset])
            labels.append(String(decoding: bytes[offset + 1...offset + count], as: UTF8.self))
            offset += 1 + count
        }
        offset += 1
        return labels.joined(separator: ".")
    }

    /// A name inside a record's content, which may point into the message.
    func name(in record: Record) -> String {
        // Long enough names are unique.
        let start = (0...bytes.count - record.content.count).last { Array(bytes[$0..<$0 + record.content.count]) == record.content }!
        var offset = start
        return name(&offset)
    }
}

/// Queries as programs send them.
enum Query {
    /// `options` is the length that the sender takes; nil sends no EDNS.
    static func bytes(
        _ name: String, _ type: UInt16 = 1, recordClass: UInt16 = 1, id: UInt16 = 0x1234, flags: UInt16 = 0x0100, options: UInt16? = 1232
    ) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let question = labels + [0] + words(type, recordClass)
        return words(id, flags, 1, 0, 0, options == nil ? 0 : 1) + question + (options.map { [0] + words(41, $0, 0, 0, 0) } ?? [])
    }

    static func words(_ words: UInt16...) -> [UInt8] { words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }
}

extension Zone {
    /// The answer to a query, with exactly so much memory as it may use.
    func reply(_ query: [UInt8], room: Int = 1232, permission: (IPAddress) -> Permission = { _ in .granted }) -> Message? {
        guard case .reply(let bytes) = outcome(query, room: room, permission: permission) else { return nil }
        return Message(bytes)
    }

    enum Outcome: Equatable {
        case reply([UInt8]), forward, none, ignored
    }

    func outcome(_ query: [UInt8], room: Int = 1232, permission: (IPAddress) -> Permission = { _ in .granted }) -> Outcome {
        let out = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
        defer { out.deallocate() }
        return query.withUnsafeBytes { bytes in
            guard let query = NameQuery(bytes.baseAddress!, byteCount: bytes.count) else { return .ignored }
            switch answer(query, at: out, room: room, permission: permission) {
            case .reply(let byteCount): return .reply([UInt8](UnsafeRawBufferPointer(start: out, count: byteCount)))
            case .forward: return .forward
            case .none: return .none
            }
        }
    }
}
