// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A value for a statement. Addresses and keys are stored as bytes, so that they are compared and sorted in that form.
enum SQLValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func optional(text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    static func optional(blob: [UInt8]?) -> SQLValue { blob.map(SQLValue.blob) ?? .null }
    static func optional(integer: Int64?) -> SQLValue { integer.map(SQLValue.integer) ?? .null }
    static func optional(time: UnixTime?) -> SQLValue { optional(integer: time?.seconds) }
    static func optional(address: IPAddress?) -> SQLValue { optional(blob: address?.bytes) }
    static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
    static func time(_ value: UnixTime) -> SQLValue { .integer(value.seconds) }
    static func key(_ value: PublicKey) -> SQLValue { .blob(Array(value.bytes)) }
}

extension IPAddress {
    /// 4 or 16 bytes in network byte order.
    var bytes: [UInt8] {
        switch self {
        case .v4(let a): (0..<4).map { UInt8(truncatingIfNeeded: a.bits >> (24 - 8 * $0)) }
        case .v6(let a): [a.high, a.low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
        }
    }

    /// Nil unless there are 4 or 16 bytes, in network byte order.
    init?(bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 4: self = .v4(IPv4Address(bits: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
        case 16:
            let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            self = .v6(IPv6Address(high: high, low: low))
        default: return nil
        }
    }
}
