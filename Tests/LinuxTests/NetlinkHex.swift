// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import Linux

/// The bytes of a hex string; spaces separate fields, and text after `#` explains them.
func annotatedHex(_ text: String) -> ArraySlice<UInt8> {
    var digits = Substring(text.split(separator: "\n").map { line in line.prefix { $0 != "#" } }.joined().filter { $0 != " " })
    var bytes: [UInt8] = []
    while !digits.isEmpty {
        bytes.append(UInt8(digits.prefix(2), radix: 16)!)
        digits = digits.dropFirst(2)
    }
    return bytes[...]
}

/// The single message of an annotated datagram.
func message(_ text: String) -> NetlinkMessage {
    let messages = NetlinkMessage.all(in: annotatedHex(text))
    precondition(messages.count == 1, "the fixture has one message")
    return messages[0]
}
