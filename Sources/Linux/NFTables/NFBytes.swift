// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux

/// Values and attributes as nf_tables wants them: its own numbers in network order, contents of registers as they are in packets.
enum NFBytes {
    static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { host(value.bigEndian) }

    /// In the byte order of this machine.
    static func host<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    /// With the zero that ends it.
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    /// The value of a register.
    static func data(_ value: [UInt8]) -> [UInt8] { attribute(NFTA_DATA_VALUE.rawValue, value) }

    /// One attribute, padded to four bytes.
    static func attribute(_ number: UInt32, nested: Bool = false, _ value: [UInt8]) -> [UInt8] {
        let mark: UInt16 = nested ? 1 << 15 : 0
        return host(UInt16(4 + value.count)) + host(UInt16(number) | mark) + value
            + [UInt8](repeating: 0, count: padded(value.count) - value.count)
    }

    /// A list of attributes. What consists of attributes itself may go without the mark for it.
    static func attributes(_ attributes: [(number: UInt32, value: [UInt8])]) -> [UInt8] {
        attributes.flatMap { attribute($0.number, $0.value) }
    }
}
