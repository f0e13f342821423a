// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `A drop reason` {
    @Test func `has a name of its own in lower case`() {
        let names = DropReason.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(name)") }
    }

    /// According to the list in section 16 of the protocol, not the order of the cases.
    @Test func `WG-Q-1 WG-Q-2 is either for received or for outgoing packets`() {
        let receipt: [DropReason] = [
            .shortOrUnknownType, .badLength, .truncated, .badMac1, .cookieSent, .rateLimited, .handshakeQueueFull, .sessionTableFull,
            .unknownInitiator, .peerDisabled, .badHandshakeTag, .zeroSharedSecret, .timestampReplay, .initiationFlood, .responseWithoutState,
            .unknownIndex,
            .expiredKey, .counterLimit, .badTag, .replayDuplicate, .replayTooOld, .badInnerType, .badInnerLength, .sourceNotAllowed, .overShare,
            .cookieReplyUnusable, .copiedKey,
        ]
        #expect(Set(DropReason.allCases.filter(\.isReceipt)) == Set(receipt))
    }

    @Test func `is counted in an array by its number`() {
        #expect(DropReason.allCases.map { Int($0.rawValue) } == Array(DropReason.allCases.indices))
    }
}
