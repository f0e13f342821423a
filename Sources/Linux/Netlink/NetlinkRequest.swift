// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import CMnl

/// A request to the kernel, laid out by libmnl: the header, the struct of its type, and attributes.
struct NetlinkRequest {
    let bytes: [UInt8]

    /// `flags` are added to NLM_F_REQUEST.
    init<Header: BitwiseCopyable>(
        type: Int, flags: Int32 = 0, sequence: UInt32, header: Header, attributes: [(number: Int, value: [UInt8])] = []
    ) {
        let byteCount = mnl_nlmsg_size(padded(MemoryLayout<Header>.size)) + attributes.reduce(0) { $0 + 4 + padded($1.value.count) }
        // Zero the memory first, because libmnl does not write padding.
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes.withUnsafeMutableBytes { buffer in
            // SAFETY: the count is the sum of what is put in: header, struct and attributes, each padded to four bytes.
            let message = mnl_nlmsg_put_header(buffer.baseAddress)!
            message.pointee.nlmsg_type = UInt16(type)
            message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
            message.pointee.nlmsg_seq = sequence
            mnl_nlmsg_put_extra_header(message, MemoryLayout<Header>.size).storeBytes(of: header, as: Header.self)
            for attribute in attributes { mnl_attr_put(message, UInt16(attribute.number), attribute.value.count, attribute.value) }
        }
        self.bytes = bytes
    }
}
