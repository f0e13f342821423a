// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

@testable import Names

@Suite struct `A query` {
    /// What `dig berlin-nas.hairpin.internal` of BIND 9.18 sends: with a cookie (RFC 7873).
    static let dig = hex(
        "8a3c 0120 0001 0000 0000 0001 0a 6265726c696e2d6e6173 07 6861697270696e 08 696e7465726e616c 00 0001 0001"
            + "00 0029 04d0 00000000 000c 000a 0008 b7f8c1a2d3e4f506")

    /// Copies to memory of exactly this length, so that the address sanitizer sees reads past the end.
    private func read<R>(_ bytes: [UInt8], _ body: (NameQuery?) -> R) -> R {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        defer { memory.deallocate() }
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        return body(NameQuery(UnsafeRawPointer(memory), byteCount: bytes.count))
    }

    private func fault(_ bytes: [UInt8]) throws -> NameQuery.Fault? { try #require(read(bytes) { $0.map { [$0.fault] } })[0] }

    @Test func `of dig is read with its EDNS record`() throws {
        read(Self.dig) { query in
            #expect(query?.fault == nil)
            #expect(query?.id == 0x8A3C)
            #expect(query?.type == 1 && query?.recordClass == 1)
            #expect(query?.payloadByteCount == 1232)
            #expect(query.map { Array($0.question) } == Array(Self.dig[12..<45]))
        }
        read(Query.bytes("a.b", 28, options: nil)) { #expect($0?.type == 28 && $0?.payloadByteCount == nil) }
        // Less than every machine takes counts as that (RFC 6891 6.2.3).
        read(Query.bytes("a.b", options: 100)) { #expect($0?.payloadByteCount == 512) }
    }

    @Test func `is not answered if it is an answer or no message`() {
        #expect(read(hex("1234 8180 0001 0000 0000 0000 00 0001 0001")) { $0 == nil })
        #expect(read(hex("1234 0100 0001 0000 0000")) { $0 == nil })
        #expect(read([]) { $0 == nil })
    }

    @Test func `is malformed unless it has one whole question`() throws {
        let whole = Query.bytes("a.b", options: nil)
        #expect(try fault(whole) == nil)
        for count in 12..<whole.count { #expect(try fault(Array(whole.prefix(count))) == .malformed, "\(count)") }
        #expect(try fault(whole + [0]) == .malformed)
        for questions: UInt8 in [0, 2] {
            var bytes = whole
            bytes[5] = questions
            #expect(try fault(bytes) == .malformed)
        }
        // The type of EDNS as a question.
        #expect(try fault(Query.bytes("a.b", 41)) == .malformed)
    }

    @Test func `is malformed with a pointer in its name, which could only point to itself`() throws {
        for pointer: UInt16 in [0xC00C, 0xC000, 0xC00E, 0xFFFF] {
            #expect(try fault(hex("1234 0100 0001 0000 0000 0000 01 61") + Query.words(pointer, 1, 1)) == .malformed)
        }
        // The two kinds of labels that do not exist.
        for length: UInt8 in [0x40, 0x80] {
            let name = [length] + [UInt8](repeating: 97, count: 64)
            #expect(try fault(hex("1234 0100 0001 0000 0000 0000") + name + hex("00 0001 0001")) == .malformed)
        }
    }

    @Test func `has a name of at most 255 bytes`() throws {
        let label = String(repeating: "a", count: 63)
        let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(try fault(Query.bytes(name)) == nil)
        #expect(try fault(Query.bytes(name + "b")) == .malformed)
    }

    @Test func `may have other records, whose names may point back`() throws {
        var bytes = Query.bytes("a.b", options: nil)
        bytes[11] = 1
        // A record of an unknown type with the question's name.
        #expect(try fault(bytes + hex("c00c 00fa 00ff 00000000 0003 010203")) == nil)
        #expect(try fault(bytes + hex("c00c 00fa 00ff 00000000 0004 010203")) == .malformed)
        #expect(try fault(bytes + hex("c00c 00fa 00ff 00000000 00")) == .malformed)
        // To itself, forward, and into the header.
        for pointer in ["c015", "c030", "c003"] { #expect(try fault(bytes + hex(pointer + "00fa 00ff 00000000 0000")) == .malformed, "\(pointer)") }
    }

    @Test func `has at most one EDNS record, of the root, of version 0, with whole options`() throws {
        let plain = Query.bytes("a.b", options: nil)
        func with(_ count: UInt8, _ records: String) -> [UInt8] {
            var bytes = plain
            bytes[11] = count
            return bytes + hex(records)
        }
        let options = "00 0029 04d0 00000000 0000"
        #expect(try fault(with(1, options)) == nil)
        #expect(try fault(with(2, options + options)) == .malformed)
        #expect(try fault(with(1, "0161 00 0029 04d0 00000000 0000")) == .malformed)
        #expect(try fault(with(1, "00 0029 04d0 00010000 0000")) == .badVersion)
        #expect(try fault(with(1, "00 0029 04d0 00000000 0005 000a 0002 01")) == .malformed)
        #expect(try fault(with(1, "00 0029 04d0 00000000 0003 000a 00")) == .malformed)
    }

    @Test func `of another kind is not implemented`() throws {
        // NOTIFY, UPDATE and the kinds that do not exist.
        for operation: UInt16 in [1, 2, 4, 5, 15] { #expect(try fault(Query.bytes("a.b", flags: operation << 11)) == .notImplemented) }
    }
}
