// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Unaligned loads and stores with the byte order in the name. The caller has checked that `offset` lies inside its buffer.

extension UnsafeRawPointer {
    /// Loads: the number's width, then its byte order.
    @inlinable public func uint16BE(at offset: Int) -> UInt16 { UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self)) }
    @inlinable public func uint32BE(at offset: Int) -> UInt32 { UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    @inlinable public func uint64BE(at offset: Int) -> UInt64 { UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    @inlinable public func uint32LE(at offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    @inlinable public func uint64LE(at offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    @inlinable public func uint8(at offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}

extension UnsafeMutableRawPointer {
    /// The loads that packet code needs from memory it also writes.
    @inlinable public func uint8(at offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
    @inlinable public func uint16BE(at offset: Int) -> UInt16 { UnsafeRawPointer(self).uint16BE(at: offset) }

    /// Stores: the byte order in the name, the width from the value.
    @inlinable public func store8(_ value: UInt8, at offset: Int) { storeBytes(of: value, toByteOffset: offset, as: UInt8.self) }
    @inlinable public func storeBE(_ value: UInt16, at offset: Int) { storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self) }
    @inlinable public func storeBE(_ value: UInt32, at offset: Int) { storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self) }
    @inlinable public func storeBE(_ value: UInt64, at offset: Int) { storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self) }
    @inlinable public func storeLE(_ value: UInt32, at offset: Int) { storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self) }
    @inlinable public func storeLE(_ value: UInt64, at offset: Int) { storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self) }
}
