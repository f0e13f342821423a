// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What rules and known flows say about a packet between linked members.
enum RuleVerdict: Equatable {
    /// It belongs to a known flow.
    case known
    /// It starts a flow that this rule allows, by its place in the list.
    case allowed(rule: Int)
    /// This rule refuses it, or the end of the list.
    case refused(rule: Int, Rule.Action)
    /// It is a fragment whose first part did not pass, or no readable packet.
    case unreadable
}

extension FlowTable {
    /// The decision about a packet that the forwarding table lets pass: to a peer, or to the hub itself.
    borrowing func judge(
        _ raw: IPPacket, from sender: UInt32, to receiver: UInt32, under snapshot: Unmanaged<Snapshot>, now: Instant
    ) -> RuleVerdict {
        let packet = FlowPacket(raw)
        let moment = Moment(snapshot: snapshot, now: now.nanoseconds)
        switch packet.kind {
        case .flow: return judge(packet, from: sender, to: receiver, moment)
        case .laterFragment:
            guard let found = find(FlowName(fragmentsOf: packet, from: sender, to: receiver), now: moment.now), found.epoch == moment.epoch else {
                return .unreadable
            }
            return .known
        case .error:
            // The quoted packet went the other way.
            if let quoted = FlowPacket.quoted(in: raw), quoted.source == packet.destination {
                let name = FlowName(quoted, from: receiver, to: sender)
                if let found = find(name, now: moment.now), isStillAllowed(found, quoted, name, from: receiver, to: sender, moment) { return .known }
            }
            return verdict(moment.decide(packet.forRules, from: sender, to: receiver))
        case .single: return verdict(moment.decide(packet.forRules, from: sender, to: receiver))
        case .malformed: return .unreadable
        }
    }

    private borrowing func judge(_ packet: FlowPacket, from sender: UInt32, to receiver: UInt32, _ moment: Moment) -> RuleVerdict {
        let name = FlowName(packet, from: sender, to: receiver)
        let found = find(name, now: moment.now)
        if let found, continues(found, packet, name, from: sender, to: receiver, moment) {
            if packet.hasMoreFragments { letFragmentsFollow(packet, from: sender, to: receiver, moment) }
            return .known
        }
        let decision = moment.decide(packet.forRules, from: sender, to: receiver)
        guard decision.allows else { return .refused(rule: decision.rule, decision.action) }
        let state = FlowState(name, stage: packet.resets ? .closed : packet.finishes ? .closing : .opening, rule: decision.rule)
        // A new connection with the ports of an old one takes the old one's entry.
        if let found { end(found) }
        add(name, state, epoch: moment.epoch, now: moment.now)
        if packet.hasMoreFragments { letFragmentsFollow(packet, from: sender, to: receiver, moment) }
        return .allowed(rule: decision.rule)
    }

    /// Whether a packet belongs to a flow that was found by its name, and passes with it.
    private borrowing func continues(
        _ found: Found, _ packet: FlowPacket, _ name: FlowName, from sender: UInt32, to receiver: UInt32, _ moment: Moment
    ) -> Bool {
        let isAnswer = name.isReversed != found.state.isInitiatorHigh
        // Only rules let the answering side start something, or a new connection follow an old one.
        if packet.opens, isAnswer || found.state.stage.rawValue >= FlowState.Stage.closing.rawValue { return false }
        guard isStillAllowed(found, packet, name, from: sender, to: receiver, moment) else { return false }
        let stage = found.state.stage(after: packet, isAnswer: isAnswer)
        if stage != found.state.stage {
            // Reads the entry again: `isStillAllowed` may have changed it.
            if let latest = find(name, now: moment.now) {
                var state = latest.state
                state.stage = stage
                change(latest, to: state, epoch: latest.epoch)
            }
        }
        touch(found, now: moment.now)
        return true
    }

    /// Whether the rules still allow a flow. Asks them once for each snapshot; a flow that they refuse ends.
    private borrowing func isStillAllowed(
        _ found: Found, _ packet: FlowPacket, _ name: FlowName, from sender: UInt32, to receiver: UInt32, _ moment: Moment
    ) -> Bool {
        guard found.epoch != moment.epoch else { return true }
        let isAnswer = name.isReversed != found.state.isInitiatorHigh
        let decision =
            isAnswer
            ? moment.decide(packet.reversed, from: receiver, to: sender) : moment.decide(packet.forRules, from: sender, to: receiver)
        guard decision.allows else {
            end(found)
            return false
        }
        var state = found.state
        state.rule = decision.rule
        change(found, to: state, epoch: moment.epoch)
        return true
    }

    private borrowing func letFragmentsFollow(_ packet: FlowPacket, from sender: UInt32, to receiver: UInt32, _ moment: Moment) {
        let name = FlowName(fragmentsOf: packet, from: sender, to: receiver)
        if let found = find(name, now: moment.now) { end(found) }
        add(name, FlowState(name, stage: .opening, rule: 0), epoch: moment.epoch, now: moment.now)
    }

    private func verdict(_ decision: RuleSet.Decision) -> RuleVerdict {
        decision.allows ? .allowed(rule: decision.rule) : .refused(rule: decision.rule, decision.action)
    }
}

/// The rules and the time of a decision.
private struct Moment {
    let snapshot: Unmanaged<Snapshot>
    let now: UInt64
    let epoch: UInt32

    init(snapshot: Unmanaged<Snapshot>, now: UInt64) {
        (self.snapshot, self.now) = (snapshot, now)
        epoch = UInt32(truncatingIfNeeded: snapshot._withUnsafeGuaranteedRef { $0.number })
    }

    func decide(_ packet: RuleSet.Packet, from sender: UInt32, to receiver: UInt32) -> RuleSet.Decision {
        snapshot._withUnsafeGuaranteedRef { $0.decide(packet, from: sender, to: receiver) }
    }
}
