// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

extension DropReason {
    /// An explanation of the drop, for people.
    public var explanation: Phrase {
        switch self {
        case .shortOrUnknownType: "The datagram is not a WireGuard message."
        case .badLength: "The length of the message does not match its type."
        case .truncated: "The datagram was longer than the receive buffer."
        case .badMac1: "The sender does not know this hub's public key."
        case .cookieSent: "The hub was under load and asked the sender to prove its address first."
        case .rateLimited: "Too many handshakes from one address."
        case .handshakeQueueFull: "More handshakes arrived than the hub could queue."
        case .sessionTableFull: "The hub holds as many sessions as it can."
        case .unknownInitiator: "A device with a key that the hub does not know tried to connect."
        case .peerDisabled: "One of the two devices is disabled or expired."
        case .badHandshakeTag: "A handshake message failed authentication. Check that both sides have the same preshared key."
        case .zeroSharedSecret: "The key exchange gave zero: the device's key is not usable."
        case .timestampReplay: "An old handshake was sent again, or the device's clock went back."
        case .initiationFlood: "Handshakes of one device arrived less than 20 ms apart."
        case .responseWithoutState: "A handshake response arrived that the hub was not waiting for."
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
        case .cookieReplyUnusable: "A cookie reply arrived that the hub was not waiting for."
        case .copiedKey: "A second machine used the key of a device, from a network other than the one that the hub serves."
        case .noRouteToPeer: "No device owns the destination address."
        case .notInAllowedIPs: "The sender's allowed IPs do not contain the destination."
        case .notInReceiversAllowedIPs: "The receiver's allowed IPs do not contain the sender's address."
        case .noEndpoint: "The receiver has never connected, so the hub does not know where it is."
        case .stagedOverflow: "Too many packets waited for the receiver's handshake."
        case .stagedPurged: "The receiver did not answer its handshakes, and the waiting packets were given up."
        case .keyExpired: "The session to the receiver was too old to send with."
        case .hopLimitExceeded: "The packet's TTL ran out at the hub."
        case .tooBig: "The packet is larger than the receiver's MTU and may not be fragmented."
        case .icmpSuppressed: "An ICMP error was not sent because of the rate limit."
        case .endpointUnreachable: "The hub's host has no route to the receiver's endpoint."
        case .sendNotPermitted: "The hub's host does not permit sending to the receiver's endpoint. Check its firewall rules."
        case .datagramTooLong: "The packet with the tunnel's headers is longer than a datagram can be."
        case .socketError: "The operating system refused to send the datagram."
        case .sendQueueFull: "The operating system's send queue was full."
        case .peerRemoved: "The device was removed or disabled while the packet was on its way."
        case .hubServiceUnknown: "The packet was for the hub itself, which answers pings and questions for names and refuses everything else."
        case .reassemblyFailed: "The packet was a fragment for the hub itself, and the others did not come in time or did not fit."
        case .noEgress: "The packet was for the Internet, and the hub has no way out."
        case .ruleRefused: "A rule refuses what the packet is for, or the packet is no part of a connection that a rule allows."
        case .badNameQuery: "The packet was for the hub's names but is no question that can be answered."
        case .nameBudget: "The hub was busy with packets and left questions for names out. Devices ask again."
        }
    }
}
