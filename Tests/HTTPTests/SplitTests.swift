// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

/// Three requests with every kind of framing, and one that is refused.
private let stream = """
    \r\nGET /a?b=c HTTP/1.1\r\nHost: h\r\nA:  b \r\n\r\n\
    POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello\
    POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nT: u\r\n\r\n\
    GET /d HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n
    """

struct `The same bytes` {
    private let whole = transcript(of: stream)

    @Test func `have the expected events`() {
        #expect(whole == ["GET /a none", "end ", "POST /b length(5)", "end hello", "POST /c chunked", "end hello!", "400"])
    }

    @Test func `give the same events wherever they are split`() {
        for split in 0...stream.utf8.count { #expect(transcript(of: stream, splitAt: [split]) == whole, "at \(split)") }
    }

    @Test func `give the same events byte by byte`() {
        #expect(transcript(of: stream, splitAt: Array(0..<stream.utf8.count)) == whole)
    }
}

struct `Bytes changed at random` {
    private static let seeds = [
        stream, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /%41 HTTP/1.0\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab",
    ]
    private static let pieces: [[UInt8]] = [
        "\r\n", "\n", "\r", " ", "\t", ":", "\u{0}", "0", "ffffffffffffffff", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "Host: h\r\n", "%", "%00", ";", "\"", "HTTP/1.1", "-", "é",
    ].map { Array($0.utf8) }

    @Test(arguments: [1, 2, 3, 4]) func `never crash the parser, and give the same events in one piece and in many`(seed: UInt64) {
        var random = SplitMix(state: seed)
        for round in 0..<1500 {
            var bytes = Array(Self.seeds[Int(random.next() % UInt64(Self.seeds.count))].utf8)
            for _ in 0...random.next() % 4 { Self.change(&bytes, &random) }
            #expect(!isFramedTwice(bytes), "seed \(seed), round \(round)")
            let splits = (0..<3).map { _ in Int(random.next() % UInt64(bytes.count + 1)) }
            #expect(transcript(of: bytes) == transcript(of: bytes, splitAt: splits), "seed \(seed), round \(round)")
        }
    }

    private static func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))], at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(place + 20, bytes.count)], at: place)
        }
        if bytes.isEmpty { bytes = [0] }
    }
}

/// A naive second check: true if the first head was accepted although it gives the length of the body twice.
private func isFramedTwice(_ bytes: [UInt8]) -> Bool {
    guard transcript(of: bytes).first.map({ Int($0) == nil && $0 != "more" }) ?? false else { return false }
    let lines = String(decoding: bytes, as: UTF8.self).drop { $0 == "\r\n" }.split(separator: "\r\n", omittingEmptySubsequences: false)
    let names = lines.prefix { !$0.isEmpty }.map { $0.prefix { $0 != ":" }.lowercased().filter { !$0.isWhitespace } }
    return names.count { $0 == "content-length" || $0 == "transfer-encoding" } > 1
}

/// A small generator that returns the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
