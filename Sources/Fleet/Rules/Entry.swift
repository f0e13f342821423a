// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// Parses user input. An error is a sentence to show next to the field: what is wrong, with which value, and how to fix it.
public enum Entry {
    /// The result of parsing a field: a value or an error.
    public typealias Reading<Value> = Result<Value, Refusal>

    /// The reason why a text is not valid.
    public struct Refusal: Error, Equatable {
        /// A sentence to show next to the field.
        public let message: Phrase

        public init(message: Phrase) {
            self.message = message
        }
    }

    /// Splits a field into entries, separated by commas, spaces or line breaks.
    public static func list(_ text: String) -> [String] {
        // Thousands of lists are read from the database, and Unicode processing is slow.
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            return text.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") || (9...13).contains($0) }.map { String($0)! }
        }
        return text.split { $0 == "," || $0.isNewline || $0 == " " || $0 == "\t" }.map(String.init)
    }

    /// Parses networks and single addresses.
    public static func prefixes(_ text: String) -> Reading<[IPPrefix]> {
        all(list(text)) { entry in
            if let prefix = IPPrefix(entry) { return .success(prefix) }
            return .failure(Refusal(message: problem(with: entry)))
        }
    }

    /// Parses tags. Returns them without duplicates, sorted.
    public static func tags(_ text: String) -> Reading<[Tag]> {
        all(list(text)) { entry in
            if let tag = Tag(entry) { return .success(tag) }
            return .failure(
                Refusal(message: "\(entry) is not a tag. Use letters, digits, -, _ and ., at most \(Tag.maximumLength); separate tags with commas."))
        }.map { Set($0).sorted() }
    }

    /// Parses an address. An empty field gives nil.
    public static func address(_ text: String) -> Reading<IPAddress?> {
        if text.isEmpty { return .success(nil) }
        if let address = IPAddress(text) { return .success(address) }
        return .failure(Refusal(message: text.contains("/") ? "\(text) is a network. Write one address, without the slash." : problem(with: text)))
    }

    /// Parses the choice of a tunnel address: empty for the lowest free one, `none` for no address.
    public static func tunnelAddress(_ text: String) -> Reading<NewDevice.Address> {
        if text.isEmpty { return .success(.lowestFree) }
        return text == "none" ? .success(.none) : address(text).map { $0.map { .own($0) } ?? .lowestFree }
    }

    /// Parses a time. An empty field gives nil.
    public static func moment(_ text: String) -> Reading<UnixTime?> {
        if text.isEmpty { return .success(nil) }
        if let moment = UnixTime(text: text) { return .success(moment) }
        return .failure(Refusal(message: "\(text) is not a date. Write it as 2027-01-31 or 2027-01-31 18:00, in UTC."))
    }

    /// Parses a public key. An empty field gives nil.
    public static func publicKey(_ text: String) -> Reading<PublicKey?> {
        if text.isEmpty { return .success(nil) }
        if let key = PublicKey(base64: text) { return .success(key) }
        return .failure(
            Refusal(message: "This is not a public key. One is 44 characters of Base64 and ends with =; wg pubkey prints it."))
    }

    /// Parses a decimal number of at most nine digits.
    public static func number(_ text: String) -> Int? {
        (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    /// Parses every entry. Returns the error of the first invalid one.
    static func all<T>(_ entries: [String], _ read: (String) -> Reading<T>) -> Reading<[T]> {
        var result: [T] = []
        for entry in entries {
            switch read(entry) {
            case .success(let value): result.append(value)
            case .failure(let refusal): return .failure(refusal)
            }
        }
        return .success(result)
    }

    private static func problem(with entry: String) -> Phrase {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let address = IPAddress(parts[0]) {
            return "\(entry) is not a network. The number after the slash is at most \(address.bitWidth) for \(address.isV4 ? "IPv4" : "IPv6")."
        }
        let looksLikeIPv4 = entry.utf8.allSatisfy { (46...57).contains($0) }
        return looksLikeIPv4
            ? "\(entry) is not an address. An IPv4 address has four numbers from 0 to 255."
            : "\(entry) is not an address. Write it as 10.3.2.4, 10.3.2.0/24 or fd00::3:2:4."
    }
}

/// An error in one field: the field's name as in the form and the API, and a sentence to show next to it.
public struct FieldError: Hashable, Sendable {
    /// The field's name in the form and the API, such as `allowed_ips`.
    public var field: String
    /// One or two sentences for people.
    public var message: Phrase

    public init(_ field: String, _ message: Phrase) {
        self.field = field
        self.message = message
    }
}

/// The format of lists in stored text: entries separated by a comma and a space. Entries contain neither.
public enum ListText {
    public static func text(_ entries: [some CustomStringConvertible]) -> String { entries.map { $0.description }.joined(separator: ", ") }

    /// The entries of a list; nil if one of them is not valid.
    public static func entries<T>(_ text: String, _ parse: (String) -> T?) -> [T]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let entries = parts.compactMap { parse(String($0.drop { $0 == " " })) }
        return entries.count == parts.count ? entries : nil
    }
}
