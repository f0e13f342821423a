// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Asks the rules about packets between linked peers, and from peers to the hub. Without rules nobody calls this.
extension Worker {
    /// Throws `.ruleRefused` if the rules refuse a packet that the forwarding table lets pass, and tells its sender.
    mutating func askRules(about packet: IPPacket, _ verdict: ForwardingTable.Verdict, from sender: UInt32) throws(DropReason) {
        let receiver: UInt32
        switch verdict {
        case .forward(let member): receiver = member
        case .deliver: receiver = ForwardingTable.hub
        case .leave: receiver = ForwardingTable.outside
        case .refuse: return
        }
        // The host passes on what comes in by the way out.
        let sender = sender == ForwardingTable.hub && isFromOutside(packet) ? ForwardingTable.outside : sender
        switch shared.flows.judge(packet, from: sender, to: receiver, under: snapshot, now: now) {
        case .known: break
        case .allowed(let rule): counters.rules.note(rule, of: snapshot, now: now)
        case .refused(let rule, let action):
            counters.rules.note(rule, of: snapshot, now: now)
            note?.rule = snapshot._withUnsafeGuaranteedRef { $0.number(ofRule: rule) }
            drop(to: receiver)
            // The host passes it on to whoever is outside.
            let asker = isPeer(sender) ? sender : ForwardingTable.hub
            if action == .reset, HostAnswer(to: packet) == .reset {
                sendReset(about: packet, to: asker)
            } else {
                explain(.prohibited, about: packet, to: asker)
            }
            throw .ruleRefused
        case .unreadable:
            drop(to: receiver)
            throw .ruleRefused
        }
    }

    private func isFromOutside(_ packet: IPPacket) -> Bool { snapshot._withUnsafeGuaranteedRef { $0.table.owner(of: packet.source) == nil } }

    private func isPeer(_ member: UInt32) -> Bool { member != ForwardingTable.hub && member != ForwardingTable.outside }

    /// Counts the packet as one that was to be sent (WG-Q-4).
    private mutating func drop(to receiver: UInt32) {
        counters.counters.datagramsRouted.increment()
        if isPeer(receiver) { parties.receiver = receiver }
    }
}
