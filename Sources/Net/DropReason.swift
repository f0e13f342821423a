// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Why a packet went no further. Silent on the wire, counted here (Documentation/protocol.md section 16).
/// `name` is what the API, the pages and the logs say.
public enum DropReason: UInt8, Error, Sendable, CaseIterable {
    // Received datagrams.
    case shortOrUnknownType
    case badLength
    case truncated
    case badMac1
    case cookieSent
    case rateLimited
    case handshakeQueueFull
    case unknownInitiator
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
    // Packets on their way out.
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

    /// The name in the API and on the pages, as in Documentation/protocol.md section 16.
    public var name: String {
        switch self {
        case .shortOrUnknownType: "short_or_unknown_type"
        case .badLength: "bad_length"
        case .truncated: "truncated"
        case .badMac1: "bad_mac1"
        case .cookieSent: "cookie_sent"
        case .rateLimited: "rate_limited"
        case .handshakeQueueFull: "handshake_queue_full"
        case .unknownInitiator: "unknown_initiator_key"
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
        }
    }

    /// True for what was wrong with a received datagram, false for what went wrong on the way out (WG-Q-1, WG-Q-2).
    public var isReceipt: Bool { rawValue <= DropReason.cookieReplyUnusable.rawValue }

    /// What happened, for people.
    public var explanation: Phrase {
        switch self {
        case .shortOrUnknownType: "The datagram is no WireGuard message."
        case .badLength: "The message has a length its type cannot have."
        case .truncated: "The datagram was longer than the receive buffer."
        case .badMac1: "The sender does not know this hub's public key."
        case .cookieSent: "The hub was under load and asked the sender to prove its address first."
        case .rateLimited: "Too many handshakes from one address."
        case .handshakeQueueFull: "More handshakes arrived than the hub could queue."
        case .unknownInitiator: "A device with a key that the hub does not know tried to connect."
        case .badHandshakeTag: "A handshake message failed authentication. Is the preshared key the same on both sides?"
        case .zeroSharedSecret: "The key exchange gave zero: the device's key is not a usable one."
        case .timestampReplay: "An old handshake was sent again, or the device's clock went back."
        case .initiationFlood: "Handshakes of one device came less than 20 ms apart."
        case .responseWithoutState: "A handshake response came that the hub was not waiting for."
        case .unknownIndex: "The packet belongs to a session that the hub no longer has."
        case .expiredKey: "The packet used a session key older than 180 seconds."
        case .counterLimit: "The session key was used too often."
        case .badTag: "The packet failed authentication."
        case .replayDuplicate: "The same packet arrived twice."
        case .replayTooOld: "The packet arrived too late, more than 8,000 packets behind."
        case .badInnerType: "The tunnel carried something that is neither IPv4 nor IPv6."
        case .badInnerLength: "The inner packet is shorter than its header says."
        case .sourceNotAllowed: "The packet's source address does not belong to the device that sent it."
        case .overShare: "The hub was overloaded, and the device sent more than its share."
        case .cookieReplyUnusable: "A cookie reply came that nobody had asked for."
        case .noRouteToPeer: "No device owns the destination address."
        case .notInAllowedIPs: "The sender's allowed IPs do not contain the destination."
        case .notInReceiversAllowedIPs: "The receiver's allowed IPs do not contain the sender's address."
        case .noEndpoint: "The receiver has never connected, so the hub does not know where it is."
        case .stagedOverflow: "Too many packets waited for the receiver's handshake."
        case .stagedPurged: "The receiver did not answer its handshakes, and the waiting packets were given up."
        case .keyExpired: "The session to the receiver was too old to send with."
        case .hopLimitExceeded: "The packet's TTL ran out at the hub."
        case .tooBig: "The packet is larger than the receiver's MTU and may not be fragmented."
        case .icmpSuppressed: "An ICMP error was not sent because there had just been others."
        case .endpointUnreachable: "The hub's host has no route to the receiver's endpoint."
        case .sendNotPermitted: "The hub's host does not permit sending to the receiver's endpoint. Is it a firewall rule?"
        case .datagramTooLong: "The packet with the tunnel's headers is longer than a datagram can be."
        case .socketError: "The operating system refused to send the datagram."
        case .sendQueueFull: "The operating system's send queue was full."
        case .peerRemoved: "The device was removed while the packet was on its way."
        case .hubServiceUnknown: "The packet was for the hub itself, which answers pings only."
        }
    }
}
