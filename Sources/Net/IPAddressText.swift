// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Addresses as text. IPv4 uses dotted quads. IPv6 accepts RFC 4291 2.2 and prints RFC 5952.

extension IPv4Address: LosslessStringConvertible {
    /// Parses four decimal numbers from 0 to 255 without leading zeros; nil for any other text.
    public init?(_ text: some StringProtocol) {
        var bits: UInt32 = 0
        var octets = 0
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard octets < 4, let octet = decimal(part, upTo: 255) else { return nil }
            bits = bits << 8 | UInt32(octet)
            octets += 1
        }
        guard octets == 4 else { return nil }
        self.init(bits: bits)
    }

    public init?(_ description: String) { self.init(Substring(description)) }

    public var description: String {
        var text = String(bits >> 24)
        for shift in stride(from: 16, through: 0, by: -8) {
            text += "."
            text += String(bits >> shift & 0xFF)
        }
        return text
    }
}

extension IPv6Address: LosslessStringConvertible {
    /// Parses any form of RFC 4291 2.2 without a zone; nil for any other text.
    public init?(_ text: some StringProtocol) {
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        var seenGap = false
        if rest.hasPrefix("::") {
            seenGap = true
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(group.count)
            if group.contains(".") {
                guard rest.isEmpty, let quad = IPv4Address(group) else { return nil }
                let words = [UInt16(quad.bits >> 16), UInt16(quad.bits & 0xFFFF)]
                if seenGap { tail += words } else { head += words }
                break
            }
            guard let word = hexadecimal(group) else { return nil }
            if seenGap { tail.append(word) } else { head.append(word) }
            guard !rest.isEmpty else { break }
            if rest.hasPrefix("::") {
                guard !seenGap else { return nil }
                seenGap = true
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
                guard !rest.isEmpty else { return nil }
            }
        }
        let count = head.count + tail.count
        guard seenGap ? count < 8 : count == 8 else { return nil }
        let words = head + Array(repeating: 0, count: 8 - count) + tail
        self.init(
            high: words[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: words[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
    }

    public init?(_ description: String) { self.init(Substring(description)) }

    /// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`.
    public var description: String {
        if let quad = mappedIPv4 { return "::ffff:\(quad)" }
        var gap = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, word(end) == 0 { end += 1 }
            if end - start > max(gap.count, 1) { gap = start..<end }
            start = end + 1
        }
        var text = ""
        var next = 0
        while next < 8 {
            if gap.contains(next) {
                text += "::"
                next = gap.upperBound
            } else {
                if next > 0, next != gap.upperBound { text += ":" }
                text += String(word(next), radix: 16)
                next += 1
            }
        }
        return text
    }

    /// One of the eight groups of 16 bits.
    private func word(_ place: Int) -> UInt16 { UInt16(truncatingIfNeeded: (place < 4 ? high : low) >> (48 - 16 * (place % 4))) }
}

extension IPAddress: LosslessStringConvertible {
    /// Parses an address of either family; nil for any other text.
    public init?(_ text: some StringProtocol) {
        if let v4 = IPv4Address(text) {
            self = .v4(v4)
        } else if let v6 = IPv6Address(text) {
            self = .v6(v6)
        } else {
            return nil
        }
    }

    public init?(_ description: String) { self.init(Substring(description)) }

    public var description: String {
        switch self {
        case .v4(let a): a.description
        case .v6(let a): a.description
        }
    }
}

/// Parses a decimal number of at most `limit`, without a sign or leading zeros.
func decimal(_ text: some StringProtocol, upTo limit: Int) -> Int? {
    let digits = text.utf8
    guard (1...9).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    var value = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value <= limit ? value : nil
}

private func hexadecimal(_ text: Substring) -> UInt16? {
    guard (1...4).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "+"), text.utf8.first != UInt8(ascii: "-")
    else { return nil }
    return UInt16(text, radix: 16)
}
