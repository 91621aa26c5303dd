package io.watchkeeper.toolkit.copy;

/** A table {@code t} with a column of every built-in type, and of the kinds of types users make. */
final class EveryType {

    private EveryType() {}

    /** Makes it on both sides and fills the shore's. */
    static void fill(Fleet fleet) {
        fleet.both("""
                create type mood as enum ('good', 'bad, very'); create type pair as (a int, b text);
                create domain percent as numeric(5,2) check (value <= 100);
                create table t (b bool, i2 int2, i4 int4, i8 int8, n numeric, np numeric(10,2), f4 float4, f8 float8, m money,
                  c char(5), vc varchar(10), tx text, nm name, ch "char", by bytea, d date, tm time, tmz timetz, ts timestamp,
                  tsz timestamptz(3), iv interval, u uuid, j json, jb jsonb, jp jsonpath, x xml, ip inet, cd cidr, mac macaddr,
                  mac8 macaddr8, bt bit(3), vb varbit, pt point, ln line, ls lseg, bx box, pa path, po polygon, ci circle,
                  tv tsvector, tq tsquery, r4 int4range, rn numrange, rts tstzrange, mr int4multirange, a4 int4[], at text[],
                  an numeric[], e mood, ea mood[], p pair, pc percent, rc regclass, rt regtype, l pg_lsn, o oid, ov oidvector,
                  ac aclitem, tid tid, xi xid8)""");
        fleet.on("shore", """
                insert into t values (true, -32768, 2147483647, -9223372036854775808, 'NaN', 12345678.90, 'Infinity', 1e-310,
                  '12.34', 'ab', 'ünï', E'tab\\tnewline\\nback\\\\slash', 'name', 'x', '\\x00ff5c0a', '4713-01-01 BC', '24:00',
                  '23:59:59+15', 'infinity', '2026-01-31 10:00:00.123456+09', '1 year -2 days 03:04:05.6',
                  '00000000-0000-0000-0000-000000000001', '{"a" : 1, "a": 2}', '{"k": [1.50, null, "한"]}', '$.a[*] ? (@ > 1)',
                  '<a>b</a>', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', B'101', B'1', '(1,2)',
                  '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]', '((0,0),(1,1),(2,0))', '<(0,0),1>',
                  to_tsvector('simple', 'a fat cat'), 'fat & cat', '[1,5)', '(,1.5]', '[2026-01-01,)', '{[1,3),[5,7)}',
                  '[0:2]={1,NULL,3}', '{"a,b","c\\"d",NULL,""}', '{{1.10,2},{3,NaN}}', 'bad, very', '{good,NULL}',
                  row(1, 'x,y'), 99.99, 'pg_class', 'int4', '16/B374D848', 26, '1 2 3', 'postgres=arwdDxt/postgres', '(1,2)',
                  '12345678901')""");
        fleet.on(
                "shore",
                "insert into t default values; insert into t (tx, at, by, n) values ('', '{}', '', 1.0), ('\\N', null, null, 1.00)");
    }
}
