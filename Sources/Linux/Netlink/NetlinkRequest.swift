// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import CMnl

/// A request to the kernel, laid out by libmnl: the header, the struct of its type, and at most one attribute.
struct NetlinkRequest {
    let bytes: [UInt8]

    /// `flags` are added to NLM_F_REQUEST.
    init<Header: BitwiseCopyable>(
        type: Int, flags: Int32 = 0, sequence: UInt32, header: Header, attribute: (number: Int, value: [UInt8])? = nil
    ) {
        let byteCount = mnl_nlmsg_size(padded(MemoryLayout<Header>.size)) + (attribute.map { 4 + padded($0.value.count) } ?? 0)
        // Zero the memory first, because libmnl does not write padding.
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes.withUnsafeMutableBytes { buffer in
            // SAFETY: the count is the sum of what is put in: header, struct and attribute, each padded to four bytes.
            let message = mnl_nlmsg_put_header(buffer.baseAddress)!
            message.pointee.nlmsg_type = UInt16(type)
            message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
            message.pointee.nlmsg_seq = sequence
            mnl_nlmsg_put_extra_header(message, MemoryLayout<Header>.size).storeBytes(of: header, as: Header.self)
            if let attribute {
                mnl_attr_put(message, UInt16(attribute.number), attribute.value.count, attribute.value)
            }
        }
        self.bytes = bytes
    }
}
