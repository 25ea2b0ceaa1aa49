-- A ledger of format 2 as it was released: its tables, and one row of each kind.
-- Later versions have to read it; it is never edited.
begin;
create table binding (
    side text not null check (side in ('source', 'target')),
    system text not null,
    id text not null,
    primary key (side, system)
) strict, without rowid;
create table runs (
    run integer primary key,
    command text not null,
    program text not null,
    as_of text not null,
    summary text
) strict;
create table entries (
    mapping text not null,
    resource text not null,
    key text not null,
    record text not null,
    object text not null,
    target_id text not null,
    parent text,
    version integer not null check (version > 0),
    digests text not null,
    retired integer not null check (retired in (0, 1)),
    result text not null,
    primary key (mapping, resource, key)
) strict;
create index entries_of_record on entries (mapping, record);
create table intents (
    number integer primary key,
    mapping text not null,
    resource text not null,
    key text not null,
    record text not null,
    object text not null,
    verb text not null check (verb in ('create', 'update', 'retire')),
    parent text,
    from_version integer,
    target_id text,
    lookup text not null,
    digests text not null,
    run integer not null,
    unique (mapping, resource, key)
) strict;
create table marks (
    mapping text not null,
    relation text not null,
    mark text not null,
    primary key (mapping, relation)
) strict, without rowid;
alter table entries add column sequence text;
alter table entries add column action text;
alter table entries add column owed text;
alter table intents add column sequence text;
alter table intents add column action text;
alter table intents add column owed text;
create index entries_of_sequence on entries (mapping, sequence) where sequence is not null;
create index entries_owing on entries (mapping, resource, key) where owed is not null;
insert into binding values ('source', 'salesforce', '00D1'), ('target', 'zuora', 't1');
insert into runs values (1, 'run', 'p1', '2026-01-01T00:00:00Z', '{"read":3}');
insert into entries values (
    'catalog', 'charge', 'k', 'r', 'ProductRatePlanCharge', '8a1', 'parent', 4,
    '{"Name":"000102030405060708090a0b0c0d0e0f"}', 1, '{"Id":"8a1"}', null, null, null);
insert into entries values (
    'contracts', 'action', '800/0f', '800', 'Order', 'C-1', null, 1, '{}', 0, '{"mrr":1.10}',
    'A-1',
    '{"kind":"New","day":"2026-01-31","rows":{"a0x":{"Price":"000102030405060708090a0b0c0d0e0f"}},"withholdable":{"Region__c":"\"EU\""}}',
    '[{"object":"Contract","id":"800","fields":[["Note__c",{"json":"null"}],["MRR__c",{"result":"$.mrr"}]]}]');
insert into intents values (
    9, 'catalog', 'charge', 'k', 'r', 'ProductRatePlanCharge', 'retire', 'parent', 4, '8a1',
    '[["sfdcId__c","\"01t\""],["Alpha","1.10"]]',
    '{"Name":"0f0e0d0c0b0a09080706050403020100"}', 1, null, null, null);
insert into intents values (
    10, 'contracts', 'action', '800/1f', '800', 'Order', 'create', null, null, null,
    '[["orderNumber","\"C-2\""]]', '{}', 1, 'A-1',
    '{"kind":"New","day":"2026-01-31","rows":{"a0x":{"Price":"000102030405060708090a0b0c0d0e0f"}},"withholdable":{"Region__c":"\"EU\""}}',
    '[{"object":"Contract","id":"800","fields":[["Note__c",{"json":"null"}],["MRR__c",{"result":"$.mrr"}]]}]');
insert into marks values ('catalog', 'Product2', '2026-01-01T00:00:00Z');
pragma application_id = 1129794635;
pragma user_version = 2;
commit;
