// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A CBOR data item (RFC 8949) in the canonical form of CTAP2: definite lengths, shortest integers, no tags, no floats, at most four levels
/// and no duplicate keys. Everything else is refused.
enum CBOR: Hashable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    case map([CBOR: CBOR])
    case bool(Bool)
    case null

    /// Parses one item. Nil if `bytes` is not valid or has extra bytes.
    init?(_ bytes: [UInt8]) {
        guard let (item, rest) = Self.first(of: bytes[...]), rest.isEmpty else { return nil }
        self = item
    }

    /// Parses the first item of `bytes`. Returns it with the remaining bytes, or nil if it is not valid.
    static func first(of bytes: ArraySlice<UInt8>) -> (item: CBOR, rest: ArraySlice<UInt8>)? {
        var reader = Reader(rest: bytes)
        guard let item = reader.item(depth: 0) else { return nil }
        return (item, reader.rest)
    }

    /// The value for a key in a map; nil if there is none.
    subscript(_ key: CBOR) -> CBOR? { if case .map(let pairs) = self { pairs[key] } else { nil } }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }

    private struct Reader {
        static let maximumDepth = 4
        var rest: ArraySlice<UInt8>

        mutating func item(depth: Int) -> CBOR? {
            guard depth <= Self.maximumDepth, let first = rest.popFirst() else { return nil }
            let type = first >> 5
            if type == 7 {
                switch first {
                case 0xF4: return .bool(false)
                case 0xF5: return .bool(true)
                case 0xF6: return .null
                default: return nil
                }
            }
            guard let argument = argument(first & 31) else { return nil }
            switch type {
            case 0: return Int64(exactly: argument).map { .integer($0) }
            case 1: return Int64(exactly: argument).map { .integer(-1 - $0) }
            case 2: return take(argument).map { .bytes(Array($0)) }
            case 3: return take(argument).flatMap { String(validating: $0, as: UTF8.self) }.map { .text($0) }
            case 4: return array(argument, depth)
            case 5: return map(argument, depth)
            default: return nil
            }
        }

        private mutating func array(_ count: UInt64, _ depth: Int) -> CBOR? {
            // An item has at least one byte. The check keeps a false count from reserving more memory than the input justifies.
            guard count <= UInt64(rest.count) else { return nil }
            var items: [CBOR] = []
            for _ in 0..<count {
                guard let item = item(depth: depth + 1) else { return nil }
                items.append(item)
            }
            return .array(items)
        }

        private mutating func map(_ count: UInt64, _ depth: Int) -> CBOR? {
            guard count <= UInt64(rest.count / 2) else { return nil }
            var pairs: [CBOR: CBOR] = [:]
            for _ in 0..<count {
                guard let key = item(depth: depth + 1), let value = item(depth: depth + 1), pairs.updateValue(value, forKey: key) == nil else {
                    return nil
                }
            }
            return .map(pairs)
        }

        /// Parses the number in the low five bits or in the bytes after them. Only the shortest form is valid.
        private mutating func argument(_ information: UInt8) -> UInt64? {
            guard information >= 24 else { return UInt64(information) }
            guard information <= 27, let bytes = take(UInt64(1) << (information - 24)) else { return nil }
            let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let least: [UInt64] = [24, 1 << 8, 1 << 16, 1 << 32]
            return value >= least[Int(information - 24)] ? value : nil
        }

        private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
            guard let count = Int(exactly: count), count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
