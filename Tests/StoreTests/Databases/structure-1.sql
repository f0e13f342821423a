-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- The database of a hub made by a program that knew structure 1 only: an admin, a token, three devices whose keys are kept.
-- secret.key: b7eabdb5efe0c8f1a1a4d1b542e978630cee08be9d7580de6f8892686ae7c717
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL
) STRICT;
INSERT INTO migrations VALUES(1,'0001_initial.sql',X'828605828a5a9ef25ac0664b84bd965d81ed7cc16128ea7cb935a30c03a34e58',1795661399);
CREATE TABLE generation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    desired INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    applied_at INTEGER,
    files_fetched INTEGER NOT NULL -- counts what changes devices without a generation
) STRICT;
INSERT INTO generation VALUES(1,4,4,1795661403,0);
CREATE TABLE hub (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    private_key BLOB NOT NULL, -- sealed
    ipv4_network TEXT,
    ipv6_network TEXT,
    ipv4 BLOB,
    ipv6 BLOB,
    portal_url TEXT,
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO hub VALUES(1,'Hairpin',X'2132f9c4c66e17b2d1da2ae04e3aabdd05c8cb17b2e64470527a033084e6a868',X'01298ac714fa9b9b6fbfd9aa15874a20243f038f0e8e1e42fbf3f0d9c96b17e734e125aa821d1d0eea81b6f331d16cdb3e8961c0c2f1de3c9f2fc86d57b783945b80bec4f21b603dec07f0d3df','10.3.2.0/24','fd00::3:2:0/120',X'0a030201',X'fd000000000000000000000300020001',NULL,1);
CREATE TABLE defaults (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    allowed_ips TEXT NOT NULL,
    dns TEXT NOT NULL,
    endpoint TEXT NOT NULL, -- empty: left out
    persistent_keepalive INTEGER NOT NULL, -- 0: off
    mtu INTEGER NOT NULL, -- 0: left out
    revision INTEGER NOT NULL,
    allowed_ips_revision INTEGER NOT NULL,
    dns_revision INTEGER NOT NULL,
    endpoint_revision INTEGER NOT NULL,
    persistent_keepalive_revision INTEGER NOT NULL,
    mtu_revision INTEGER NOT NULL
) STRICT;
INSERT INTO defaults VALUES(1,'10.3.2.0/24, fd00::3:2:0/120','','hub.example.org',25,0,1,1,0,1,0,0);
CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE, -- the name folded for comparison
    description TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    expires_at INTEGER,
    public_key BLOB NOT NULL UNIQUE,
    private_key BLOB, -- sealed
    preshared_key BLOB, -- sealed
    ipv4 BLOB UNIQUE,
    ipv6 BLOB UNIQUE,
    -- The five settings: NULL follows the default, otherwise as in the table defaults.
    allowed_ips TEXT,
    dns TEXT,
    endpoint TEXT,
    persistent_keepalive INTEGER,
    mtu INTEGER,
    revision INTEGER NOT NULL,
    config_revision INTEGER NOT NULL,
    fetched_config_revision INTEGER,
    fetched_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO devices VALUES('bdmnbjkeyb8tskju','laptop','laptop','',1,NULL,X'd910349742525138fb0457ed5f41e604d09e76fa5e753aa0c8e3e2ec81472c5f',X'01298ac714441bc336f373b78f336e1ba63a7bb9fa5fc237632ef0a5bc8ebeaa3ea14eef3a3a5ca63fd528e2a6d8ab62d30e67f2d0f8fe743109e93787e0bb5d46503b1f90f6006a6620d9ba04',NULL,X'0a030202',X'fd000000000000000000000300020002',NULL,NULL,NULL,NULL,NULL,2,2,NULL,NULL,1795661402,1795661402);
INSERT INTO devices VALUES('hght5ibisdwz4cuz','nas','nas','',1,NULL,X'eafe4b639adf47a9ca988bf303e8ebcd61d6c110e09aaba40556099a82fdcc77',X'01298ac714a7b6801f9142f05a674316332afc9388124b4a14da5cecb0455c01c1c0554c1dcdf50b84c177f37d2bc9872268b001575128a1b2f4994ada7c322cd4f8b04e81d9c6628a5d62e5a4',NULL,X'0a030203',X'fd000000000000000000000300020003',NULL,NULL,NULL,NULL,NULL,3,3,NULL,NULL,1795661402,1795661402);
INSERT INTO devices VALUES('9tebhhhq97seyn6f','Büro gateway','büro gateway','',1,NULL,X'b4af3c15c6b258b157f9dce98f4e5f8d63d634dc3b37a1037e7902378b97c00e',X'01298ac7145ba643d52b74c1fbf6c366a1d1d7fa38008455e7b138a61933241ba9769f7fad3491088f5c641f33fa7fc8477c71ff7adf73ea4d99c03e717ebd8f432d430ad04f6c90e30dc03c16',NULL,X'0a030204',X'fd000000000000000000000300020004',NULL,NULL,NULL,NULL,NULL,4,4,NULL,NULL,1795661403,1795661403);
CREATE TABLE departed_keys (
    generation INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    PRIMARY KEY (generation, public_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_routes (
    address BLOB NOT NULL,
    length INTEGER NOT NULL,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (address, length)
) STRICT;
CREATE TABLE observations (
    public_key BLOB PRIMARY KEY REFERENCES devices (public_key) ON DELETE CASCADE,
    endpoint TEXT,
    last_handshake_at INTEGER,
    greatest_timestamp BLOB, -- TAI64N, 12 bytes
    received_bytes INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    last_seen_at INTEGER
) STRICT;
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE, -- the address folded for comparison
    password_hash TEXT NOT NULL, -- Argon2id, PHC string
    role TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO accounts VALUES('sq49ha59yauirgkp','ada@example.org','ada@example.org','$argon2id$v=19$m=65536,t=3,p=1$U9bgI+81cHuL+rL+mkdkvw$+cfj7i2gsY1X2UJck9NLzR0QtCz6ojy+dCD7eo95gY8','admin',0,1795661401);
CREATE TABLE setup_tokens (
    token_hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO setup_tokens VALUES(X'544a38698e5e0f72cb073ab5e536b7a152c2f07d80f72f56ceeb24d349eeab51',1795747799);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, -- for lists and for ending it; not the secret
    token_hash BLOB NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    csrf_secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;
CREATE TABLE login_attempts (
    bucket TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL, -- the last four characters, to tell tokens apart
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    used_from TEXT
) STRICT;
INSERT INTO api_tokens VALUES('z5kkwavhp46crec2','monitoring',X'0c518c9a9845001e9d98a320b82dfa72b437ccc671ee4c2fe78aa8fb4ed8aee9','zyQW','read','command line',1795661401,1803437401,NULL,NULL);
CREATE TABLE one_time_links (
    token_hash BLOB PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE audit_log (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT, -- JSON objects without secrets
    after TEXT,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_log VALUES(1,1795661399,'system',NULL,'hub.make','hub',NULL,'{"name":"Hairpin","public_key":"ITL5xMZuF7LR2irgTjqr3QXIyxey5kRwUnoDMITmqGg=","network":"10.3.2.0/24","network6":"fd00::3:2:0/120","address":"10.3.2.1","address6":"fd00::3:2:1","portal_url":null}',X'b3f74242c601f2ccd98f83db6a975a2bcb324716fd02cdef62f8fa6358726066');
INSERT INTO audit_log VALUES(2,1795661399,'system',NULL,'defaults.update','defaults','{"allowed_ips":"","endpoint":""}','{"allowed_ips":"10.3.2.0/24, fd00::3:2:0/120","endpoint":"hub.example.org"}',X'4e27a337b8eee00c1398b63fea31380da497a5c83cd23cad24f284ba43cde339');
INSERT INTO audit_log VALUES(3,1795661401,'command line',NULL,'admin.add','admin/ada@example.org',NULL,'{"role":"admin"}',X'20695bd7f5fa23c3705fb889b6201c7112290480859971feb0d1cc877bcef9ff');
INSERT INTO audit_log VALUES(4,1795661401,'command line',NULL,'token.add','token/z5kkwavhp46crec2',NULL,'{"name":"monitoring","hint":"zyQW","scopes":"read","expires_at":"1803437401"}',X'1aad03e602b5c5aefffb5615c1899473aea092f10b1839eba96ebbceaee9590d');
INSERT INTO audit_log VALUES(5,1795661402,'command line',NULL,'device.add','device/bdmnbjkeyb8tskju',NULL,'{"name":"laptop","description":"","enabled":"true","expires_at":null,"public_key":"2RA0l0JSUTj7BFftX0HmBNCedvpedTqgyOPi7IFHLF8=","keeps_private_key":"true","has_preshared_key":"false","ipv4":"10.3.2.2","ipv6":"fd00::3:2:2","routes":"","allowed_ips":null,"dns":null,"endpoint":null,"persistent_keepalive":null,"mtu":null}',X'b2fb47378e7f27c1d4388b34c6f2e0abb099c241bc8470c9729ff7238c38b712');
INSERT INTO audit_log VALUES(6,1795661402,'command line',NULL,'device.add','device/hght5ibisdwz4cuz',NULL,'{"name":"nas","description":"","enabled":"true","expires_at":null,"public_key":"6v5LY5rfR6nKmIvzA+jrzWHWwRDgmqukBVYJmoL9zHc=","keeps_private_key":"true","has_preshared_key":"false","ipv4":"10.3.2.3","ipv6":"fd00::3:2:3","routes":"","allowed_ips":null,"dns":null,"endpoint":null,"persistent_keepalive":null,"mtu":null}',X'b48c2dff09895ef9581c5c86940d2122e04b67ddb65e7e020f8017e270cb9caa');
INSERT INTO audit_log VALUES(7,1795661403,'command line',NULL,'device.add','device/9tebhhhq97seyn6f',NULL,'{"name":"Büro gateway","description":"","enabled":"true","expires_at":null,"public_key":"tK88FcayWLFX+dzpj05fjWPWNNw7N6EDfnkCN4uXwA4=","keeps_private_key":"true","has_preshared_key":"false","ipv4":"10.3.2.4","ipv6":"fd00::3:2:4","routes":"","allowed_ips":null,"dns":null,"endpoint":null,"persistent_keepalive":null,"mtu":null}',X'cd9ceadee9facff3394974d519dd817c69b4aeb87c54a1946aca13fff72b7287');
CREATE INDEX devices_by_revision ON devices (revision);
CREATE INDEX device_routes_by_device ON device_routes (device_id, position);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX one_time_links_by_device ON one_time_links (device_id);
CREATE INDEX audit_log_by_target ON audit_log (target, number);
COMMIT;
