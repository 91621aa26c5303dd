package io.watchkeeper.toolkit.check;

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
import org.jspecify.annotations.Nullable;

/**
 * How much is used up of the transaction ids and of the multixact ids, which stop all writes when they run out: of each database, and of the
 * oldest tables of this one; and when autovacuum will force a freeze and the server stop, at the rate of the last days.
 *
 * @param warn share of the ids that are used up
 */
public record WraparoundCheck(Ratio warn, Ratio fail) implements Check {

    public static final WraparoundCheck USUAL = new WraparoundCheck(Ratio.percent(30), Ratio.percent(60));

    /** Ids are counted on a circle of twice as many. */
    private static final double IDS = Math.pow(2, 31);

    /** The server takes no more writes when so many are left. */
    private static final double KEPT_BACK = 3_000_000;

    /** A rate over less time is noise. */
    private static final Duration RATE_OVER = Duration.ofMinutes(5);

    /** The next multixact id is the one of the last checkpoint: nothing else tells it without taking one. */
    private static final String SQL = """
            with facts as materialized (
                select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as "nextXid",
                       (select next_multixact_id::text::bigint from pg_control_checkpoint()) as "nextMultixact",
                       current_setting('autovacuum_freeze_max_age')::bigint as "xidForced",
                       current_setting('autovacuum_multixact_freeze_max_age')::bigint as "multixactForced",
                       current_setting('autovacuum')::boolean as autovacuum),
            ages as (
                select 'database' as kind, quote_ident(datname) as name, age(datfrozenxid)::bigint as xids,
                       mxid_age(datminmxid)::bigint as multixacts, datname = current_database() as here
                  from pg_database
                union all
                select 'table', oid::regclass::text, xids, multixacts, true
                  from (select oid, age(relfrozenxid)::bigint as xids, mxid_age(relminmxid)::bigint as multixacts
                          from pg_class where relkind in ('r', 'm', 't') and relpersistence <> 't'
                         order by greatest(age(relfrozenxid), mxid_age(relminmxid)) desc limit 5) oldest)
            select ages.*, facts.* from ages, facts order by kind, greatest(xids, multixacts) desc""";

    @Override
    public String verb() {
        return "wraparound";
    }

    /** One of the two kinds of ids. */
    private record Ids(String column, String words, String forcedBy, double forcedAt, OptionalDouble perDay) {

        @Nullable
        Duration untilForced(double age) {
            return perDay.isPresent() ? Findings.lasts(forcedAt - age, perDay.getAsDouble()) : null;
        }

        @Nullable
        Duration untilStop(double age) {
            return perDay.isPresent() ? Findings.lasts(IDS - KEPT_BACK - age, perDay.getAsDouble()) : null;
        }
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> rows = look.rows(SQL);
        Row facts = rows.get(0);
        List<Ids> kinds = List.of(
                ids(look, facts, "xids", "transaction ids", "autovacuum_freeze_max_age", "xidForced", "nextXid"),
                ids(
                        look,
                        facts,
                        "multixacts",
                        "multixact ids",
                        "autovacuum_multixact_freeze_max_age",
                        "multixactForced",
                        "nextMultixact"));
        look.note(List.of(
                look.figure("transactions_used", "", facts.real("nextXid")),
                look.figure("multixacts_used", "", facts.real("nextMultixact"))));
        Findings findings = new Findings();
        List<Map<String, Object>> shown = new ArrayList<>();
        List<Row> tables =
                rows.stream().filter(row -> row.text("kind").equals("table")).toList();
        for (Row row : rows) {
            Map<String, Object> evidence = shown(row, kinds);
            shown.add(evidence);
            if (row.text("kind").equals("database")) {
                kinds.forEach(ids -> judge(findings, row, ids, tables, evidence));
            }
        }
        return findings.review(look, "wraparound", summary(rows, kinds, facts), shown);
    }

    private static Ids ids(
            Look look, Row facts, String column, String words, String forcedBy, String forced, String next) {
        String metric = column.equals("xids") ? "transactions_used" : "multixacts_used";
        OptionalDouble perDay = look.perDay(look.past(metric).get(""), facts.real(next), RATE_OVER);
        return new Ids(column, words, forcedBy, facts.real(forced), perDay);
    }

    private static Map<String, Object> shown(Row row, List<Ids> kinds) {
        Map<String, Object> shown = new LinkedHashMap<>(row.only("kind", "name", "xids", "multixacts"));
        for (Ids ids : kinds) {
            double age = row.real(ids.column());
            shown.put(ids.column() + "Percent", Findings.percent(Findings.share(age, IDS)));
            Duration forced = ids.untilForced(age);
            Duration stop = ids.untilStop(age);
            if (forced != null) {
                shown.put(ids.column() + "SecondsUntilForced", forced.toSeconds());
            }
            if (stop != null) {
                shown.put(ids.column() + "SecondsUntilStop", stop.toSeconds());
            }
        }
        return shown;
    }

    private void judge(Findings findings, Row database, Ids ids, List<Row> tables, Map<String, Object> evidence) {
        double age = database.real(ids.column());
        Ratio used = Findings.share(age, IDS);
        ReviewStatus status = Findings.above(used, warn, fail);
        if (status == ReviewStatus.OK) {
            return;
        }
        Duration stop = ids.untilStop(age);
        boolean here = database.is("here");
        String oldest = here
                ? tables.stream()
                        .max(java.util.Comparator.comparingDouble(row -> row.real(ids.column())))
                        .map(row -> row.text("name"))
                        .orElse("")
                : "";
        findings.add(
                status,
                ids.column().equals("xids") ? "transactionIds" : "multixactIds",
                used + " of the " + ids.words() + " of database " + database.text("name") + " are used up"
                        + (stop == null
                                ? ""
                                : "; at the present rate the server takes no more writes in " + DurationText.say(stop))
                        + (oldest.isEmpty() ? "" : "; the oldest table is " + oldest),
                evidence,
                (here
                                ? "VACUUM (FREEZE, VERBOSE) " + oldest + ";"
                                : "\\connect " + database.text("name") + "\nVACUUM (FREEZE, VERBOSE);")
                        + " -- it does not help while xminHorizon finds what holds old rows back");
    }

    private static String summary(List<Row> rows, List<Ids> kinds, Row facts) {
        Row oldest = rows.get(0);
        Ids xids = kinds.get(0);
        double age = oldest.real("xids");
        Duration forced = xids.untilForced(age);
        Duration stop = xids.untilStop(age);
        return Findings.share(age, IDS) + " of the transaction ids are used up in database " + oldest.text("name")
                + (forced == null || forced.isZero()
                        ? ""
                        : ", autovacuum forces a freeze in " + DurationText.say(forced))
                + (stop == null ? "" : ", without one writes would stop in " + DurationText.say(stop))
                + (facts.is("autovacuum") ? "" : "; autovacuum is off");
    }
}
