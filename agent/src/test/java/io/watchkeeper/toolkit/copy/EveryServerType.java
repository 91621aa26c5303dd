package io.watchkeeper.toolkit.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A table with a column of every type a server has, and of an array of each, filled with the values that are hard to carry. The
 * server's own catalogue says which types there are, so that none is forgotten: one without samples here is an error.
 */
final class EveryServerType {

    /** What a server prints of itself, and takes nothing for. NULL is all there can be. */
    private static final Set<String> WITHOUT_VALUES = Set.of(
            "ghstore",
            "gtsvector",
            "ltree_gist",
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_ndistinct",
            "pg_node_tree");

    /** A type, then an SQL expression for a value of it. */
    private static final String SAMPLES = """
            aclitem 'postgres=r*w/postgres'
            aclitem '=r/postgres'
            bit B'0'
            bit B'10101'
            bool true
            bool false
            box '(1.5,1e300),(-1,-1)'
            box '(Infinity,1),(-Infinity,-1)'
            bpchar 'padded   '
            bpchar ''
            bytea (select string_agg(set_byte('\\x00', 0, i), '' order by i) from generate_series(0, 255) i)
            bytea ''
            bytea '\\x5c2e'
            char 'x'
            char ''
            char '\\'
            cid '4294967295'
            cidr '10.0.0.0/8'
            cidr '2001:db8::/32'
            circle '<(0,0),1e10>'
            circle '<(NaN,0),0>'
            date '4714-11-24 BC'
            date '5874897-12-31'
            date 'infinity'
            date '-infinity'
            datemultirange '{}'
            datemultirange '{(,2020-01-01),[2021-01-01,infinity)}'
            daterange 'empty'
            daterange '[2026-01-01,)'
            float4 'NaN'
            float4 '-Infinity'
            float4 '1.17549435e-38'
            float4 '-0'
            float8 'Infinity'
            float8 '5e-324'
            float8 '0.1'
            float8 'NaN'
            inet '10.1.2.3/8'
            inet '::ffff:1.2.3.4/96'
            int2 -32768
            int2 32767
            int2vector '1 -2 3'
            int2vector ''
            int4 -2147483648
            int4 2147483647
            int4multirange '{}'
            int4multirange '{(,1),[5,7)}'
            int4range 'empty'
            int4range '(,)'
            int8 -9223372036854775808
            int8 9223372036854775807
            int8multirange '{[1,2),[4,)}'
            int8range '(,9223372036854775807)'
            interval '-178000000 years'
            interval '178956970 years 7 mons'
            interval '1 mon -2147483647 days 2000000000:00:54.775807'
            interval '00:00:00.000001'
            json '{"a" : 1, "a": "\\u0041", "b": []}'
            json 'null'
            jsonb '{"k": [1.50, null, "한", "\\u0001", 1e100, {"": ""}]}'
            jsonb '"\\\\u0000 is six characters here"'
            jsonb 'null'
            jsonpath 'strict $.a[*] ? (@ > 1 && @.b starts with "x")'
            line '{1,2,3}'
            lseg '[(0,0),(-1,1e-300)]'
            macaddr '08:00:2b:01:02:03'
            macaddr8 '08:00:2b:01:02:03:04:05'
            money '-92233720368547758.08'
            money '92233720368547758.07'
            name repeat('n', 63)
            name ''
            numeric 'NaN'
            numeric '-Infinity'
            numeric ('-' || repeat('9', 131072) || '.' || repeat('7', 16383))::numeric
            numeric 1.000
            numeric '1e-1000'
            nummultirange '{[1.0,1.00],(2,)}'
            numrange '(,1.50]'
            numrange '[-Infinity,NaN)'
            oid 4294967295
            oidvector '1 4294967295'
            oidvector ''
            path '[(0,0),(1,1)]'
            path '((0,0),(1,1),(2,0))'
            pg_lsn 'FFFFFFFF/FFFFFFFF'
            pg_lsn '0/0'
            pg_snapshot '10:20:10,14,15'
            pg_snapshot '9223372036854775806:9223372036854775807:'
            point '(NaN,-Infinity)'
            point '(-0,1e-310)'
            polygon '((0,0),(1,1),(2,0))'
            refcursor 'c1'
            regclass 'pg_class'
            regclass 'information_schema.tables'
            regclass '-'
            regcollation '"C"'
            regconfig 'simple'
            regdictionary 'simple'
            regnamespace 'information_schema'
            regoper '||/'
            regoperator '+(integer,integer)'
            regproc 'array_in'
            regprocedure 'abs(numeric)'
            regrole 'postgres'
            regtype 'timestamp with time zone'
            regtype 'integer[]'
            text E'tab\\tnewline\\nreturn\\rback\\\\slash \\\\N \\\\.'
            text ''
            text E'\\\\.'
            text '한글 🚢 NULL'
            text repeat('long ', 20000)
            tid '(4294967295,65535)'
            time '24:00:00'
            time '00:00:00.000001'
            timestamp '4714-11-24 00:00:00 BC'
            timestamp '294276-12-31 23:59:59.999999'
            timestamp '-infinity'
            timestamptz '4714-11-24 00:00:00+00 BC'
            timestamptz '294276-12-31 23:59:59.999999+00'
            timestamptz 'infinity'
            timetz '23:59:59.999999-15:59:59'
            timetz '24:00:00+15:59:59'
            tsmultirange '{[2026-01-01,2026-01-02),[infinity,infinity]}'
            tsquery '!(fat:AB & cat:*) <2> ''it''''s'''
            tsquery ''
            tsrange '[-infinity,infinity]'
            tstzmultirange '{(,2026-01-01 00:00+00)}'
            tstzrange '[2026-01-01 00:00+00,)'
            tsvector 'a:1A,2 fat:16383C ''quo''''ted'' b'
            tsvector ''
            txid_snapshot '10:20:10,14,15'
            uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'
            varbit B''
            varbit B'10101010101'
            varchar 'ünï'
            varchar ''
            xid '4294967295'
            xid8 '18446744073709551615'
            xml '<?xml version="1.0"?><a b="c">&lt;한<!-- x --></a>'
            xml 'content, not a document'
            citext 'MiXed'
            cube '(1,2),(3,NaN)'
            hstore 'a=>NULL, "b c"=>"\\"d\\"", ""=>""'
            hstore ''
            ean13 '0220356483481'
            isbn '0-393-04002-X'
            isbn13 isbn13(isbn '0-393-04002-X')
            ismn 'M-060-11561-5'
            ismn13 ismn13(ismn 'M-060-11561-5')
            issn '1436-4522'
            issn13 issn13(issn '1436-4522')
            upc '220356483481'
            ltree 'Top.Science.Astronomy'
            ltree ''
            lquery '*.foo{1,2}.bar@*|baz'
            ltxtquery 'Europe & Russia*@ & !Transportation'
            seg '1.0(+-)0.1'
            mood 'bad, very'
            mood 'good'
            pair row(1, 'x,"y(')
            pair row(null, '')
            nest row(row(1, null)::pair, array[row(2, 'b')::pair, null], '{}')
            percents '{99.99,NULL,-1}'
            percents '{}'
            pairs row(7, 'of a domain')
            span '[1.5 days,2 months)'
            span 'empty'
            spans '{[1 day,2 days),[3 days,)}'""";

    private static final String USER_TYPES = """
            create type mood as enum ('good', 'bad, very'); create type pair as (a int, b text);
            create type nest as (p pair, ps pair[], e mood[]);
            create domain percents as numeric(5,2)[] check (cardinality(value) < 9);
            create domain pairs as pair check ((value).a > 0);
            create type span as range (subtype = interval, multirange_type_name = spans)""";

    private static final List<String> EXTENSIONS = List.of("citext", "cube", "hstore", "isn", "ltree", "seg");

    private final Fleet fleet;
    private final List<String> extensions;
    private final Map<String, String> columns = new TreeMap<>();

    private EveryServerType(Fleet fleet, List<String> extensions) {
        this.fleet = fleet;
        this.extensions = extensions;
    }

    /** Makes table {@code every} on both sides, under other object ids there, and fills the shore's. */
    static EveryServerType make(Fleet fleet) {
        String available = "select name from pg_available_extensions";
        List<String> there = fleet.rows("ship", available);
        List<String> both = fleet.rows("shore", available).stream()
                .filter(extension -> EXTENSIONS.contains(extension) && there.contains(extension))
                .toList();
        EveryServerType types = new EveryServerType(fleet, both);
        fleet.on("ship", "create type elsewhere as enum ('a'); create table used (ids int[])");
        both.forEach(extension -> fleet.both("create extension " + extension));
        fleet.both(USER_TYPES);
        types.makeTable();
        types.fill();
        return types;
    }

    /** The extensions whose types are there. */
    List<String> extensions() {
        return extensions;
    }

    List<String> columns() {
        return List.copyOf(columns.keySet());
    }

    /** What each column holds, row by row, as the server prints it: a line per column that begins with its name. */
    List<String> values(String side, String table, List<String> names) {
        return fleet.rows(
                side,
                names.stream()
                        .map(name -> "select '" + name + "', array_agg(case when \"" + name
                                + "\" is distinct from null then format('%s', \"" + name
                                + "\") end order by row_number) from " + table)
                        .collect(Collectors.joining(" union all ", "", " order by 1")));
    }

    private void makeTable() {
        String shared = """
                select t.typname, t.typnamespace::regnamespace || '.' || quote_ident(t.typname)
                  from pg_type t left join pg_type e on e.typarray = t.oid left join pg_class c on c.oid = coalesce(e.typrelid, t.typrelid)
                 where t.typisdefined and t.typtype in ('b', 'r', 'm', 'e', 'd', 'c')
                   and (c.oid is null or c.relkind = 'c')
                   and t.typnamespace in ('pg_catalog'::regnamespace, 'public'::regnamespace) and coalesce(e.typtype, 'b') <> 'p'
                 order by t.typname""";
        List<String> there = fleet.rows("ship", shared);
        for (String type : fleet.rows("shore", shared)) {
            if (there.contains(type)) {
                columns.put(type.split("\\|")[0], type.split("\\|")[1]);
            }
        }
        fleet.both("create table every (row_number int, "
                + columns.entrySet().stream()
                        .map(column -> '"' + column.getKey() + "\" " + column.getValue())
                        .collect(Collectors.joining(", "))
                + ")");
    }

    private void fill() {
        Map<String, List<String>> samples = samples();
        int rows = samples.values().stream().mapToInt(List::size).max().orElseThrow();
        for (int row = 0; row <= rows; row++) {
            List<String> names = new ArrayList<>(List.of("row_number"));
            List<String> values = new ArrayList<>(List.of(Integer.toString(row)));
            for (Map.Entry<String, String> column : columns.entrySet()) {
                List<String> own = samples.getOrDefault(column.getKey(), List.of());
                if (row < own.size()) {
                    names.add('"' + column.getKey() + '"');
                    values.add("(" + own.get(row) + ")::" + column.getValue());
                }
            }
            fleet.on(
                    "shore",
                    "insert into every (" + String.join(", ", names) + ") select " + String.join(", ", values));
        }
    }

    /** Of each type, arrays included; empty for those that take no values. */
    private Map<String, List<String>> samples() {
        Map<String, List<String>> samples = new TreeMap<>();
        for (String line : SAMPLES.split("\n")) {
            int space = line.indexOf(' ');
            samples.computeIfAbsent(line.substring(0, space), type -> new ArrayList<>())
                    .add(line.substring(space + 1));
        }
        Map<String, List<String>> all = new TreeMap<>();
        for (String row : fleet.rows(
                "shore",
                "select t.typname, coalesce(e.typname, ''), e.typnamespace::regnamespace || '.' || quote_ident(e.typname), e.typtype"
                        + " from pg_type t left join pg_type e on e.typarray = t.oid")) {
            String[] type = row.split("\\|");
            if (!columns.containsKey(type[0])) {
                continue;
            }
            String single = type[1].isEmpty() ? type[0] : type[1];
            List<String> own = samples.getOrDefault(single, List.of());
            if (own.isEmpty() && !WITHOUT_VALUES.contains(single)) {
                throw new IllegalStateException("type " + type[0] + " has no samples in EveryServerType");
            }
            all.put(type[0], type[1].isEmpty() ? own : arrays(own, type[2], type[3].equals("d")));
        }
        return all;
    }

    /** Empty; with a NULL in it; nested, and counted from where nobody counts from. */
    private static List<String> arrays(List<String> elements, String type, boolean domain) {
        List<String> arrays = new ArrayList<>(List.of("'{}'"));
        if (!elements.isEmpty()) {
            // An array constructor would merge elements that are arrays below their domain.
            List<String> values = elements.stream()
                    .map(e -> "(" + e + ")::" + type + (domain ? "::text" : ""))
                    .toList();
            String last = values.get(values.size() - 1);
            arrays.add("array[null, " + String.join(", ", values) + "]::text");
            arrays.add("'[-1:0][2:3]=' || array[array[" + values.get(0) + ", null], array[null, " + last + "]]::text");
        }
        return arrays;
    }
}
