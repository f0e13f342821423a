// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import WireGuard

struct `The numbers of the protocol` {
    @Test func `WG-C-1 limit the messages of a session`() {
        #expect(Constants.rekeyAfterMessages == 1_152_921_504_606_846_976)
        #expect(Constants.rejectAfterMessages == 18_446_744_073_709_543_423)
    }

    @Test func `WG-C-2 limit the time of a session`() {
        #expect(Constants.rekeyAfterTime == .seconds(120))
        #expect(Constants.rejectAfterTime == .seconds(180))
        #expect(Constants.rekeyAfterTimeReceiving == .seconds(165))
        #expect(Constants.rekeyTimeout == .seconds(5))
        #expect(Constants.keepaliveTimeout == .seconds(10))
        #expect(Constants.deadPeerTimeout == .seconds(15))
    }

    @Test func `WG-C-6 let a cookie expire five seconds before its secret`() {
        #expect(Constants.cookieSecretLifetime == .seconds(120))
        #expect(Constants.cookieLifetime == .seconds(115))
    }

    @Test func `WG-C-7 bound every queue`() {
        #expect(Constants.stagedPackets == 128)
        #expect(Constants.handshakeQueue == 16_384)
    }
}
