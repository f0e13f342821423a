// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Why a packet was dropped. The sender is not told; the drop is only counted (Documentation/protocol.md section 16).
/// `name` is the word that the API, the pages and the logs use.
public enum DropReason: UInt8, Error, Sendable, CaseIterable {
    // Received datagrams.
    case shortOrUnknownType
    case badLength
    case truncated
    case badMac1
    case cookieSent
    case rateLimited
    case handshakeQueueFull
    case sessionTableFull
    case unknownInitiator
    case peerDisabled
    case badHandshakeTag
    case zeroSharedSecret
    case timestampReplay
    case initiationFlood
    case responseWithoutState
    case unknownIndex
    case expiredKey
    case counterLimit
    case badTag
    case replayDuplicate
    case replayTooOld
    case badInnerType
    case badInnerLength
    case sourceNotAllowed
    case overShare
    case cookieReplyUnusable
    case copiedKey
    // Outgoing packets.
    case noRouteToPeer
    case notInAllowedIPs
    case notInReceiversAllowedIPs
    case noEndpoint
    case stagedOverflow
    case stagedPurged
    case keyExpired
    case hopLimitExceeded
    case tooBig
    case icmpSuppressed
    case endpointUnreachable
    case sendNotPermitted
    case datagramTooLong
    case socketError
    case sendQueueFull
    case peerRemoved
    case hubServiceUnknown
    case reassemblyFailed
    case ruleRefused
    case badNameQuery
    case nameBudget
    case noEgress

    /// The name in the API and on the pages (Documentation/protocol.md section 16).
    public var name: String {
        switch self {
        case .shortOrUnknownType: "short_or_unknown_type"
        case .badLength: "bad_length"
        case .truncated: "truncated"
        case .badMac1: "bad_mac1"
        case .cookieSent: "cookie_sent"
        case .rateLimited: "rate_limited"
        case .handshakeQueueFull: "handshake_queue_full"
        case .sessionTableFull: "session_table_full"
        case .unknownInitiator: "unknown_initiator_key"
        case .peerDisabled: "peer_disabled"
        case .badHandshakeTag: "bad_aead_in_handshake"
        case .zeroSharedSecret: "zero_dh"
        case .timestampReplay: "timestamp_replay"
        case .initiationFlood: "initiation_flood"
        case .responseWithoutState: "response_without_state"
        case .unknownIndex: "unknown_index"
        case .expiredKey: "expired_key"
        case .counterLimit: "counter_limit"
        case .badTag: "bad_tag"
        case .replayDuplicate: "replay_duplicate"
        case .replayTooOld: "replay_too_old"
        case .badInnerType: "bad_inner_type"
        case .badInnerLength: "bad_inner_length"
        case .sourceNotAllowed: "source_not_allowed"
        case .overShare: "over_share"
        case .cookieReplyUnusable: "cookie_reply_unusable"
        case .copiedKey: "copied_key"
        case .noRouteToPeer: "no_route_to_peer"
        case .notInAllowedIPs: "not_in_allowed_ips"
        case .notInReceiversAllowedIPs: "not_in_receivers_allowed_ips"
        case .noEndpoint: "no_endpoint"
        case .stagedOverflow: "staged_overflow"
        case .stagedPurged: "staged_purged_after_give_up"
        case .keyExpired: "key_expired"
        case .hopLimitExceeded: "ttl_exceeded"
        case .tooBig: "too_big"
        case .icmpSuppressed: "icmp_suppressed_by_limit"
        case .endpointUnreachable: "socket_error_unreachable"
        case .sendNotPermitted: "socket_error_not_permitted"
        case .datagramTooLong: "socket_error_too_long"
        case .socketError: "socket_error"
        case .sendQueueFull: "queue_full"
        case .peerRemoved: "peer_removed_in_flight"
        case .hubServiceUnknown: "no_service_on_hub"
        case .reassemblyFailed: "reassembly_failed"
        case .ruleRefused: "rule_refused"
        case .badNameQuery: "bad_name_query"
        case .nameBudget: "name_budget"
        case .noEgress: "no_egress"
        }
    }

    /// True if no route leads to the destination, so that its sender is told “unreachable”.
    public var isWithoutRoute: Bool { self == .noRouteToPeer || self == .noEgress }

    /// True for reasons that concern a received datagram, false for reasons that concern an outgoing packet (WG-Q-1, WG-Q-2).
    public var isReceipt: Bool {
        switch self {
        case .shortOrUnknownType, .badLength, .truncated, .badMac1, .cookieSent, .rateLimited, .handshakeQueueFull, .sessionTableFull,
            .unknownInitiator, .peerDisabled, .badHandshakeTag, .zeroSharedSecret, .timestampReplay, .initiationFlood, .responseWithoutState,
            .unknownIndex,
            .expiredKey, .counterLimit, .badTag, .replayDuplicate, .replayTooOld, .badInnerType, .badInnerLength, .sourceNotAllowed, .overShare,
            .cookieReplyUnusable, .copiedKey:
            true
        case .noRouteToPeer, .notInAllowedIPs, .notInReceiversAllowedIPs, .noEndpoint, .stagedOverflow, .stagedPurged, .keyExpired,
            .hopLimitExceeded, .tooBig, .icmpSuppressed, .endpointUnreachable, .sendNotPermitted, .datagramTooLong, .socketError, .sendQueueFull,
            .peerRemoved, .hubServiceUnknown, .reassemblyFailed, .ruleRefused, .badNameQuery, .nameBudget, .noEgress:
            false
        }
    }
}
