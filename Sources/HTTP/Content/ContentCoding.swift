// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The compression of a file's bytes (RFC 9110 8.4.1), the smallest result first.
enum ContentCoding: String, CaseIterable {
    case brotli = "br"
    case gzip
    case identity

    /// The coding of `available` that the client prefers; identity if it refuses all of them (RFC 9110 12.5.3).
    /// `accepted` holds the values of Accept-Encoding. An unlisted coding has the weight of `*`. Without `*`, only identity is acceptable,
    /// as the last choice.
    static func best(of available: [ContentCoding], accepted: [String]) -> ContentCoding {
        let weights = weights(accepted)
        func weight(_ coding: ContentCoding) -> Int { weights[coding.rawValue] ?? weights["*"] ?? (coding == .identity ? 1 : 0) }
        let order = allCases.filter { ($0 == .identity || available.contains($0)) && weight($0) > 0 }
        // Among equal weights, the first in the order of the cases wins.
        return order.reduce(nil as ContentCoding?) { best, next in best.map { weight(next) > weight($0) ? next : $0 } ?? next } ?? .identity
    }

    /// The q-values in thousandths, by lower-case name; an invalid q-value counts as 0.
    private static func weights(_ accepted: [String]) -> [String: Int] {
        var weights: [String: Int] = [:]
        for item in accepted.flatMap({ $0.utf8.split(separator: UInt8(ascii: ",")) }) {
            let parts = item.split(separator: UInt8(ascii: ";")).map { trimmed(Substring($0)) }
            guard let given = parts.first?.lowercased() else { continue }
            let name = given == "x-gzip" ? "gzip" : given
            weights[name] = parts.count == 1 ? 1000 : parts.count == 2 ? weight(parts[1]) : 0
        }
        return weights
    }

    /// Parses `q=0.5` as 500. RFC 9110 12.4.2 allows up to three digits after the point.
    private static func weight(_ parameter: Substring) -> Int {
        let text = parameter.utf8
        guard text.count >= 3, parameter.prefix(2).equalsIgnoringCase("q="), text.count <= 7 else { return 0 }
        let digits = Array(text.dropFirst(2))
        guard digits[0] == UInt8(ascii: "0") || digits[0] == UInt8(ascii: "1"), digits.count == 1 || digits[1] == UInt8(ascii: "."),
            digits.dropFirst(2).allSatisfy(\.isDigit)
        else { return 0 }
        let fraction = digits.dropFirst(2) + Array(repeating: UInt8(ascii: "0"), count: 3)
        let thousandths = fraction.prefix(3).reduce(Int(digits[0] - UInt8(ascii: "0"))) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return min(thousandths, 1000)
    }
}
