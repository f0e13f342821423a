// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux

/// One message of a netlink datagram, copied out. Integers are in host order. netlink(7)
///
///     0       4     6      8         12       16
///     | length | type | flags | sequence | sender | a struct that depends on the type | attributes |
struct NetlinkMessage: Equatable {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    /// The bytes after the 16-byte header.
    let payload: ArraySlice<UInt8>

    /// The messages of one datagram. An impossible length ends the list, so no byte is read twice or past the end.
    static func all(in datagram: ArraySlice<UInt8>) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = datagram
        while let header = rest.loadStruct(nlmsghdr.self) {
            let byteCount = Int(header.nlmsg_len)
            guard (MemoryLayout<nlmsghdr>.size...rest.count).contains(byteCount) else { break }
            messages.append(
                NetlinkMessage(
                    type: header.nlmsg_type, flags: header.nlmsg_flags, sequence: header.nlmsg_seq,
                    payload: rest.prefix(byteCount).dropFirst(MemoryLayout<nlmsghdr>.size)))
            rest = rest.dropFirst(padded(byteCount))
        }
        return messages
    }

    /// The struct at the start of the payload and the attributes after it; nil if the payload is too short for the struct.
    func read<Header: BitwiseCopyable>(_ type: Header.Type) -> (Header, NetlinkAttributes)? {
        guard let header = payload.loadStruct(type) else { return nil }
        return (header, NetlinkAttributes(payload.dropFirst(padded(MemoryLayout<Header>.size))))
    }
}

extension ArraySlice<UInt8> {
    /// The first bytes as one of the kernel's structs; nil if there are too few.
    func loadStruct<Header: BitwiseCopyable>(_ type: Header.Type) -> Header? {
        withUnsafeBytes {
            // SAFETY: the size is checked, and the kernel's structs consist of integers, which any bytes can be.
            $0.count >= MemoryLayout<Header>.size ? $0.loadUnaligned(as: type) : nil
        }
    }
}

/// Netlink pads messages, structs and attributes to four bytes.
func padded(_ byteCount: Int) -> Int { (byteCount + 3) & ~3 }
