-- A ledger of format 1 as it was released: its tables, and one row of each kind.
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
insert into binding values ('source', 'salesforce', '00D1'), ('target', 'zuora', 't1');
insert into runs values (1, 'run', 'p1', '2026-01-01T00:00:00Z', '{"read":3}');
insert into entries values (
    'catalog', 'charge', 'k', 'r', 'ProductRatePlanCharge', '8a1', 'parent', 4,
    '{"Name":"000102030405060708090a0b0c0d0e0f"}', 1, '{"Id":"8a1"}');
insert into intents values (
    9, 'catalog', 'charge', 'k', 'r', 'ProductRatePlanCharge', 'retire', 'parent', 4, '8a1',
    '[["sfdcId__c","\"01t\""],["Alpha","1.10"]]',
    '{"Name":"0f0e0d0c0b0a09080706050403020100"}', 1);
insert into marks values ('catalog', 'Product2', '2026-01-01T00:00:00Z');
pragma application_id = 1129794635;
pragma user_version = 1;
commit;
