// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The kernel's packet filter in the network namespace of the thread that made it. Reading and changing need CAP_NET_ADMIN; without it, each
/// call throws `.notPermitted`. Use it from one thread at a time.
///
/// A table that it puts in place belongs to this connection: nobody else can change it, and it disappears with the connection, also when the
/// process is killed (NFT_TABLE_F_OWNER, Linux 5.12). nft(8)
public struct NFTables: ~Copyable {
    private var socket: NetlinkSocket

    public init() throws(Errno) { socket = try NetlinkSocket(family: NETLINK_NETFILTER) }

    /// Puts a table in the place of the one of the same name, if there is any, in one step: no packet sees half of it.
    /// Throws `.notPermitted` if the table of this name belongs to another connection, too.
    public mutating func replace(_ table: NFTable) throws(Errno) {
        var batch = Self.removal(of: table.name)
        batch.append(
            NFChange(
                NFT_MSG_NEWTABLE, creates: true,
                [(NFTA_TABLE_NAME.rawValue, NFBytes.text(table.name)), (NFTA_TABLE_FLAGS.rawValue, NFBytes.big(UInt32(NFT_TABLE_F_OWNER.rawValue)))]))
        batch += table.chains.map { NFChange($0, in: table.name) }
        for chain in table.chains { batch += chain.rules.map { NFChange($0, in: table.name, chain.name) } }
        try apply(batch)
    }

    /// Removes a table; nothing happens if there is none of this name.
    public mutating func removeTable(_ name: String) throws(Errno) { try apply(Self.removal(of: name)) }

    /// What the counters of a table's rules have counted. Empty if there is no such table.
    public mutating func counts(inTable name: String) throws(Errno) -> [NFCount] {
        try dump(NFT_MSG_GETRULE, family: Int32(NFPROTO_INET), [(Int(NFTA_RULE_TABLE.rawValue), NFBytes.text(name))]).flatMap { NFCount.all(in: $0) }
    }

    /// The chains at hooks of IP, of all programs, without those of one table.
    public mutating func chains(withoutTable name: String) throws(Errno) -> [NFForeignChain] {
        try dump(NFT_MSG_GETCHAIN, family: Int32(NFPROTO_UNSPEC), []).compactMap { NFForeignChain($0) }
            .filter { $0.table != name || $0.family != "inet" }
    }

    /// Whether a rule in the table of a chain names an interface.
    public mutating func mentions(interface: String, in chain: NFForeignChain) throws(Errno) -> Bool {
        let family = ["ip": NFPROTO_IPV4, "ip6": NFPROTO_IPV6][chain.family] ?? NFPROTO_INET
        let name = NFBytes.text(interface)
        return try dump(NFT_MSG_GETRULE, family: Int32(family), [(Int(NFTA_RULE_TABLE.rawValue), NFBytes.text(chain.table))])
            .contains { $0.payload.contains(name) }
    }

    /// To make and to remove is a removal that cannot fail.
    private static func removal(of name: String) -> [NFChange] {
        let table = [(NFTA_TABLE_NAME.rawValue, NFBytes.text(name))]
        return [NFChange(NFT_MSG_NEWTABLE, creates: true, table), NFChange(NFT_MSG_DELTABLE, creates: false, table)]
    }

    private mutating func dump(_ type: nf_tables_msg_types, family: Int32, _ attributes: [(number: Int, value: [UInt8])]) throws(Errno)
        -> [NetlinkMessage]
    {
        do throws(Errno) {
            return try socket.ask(
                type: NFChange.number(of: type), flags: NLM_F_DUMP, header: NFChange.header(family: UInt8(family)), attributes: attributes)
        } catch {
            if error == .noSuchFile { return [] }
            throw error
        }
    }

    /// All changes or none.
    private mutating func apply(_ changes: [NFChange]) throws(Errno) {
        let begin = NetlinkRequest(type: Int(NFNL_MSG_BATCH_BEGIN), sequence: 0, header: NFChange.batch)
        let end = NetlinkRequest(type: Int(NFNL_MSG_BATCH_END), sequence: 0, header: NFChange.batch)
        var bytes = begin.bytes
        for (index, change) in changes.enumerated() {
            let isLast = index == changes.count - 1
            bytes += change.request(flags: isLast ? NLM_F_ACK : 0, sequence: UInt32(index + 1)).bytes
        }
        bytes += end.bytes
        try socket.applyBatch(bytes)
    }
}

extension NetlinkSocket {
    /// Sends a batch, whose last change asks for an answer, and throws the first error.
    fileprivate mutating func applyBatch(_ bytes: [UInt8]) throws(Errno) {
        let socket = descriptor.raw
        _ = try systemCall { send(socket, bytes, bytes.count, 0) }
        var (isDone, failure): (Bool, Errno?) = (false, nil)
        // The kernel answers within the call.
        while true {
            do throws(Errno) {
                for message in try receive() where Int32(message.type) == NLMSG_ERROR {
                    let code = message.payload.loadStruct(Int32.self) ?? 0
                    if code == 0 { isDone = true } else { failure = failure ?? Errno(-code) }
                }
            } catch {
                guard error == .wouldBlock else { throw error }
                break
            }
        }
        if let failure { throw failure }
        guard isDone else { throw .protocolError }
    }
}

/// One message of a batch.
struct NFChange {
    private let type: nf_tables_msg_types
    private let flags: Int32
    private let attributes: [(number: Int, value: [UInt8])]

    init(_ type: nf_tables_msg_types, creates: Bool, append: Bool = false, _ attributes: [(number: UInt32, value: [UInt8])]) {
        self.type = type
        flags = (creates ? NLM_F_CREATE : 0) | (append ? NLM_F_APPEND : 0)
        self.attributes = attributes.map { (Int($0.number), $0.value) }
    }

    init(_ chain: NFChain, in table: String) {
        let hook = NFBytes.attributes([
            (NFTA_HOOK_HOOKNUM.rawValue, NFBytes.big(chain.hook.rawValue)), (NFTA_HOOK_PRIORITY.rawValue, NFBytes.big(chain.priority)),
        ])
        self.init(
            NFT_MSG_NEWCHAIN, creates: true,
            [
                (NFTA_CHAIN_TABLE.rawValue, NFBytes.text(table)), (NFTA_CHAIN_NAME.rawValue, NFBytes.text(chain.name)),
                (NFTA_CHAIN_HOOK.rawValue | Self.nested, hook), (NFTA_CHAIN_POLICY.rawValue, NFBytes.big(UInt32(NF_ACCEPT))),
                (NFTA_CHAIN_TYPE.rawValue, NFBytes.text(chain.kind.rawValue)),
            ])
    }

    init(_ rule: NFRule, in table: String, _ chain: String) {
        let comment = rule.comment.map { Array($0.utf8.prefix(253)) + [0] }
        // The tool's own form of a comment: type 0, length, text.
        let note = comment.map { [(NFTA_RULE_USERDATA.rawValue, [0, UInt8($0.count)] + $0)] } ?? []
        self.init(
            NFT_MSG_NEWRULE, creates: true, append: true,
            [
                (NFTA_RULE_TABLE.rawValue, NFBytes.text(table)), (NFTA_RULE_CHAIN.rawValue, NFBytes.text(chain)),
                (NFTA_RULE_EXPRESSIONS.rawValue | Self.nested, rule.parts.flatMap(\.expressions).flatMap(\.element)),
            ] + note)
    }

    /// NLA_F_NESTED
    private static let nested: UInt32 = 1 << 15

    func request(flags more: Int32, sequence: UInt32) -> NetlinkRequest {
        NetlinkRequest(
            type: Self.number(of: type), flags: flags | more, sequence: sequence, header: Self.header(family: UInt8(NFPROTO_INET)),
            attributes: attributes)
    }

    static func number(of type: nf_tables_msg_types) -> Int { Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue) }

    static func header(family: UInt8) -> nfgenmsg { nfgenmsg(nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: 0) }

    /// Both ends of a batch name the subsystem.
    static var batch: nfgenmsg {
        nfgenmsg(nfgen_family: UInt8(AF_UNSPEC), version: UInt8(NFNETLINK_V0), res_id: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian)
    }
}
