// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net

/// The address of the portal as browsers use it, such as `https://hub.example.org` or `https://example.org/vpn`.
public struct PortalURL: Hashable, Sendable, CustomStringConvertible {
    private static let maximumPathByteCount = 100
    /// The first words of our own paths. A portal below one of them could not tell `/devices` from `/devices/devices`.
    private static let ownWords = Set(Routes.table.compactMap { $0.pattern.text.split(separator: "/").first.map(String.init) })

    let isTLS: Bool
    let authority: Authority
    /// The path that the portal is below, such as `/vpn`; empty if it has the host to itself.
    let path: String

    /// Parses scheme, host, an optional port and an optional path; a slash at the end is ignored. A path has only unreserved characters (RFC 3986
    /// 2.3), and its first part is not the name of one of our pages. Nil for any other text.
    public init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let authority = Authority(rest[..<end]) else { return nil }
        let path = rest[end...].hasSuffix("/") ? rest[end...].dropLast() : rest[end...]
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in part != "" && part != "." && part != ".." && PageAddress.encoded(String(part)) == part }
        guard path.isEmpty || isPlain && path.utf8.count <= Self.maximumPathByteCount,
            parts.first.map({ !Self.ownWords.contains(String($0)) }) ?? true
        else { return nil }
        (isTLS, self.authority, self.path) = (scheme == "https://", authority, String(path))
    }

    var origin: WebOrigin { WebOrigin(isTLS: isTLS, authority) }

    /// Without a slash at the end.
    public var description: String { "\(isTLS ? "https" : "http")://\(authority)\(path)" }
}
