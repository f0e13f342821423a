// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Whether traffic to the Internet can leave the network: through the hub's host, or through a device that has a route such as `0.0.0.0/0`.
public struct InternetExit: Sendable {
    private let routes: [(device: String, route: IPPrefix)]
    private let gateway: Gateway?

    /// Only devices that are active at `now` are exits. `gateway` is the hub's own way out, if it has one.
    public init(devices: [Device], gateway: Gateway?, now: UnixTime) {
        self.gateway = gateway
        routes = devices.lazy.filter { !$0.routes.isEmpty && $0.isActive(at: now) }
            .flatMap { device in device.routes.lazy.filter(\.isInternetWide).map { (device.id, $0) } }
    }

    /// The prefixes with which a device that lists them would lose its Internet connection: they stand for the whole Internet, and no other
    /// device is an exit. `id` is nil for the defaults.
    public func traps(in list: [IPPrefix], ofDevice id: String?) -> [IPPrefix] {
        list.filter { prefix in
            prefix.isInternetWide && gateway?.egress(isV4: prefix.address.isV4) == nil
                && !routes.contains { $0.device != id && $0.route.address.isV4 == prefix.address.isV4 }
        }
    }

    /// The warning about such a prefix in the list of one device.
    public static let warning: Phrase = "This hub has no Internet exit. The device would lose its Internet connection."
}
