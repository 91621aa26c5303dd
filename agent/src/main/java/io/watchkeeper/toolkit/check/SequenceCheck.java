package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sequences that are near their end, where it is nearer by the columns that take their numbers, too: a bigint sequence behind an integer column
 * ends at 2,147,483,647. Cyclic ones have no end.
 *
 * @param warn share of the numbers that are used up
 */
public record SequenceCheck(Ratio warn, Ratio fail) implements Check {

    public static final SequenceCheck USUAL = new SequenceCheck(Ratio.percent(50), Ratio.percent(90));

    private static final Duration RATE_OVER = Duration.ofHours(1);

    /**
     * Each sequence that is read stays locked until its statement ends: too many at once would take up the server's room for locks, and be in
     * the way of whoever alters one. Reading one costs the server some 25 µs, too. Where there are more, the next look goes on after them.
     */
    private static final int MOST_AT_ONCE = 1000;

    /** Where the last look stopped: the oid of a sequence, 0 when it came to the end. */
    private static final String STOPPED_AT = "sequence_looked_at";

    /**
     * Of the next ones, and of those that were told of before, the fullest. A column takes a sequence's numbers when it owns it (serial, identity)
     * or its default names it. Unlogged sequences cannot be read on a standby, and temporary ones not from elsewhere.
     */
    private static final String SQL = """
            with next as materialized (
                select s.seqrelid from pg_sequence s join pg_class c on c.oid = s.seqrelid
                 where not s.seqcycle and (c.relpersistence = 'p' or (c.relpersistence = 'u' and not pg_is_in_recovery())) and s.seqrelid > ?::bigint::oid
                 order by s.seqrelid limit ?),
            sequences as materialized (
                select s.*, c.relnamespace, c.relname,
                       has_sequence_privilege(s.seqrelid, 'select, usage') as readable,
                       case when has_sequence_privilege(s.seqrelid, 'select, usage') then pg_sequence_last_value(s.seqrelid) end as last
                  from pg_sequence s join pg_class c on c.oid = s.seqrelid
                 where not s.seqcycle and (c.relpersistence = 'p' or (c.relpersistence = 'u' and not pg_is_in_recovery()))
                   and s.seqrelid in (select seqrelid from next
                                      union
                                      select to_regclass(told.name)::oid from unnest(?::text[]) as told(name))),
            columns as materialized (
                select d.objid as seqrelid, d.refobjid as attrelid, d.refobjsubid::int as attnum
                  from pg_depend d
                 where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                   and d.refobjsubid > 0 and d.objid in (select seqrelid from sequences)
                union
                select s.seqrelid, f.adrelid, f.adnum
                  from sequences s
                 -- One by one through the index: the planner would read everything that depends on anything.
                 cross join lateral (select d.objid from pg_depend d
                                      where d.refclassid = 'pg_class'::regclass and d.refobjid = s.seqrelid
                                        and d.classid = 'pg_attrdef'::regclass offset 0) d
                  join pg_attrdef f on f.oid = d.objid),
            ends as (
                select s.*, col.attrelid, col.attnum, a.attname,
                       case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 end as "columnEnd",
                       format_type(a.atttypid, null) as "columnType"
                  from sequences s left join columns col using (seqrelid)
                  left join pg_attribute a on a.attrelid = col.attrelid and a.attnum = col.attnum),
            used as (
                select *, case when seqincrement > 0 then least(seqmax, coalesce("columnEnd", seqmax))
                               else greatest(seqmin, coalesce(-"columnEnd" - 1, seqmin)) end as "end"
                  from ends),
            nearest as (
                select *, case when last is null then 0
                               else greatest(0, (last::numeric - seqstart) / nullif("end"::numeric - seqstart, 0)) end as share
                  from used order by share desc, relname limit 20)
            select (select count(*) from sequences) as sequences, (select count(*) from sequences where not readable) as hidden,
                   (select count(*) from next) as next, (select max(seqrelid::bigint) from next) as "stoppedAt",
                   (select count(*) from pg_sequence where not seqcycle) as "inAll",
                   case when u.seqrelid is not null then format('%I.%I', n.nspname, u.relname) end as sequence, u.last, u."end", round(u.share::numeric, 6)::float8 as share,
                   t.oid::regclass::text as "table", quote_ident(u.attname) as "column", u."columnType",
                   format_type(u.seqtypid, null) as "sequenceType", u.seqincrement as increment,
                   u."end" <> u.seqmax and u.seqincrement > 0 as "endsByColumn", quote_ident(current_user) as role
              from (select) one left join nearest u on true left join pg_namespace n on n.oid = u.relnamespace
              left join pg_class t on t.oid = u.attrelid
             order by u.share desc nulls last, sequence""";

    @Override
    public String verb() {
        return "sequences";
    }

    @Override
    public Review review(Look look) throws SQLException {
        Map<String, Sample> before = look.past("sequence_value");
        Set<String> told = look.past("sequence_value", Look.REMEMBERED).keySet();
        List<Row> found = next(look, look.latest(STOPPED_AT).orElse(0), told);
        if (found.get(0).whole("next") == 0) {
            // Those after it are gone.
            found = next(look, 0, told);
        }
        Row facts = found.get(0);
        boolean more = facts.whole("next") == MOST_AT_ONCE;
        long sequences = facts.whole("sequences");
        long hidden = facts.whole("hidden");
        List<Row> rows = found.stream().filter(row -> row.has("sequence")).toList();
        Findings findings = new Findings();
        if (rows.isEmpty()) {
            return findings.review(look, "sequences", "there are no sequences", List.of());
        }
        Row first = rows.get(0);
        List<Map<String, Object>> shown = new ArrayList<>();
        List<Measurement> figures = new ArrayList<>();
        figures.add(look.figure(STOPPED_AT, "", more ? facts.real("stoppedAt") : 0));
        for (Row row : rows) {
            Duration left = timeLeft(look, row, before.get(row.text("sequence")));
            Map<String, Object> evidence = shown(row, left);
            shown.add(evidence);
            if (row.has("last")) {
                figures.add(look.figure("sequence_value", row.text("sequence"), row.real("last")));
            }
            judge(findings, row, left, evidence);
        }
        look.note(figures);
        if (hidden > 0) {
            findings.warn(
                    "unreadable",
                    "role " + first.text("role") + " may not read " + hidden + " of " + sequences + " sequences",
                    Map.of("hidden", hidden),
                    "GRANT pg_read_all_data TO " + first.text("role") + ";");
        }
        return findings.review(
                look,
                "sequences",
                howMany(sequences, facts.whole("inAll")) + ", the fullest is " + first.text("sequence") + " with "
                        + share(first) + " of its numbers used up",
                shown);
    }

    private static List<Row> next(Look look, double after, Set<String> told) throws SQLException {
        return look.rows(SQL, Math.round(after), MOST_AT_ONCE, List.copyOf(told));
    }

    private static String howMany(long read, long inAll) {
        return inAll <= MOST_AT_ONCE
                ? Findings.count(read, "sequence", "sequences")
                : read + " of " + inAll + " sequences looked at, the next look goes on with the others";
    }

    private static Ratio share(Row row) {
        return new Ratio(Math.max(0, row.real("share")));
    }

    private static @Nullable Duration timeLeft(Look look, Row row, @Nullable Sample before) {
        if (!row.has("last")) {
            return null;
        }
        OptionalDouble perDay = look.perDay(before, row.real("last"), RATE_OVER);
        double left = row.real("end") - row.real("last");
        return perDay.isEmpty() ? null : Findings.lasts(Math.abs(left), perDay.getAsDouble() * Math.signum(left));
    }

    private static Map<String, Object> shown(Row row, @Nullable Duration left) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("sequence", row.text("sequence"));
        shown.put("percent", Findings.percent(share(row)));
        shown.putAll(row.only("last", "end", "sequenceType", "table", "column", "columnType"));
        if (left != null) {
            shown.put("secondsLeft", left.toSeconds());
        }
        return shown;
    }

    private void judge(Findings findings, Row row, @Nullable Duration left, Map<String, Object> evidence) {
        ReviewStatus status = Findings.above(share(row), warn, fail);
        if (status == ReviewStatus.OK) {
            return;
        }
        String sequence = row.text("sequence");
        boolean smallColumn = row.has("column") && !row.text("columnType").equals("bigint");
        findings.add(
                status,
                row.is("endsByColumn") && smallColumn ? "smallColumn" : "nearEnd",
                "sequence " + sequence + " has used up " + share(row) + " of its numbers: " + row.text("last") + " of "
                        + row.text("end")
                        + (smallColumn
                                ? ", where " + row.text("columnType") + " column " + row.text("table") + "."
                                        + row.text("column") + " ends"
                                : "")
                        + (left == null ? "" : ", at the present rate in " + DurationText.say(left)),
                evidence,
                remedy(row, smallColumn));
    }

    private static String remedy(Row row, boolean smallColumn) {
        String wider = "ALTER SEQUENCE " + row.text("sequence") + " AS bigint MAXVALUE 9223372036854775807;";
        boolean small = !row.text("sequenceType").equals("bigint");
        if (smallColumn) {
            return "ALTER TABLE " + row.text("table") + " ALTER COLUMN " + row.text("column") + " TYPE bigint;"
                    + (small ? " " + wider : "")
                    + " -- rewrites the table under an exclusive lock; a large one wants a new column that is filled bit by bit";
        }
        return row.whole("increment") < 0
                ? "ALTER SEQUENCE " + row.text("sequence") + " AS bigint MINVALUE -9223372036854775808;"
                : wider;
    }
}
