// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A door through which bytes come from outside. Each takes any bytes without harm, and checks what must hold afterwards:
/// a broken promise stops the process, as a crash would.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A datagram from anybody, up to the protocol core (WG-F-9, section 3).
    case datagram
    /// What an authentic tunnel carried: edits, decision, ICMP (section 10, WG-H-9).
    case innerPacket = "inner-packet"
    /// What `wg` and others ask the hub's socket (section 14).
    case uapiText = "uapi-text"
    /// A wg-quick file to import.
    case serverFile = "server-file"
    /// Addresses, prefixes and endpoints as people write them.
    case addressText = "address-text"
    /// What a browser or anybody else sends to the portal.
    case httpRequest = "http-request"

    /// Gives the door the bytes; returns when it has done with them.
    public func run(_ bytes: [UInt8]) {
        switch self {
        case .datagram: fuzzDatagram(bytes)
        case .innerPacket: fuzzInnerPacket(bytes)
        case .uapiText: fuzzUAPIText(bytes)
        case .serverFile: fuzzServerFile(bytes)
        case .addressText: fuzzAddressText(bytes)
        case .httpRequest: fuzzHTTPRequest(bytes)
        }
    }
}
