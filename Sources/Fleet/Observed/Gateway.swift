// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The hub's way to its host, and through it to other networks, on a hub that runs with `--tun`.
public struct Gateway: Equatable, Sendable {
    /// What can be wrong with the interface.
    public enum Trouble: Equatable, Sendable {
        /// Somebody deleted it.
        case gone
        /// The kernel tells nothing about it.
        case unknown
        /// The hub lacks the right for these commands.
        case notAllowed(commands: String)
        /// The kernel refused the first of these commands for another reason.
        case refused(command: String, error: String)
    }

    /// The name of the TUN interface.
    public var tun: String
    /// The addresses with which devices leave to the Internet; nil for a family without a way out.
    public var egress4: IPAddress?
    public var egress6: IPAddress?
    /// What is wrong with the interface; nil while it works.
    public var trouble: Trouble?

    public init(tun: String, egress4: IPAddress? = nil, egress6: IPAddress? = nil, trouble: Trouble? = nil) {
        self.tun = tun
        self.egress4 = egress4
        self.egress6 = egress6
        self.trouble = trouble
    }

    /// What is wrong and what to do; nil while everything works.
    public var problem: Phrase? {
        switch trouble {
        case nil: nil
        case .gone: "The interface \(tun) is gone. Restart the hub."
        case .unknown: "The interface \(tun) cannot be set up: the kernel does not answer."
        case .notAllowed(let commands): "The hub may not set up the interface \(tun). Run as root: \(commands)"
        case .refused(let command, let error): "The kernel refuses a setting of the interface \(tun): \(command): \(error)"
        }
    }
}
