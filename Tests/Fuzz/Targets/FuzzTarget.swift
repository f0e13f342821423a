// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A function that receives bytes from outside. Any bytes must do no harm. Each target checks what must hold afterwards, and a violation
/// stops the process, like a crash.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A datagram from anybody, up to the protocol core (WG-F-9, section 3).
    case datagram
    /// The content of an authentic tunnel: edits, decision, ICMP (section 10, WG-H-9).
    case innerPacket = "inner-packet"
    /// What the hub's host sends into the tunnel, with the header of its TUN device (WG-H-20).
    case hostPacket = "host-packet"
    /// Requests of `wg` and others to the hub's socket (section 14).
    case uapiText = "uapi-text"
    /// A wg-quick file to import.
    case serverFile = "server-file"
    /// Addresses, prefixes and endpoints as people write them.
    case addressText = "address-text"
    /// Rules as people write them on the page and in a file.
    case rulesText = "rules-text"
    /// Questions for names, from devices.
    case nameQuery = "name-query"
    /// Requests to the portal, from browsers or anybody else.
    case httpRequest = "http-request"

    /// Passes the bytes to the function, and returns when it is finished.
    public func run(_ bytes: [UInt8]) {
        switch self {
        case .datagram: fuzzDatagram(bytes)
        case .innerPacket: fuzzInnerPacket(bytes)
        case .hostPacket: fuzzHostPacket(bytes)
        case .uapiText: fuzzUAPIText(bytes)
        case .serverFile: fuzzServerFile(bytes)
        case .addressText: fuzzAddressText(bytes)
        case .rulesText: fuzzRulesText(bytes)
        case .nameQuery: fuzzNameQuery(bytes)
        case .httpRequest: fuzzHTTPRequest(bytes)
        }
    }
}
