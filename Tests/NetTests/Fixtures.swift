// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

/// An address from its text.
func address(_ text: String) -> IPAddress { IPAddress(text)! }

/// A prefix from its text.
func prefix(_ text: String) -> IPPrefix { IPPrefix(text)! }

/// The Internet checksum as in RFC 1071, word by word, with each carry added at once.
func naiveChecksum(_ bytes: some Collection<UInt8>) -> UInt16 {
    var padded = Array(bytes)
    if padded.count % 2 == 1 { padded.append(0) }
    var sum: UInt32 = 0
    for index in stride(from: 0, to: padded.count, by: 2) {
        sum += UInt32(padded[index]) << 8 + UInt32(padded[index + 1])
        if sum > 0xFFFF { sum = sum - 0x10000 + 1 }
    }
    return UInt16(0xFFFF - sum)
}

/// An IPv4 packet with a correct header checksum.
func packet4(
    from source: String = "10.3.2.2", to destination: String = "10.3.2.3", transport: UInt8 = 17, hopLimit: UInt8 = 64,
    serviceType: UInt8 = 0, flags: UInt16 = 0, payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
) -> [UInt8] {
    guard case .v4(let from) = address(source), case .v4(let to) = address(destination) else { return [] }
    let words: [UInt16] = [
        0x4500 | UInt16(serviceType), UInt16(20 + payload.count), 0xABCD, flags, UInt16(hopLimit) << 8 | UInt16(transport), 0,
        UInt16(from.bits >> 16), UInt16(from.bits & 0xFFFF), UInt16(to.bits >> 16), UInt16(to.bits & 0xFFFF),
    ]
    var bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let checksum = naiveChecksum(bytes)
    (bytes[10], bytes[11]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
    return bytes + payload
}

/// An IPv6 packet.
func packet6(
    from source: String = "fd00::3:2:2", to destination: String = "fd00::3:2:3", transport: UInt8 = 17, hopLimit: UInt8 = 64,
    trafficClass: UInt8 = 0, payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
) -> [UInt8] {
    guard case .v6(let from) = address(source), case .v6(let to) = address(destination) else { return [] }
    let head: [UInt8] = [
        0x60 | trafficClass >> 4, trafficClass << 4, 0, 0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), transport, hopLimit,
    ]
    let addresses = [from.high, from.low, to.high, to.low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
    return head + addresses + payload
}

extension Array where Element == UInt8 {
    /// Lends the bytes as a packet that may be changed in place.
    mutating func asPacket<R>(_ body: (IPPacket) throws -> R) throws -> R {
        let count = count
        return try withUnsafeMutableBytes { buffer in
            try body(try IPPacket(at: buffer.baseAddress!, available: count))
        }
    }
}
