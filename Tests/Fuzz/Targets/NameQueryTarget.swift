// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net

private let names = [
    ("hub", ["10.3.2.1", "fd00::1"]), ("berlin-nas", ["10.3.2.2", "fd00::2"]), ("old", ["10.3.2.3"]), ("none", []),
].map { ZoneName(label: $0.0, addresses: $0.1.compactMap { IPAddress($0) }) }

private let zone = Zone(domain: DomainName("hairpin.internal")!, names: names, serial: 1)

/// Any bytes get an answer that is well-formed, repeats number and question, is no longer than allowed, and is not answered itself.
func fuzzNameQuery(_ bytes: [UInt8]) {
    // Memory of exactly these lengths, so that the address sanitizer sees reads and writes past the end.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
    defer { memory.deallocate() }
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    guard let query = NameQuery(UnsafeRawPointer(memory), byteCount: bytes.count) else { return }
    precondition(query.questionEnd <= bytes.count)
    for room in [12, 60, 512, NameQuery.maximumByteCount] {
        for permission in [Zone.Permission.granted, .askerDoesNotList, .notOwned] {
            let out = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
            defer { out.deallocate() }
            guard case .reply(let byteCount) = zone.answer(query, at: out, room: room, permission: { _ in permission }) else { continue }
            precondition(byteCount <= min(room, query.payloadByteCount ?? 512) && byteCount >= 12, "an answer is too long")
            let reply = UnsafeRawBufferPointer(start: out, count: byteCount)
            precondition(reply[0] == bytes[0] && reply[1] == bytes[1] && reply[2] & 0x80 != 0, "an answer to another query")
            precondition(NameQuery(UnsafeRawPointer(out), byteCount: byteCount) == nil, "an answer would be answered")
            // As a query it is whole: its records end where it does.
            out.storeBytes(of: reply[2] & 0x01, toByteOffset: 2, as: UInt8.self)
            let isEmpty = query.questionEnd == 12
            let read = NameQuery(UnsafeRawPointer(out), byteCount: byteCount)
            precondition(isEmpty || read?.fault == nil && read.map { Array($0.question) } == Array(query.question), "an answer is malformed")
        }
    }
}
