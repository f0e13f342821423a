// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

/// A local path with a query, used for the links on pages. Each view has its own URL.
struct PageAddress {
    private(set) var path: String
    private var pairs: [(String, String)] = []

    init(_ path: String) { self.path = path }

    /// Sets `name` to `value`. An empty value removes it.
    func with(_ name: String, _ value: String?) -> PageAddress {
        var copy = self
        if let place = copy.pairs.firstIndex(where: { $0.0 == name }) { copy.pairs.remove(at: place) }
        if let value, !value.isEmpty { copy.pairs.append((name, value)) }
        return copy
    }

    /// The doctor's page for two devices.
    static func reachability(from: Device, to: Device) -> PageAddress {
        PageAddress("/reachability").with("from", from.id).with("to", to.id)
    }

    /// The form that links two devices, filled in.
    static func links(_ a: String, _ b: String) -> PageAddress { PageAddress("/links").with("a", a).with("b", b) }

    /// The list of the devices with one tag.
    static func devices(with tag: Tag) -> PageAddress { PageAddress("/devices").with("tag", tag.description) }

    /// The text of an address of our own that may have a query already, to report an action there.
    static func reporting(_ notice: Notice, change: Int64?, on address: String) -> String {
        let report = PageAddress("").with("change", change.map { String($0) }).with("done", notice.rawValue).text
        return address + (address.contains("?") ? "&\(report.dropFirst())" : report)
    }

    var text: String {
        var text = path
        for (index, pair) in pairs.enumerated() {
            text += index == 0 ? "?" : "&"
            text += Self.encoded(pair.0)
            text += "="
            text += Self.encoded(pair.1)
        }
        return text
    }

    /// Percent-encodes everything but the unreserved characters (RFC 3986 2.1).
    static func encoded(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isUnreserved) else { return text }
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var result = String.UnicodeScalarView()
        for byte in text.utf8 {
            if isUnreserved(byte) {
                result.append(Unicode.Scalar(byte))
            } else {
                result.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(result)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95, 126: true
        default: false
        }
    }
}
