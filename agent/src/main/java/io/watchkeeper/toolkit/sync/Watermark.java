package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.units.DurationText;
import java.util.stream.Collectors;

/** What mode timestamp asks the source for. */
final class Watermark {

    private Watermark() {}

    /**
     * The newest value there is, or an earlier time if a transaction is still running since then: what it writes will be older than
     * what was seen. A standby does not know of running transactions. It is never later than now: one row of the year 2999 would hide
     * all that is written until then.
     */
    static String read(PreparedSync sync, boolean standby) {
        String column = column(sync);
        String newest = sync.copy().sourceRelations().stream()
                .map(relation -> "SELECT max(" + column + ") AS w FROM ONLY " + relation.quoted())
                .collect(Collectors.joining(" UNION ALL ", "(SELECT max(w) FROM (", ") m)"));
        String type = "::" + sync.watermarkType();
        if (standby) {
            return "SELECT least(" + newest + ", now()" + type + ")::text";
        }
        return "SELECT least(" + newest + ", now()" + type
                + ", (SELECT min(xact_start)" + type + " FROM pg_stat_activity WHERE datname = current_database()"
                + " AND pid <> pg_backend_pid() AND backend_type = 'client backend')"
                + ", (SELECT min(prepared)" + type
                + " FROM pg_prepared_xacts WHERE database = current_database()))::text";
    }

    /** The condition on rows that a round looks at: also those without a watermark, of which it says nothing. */
    static String since(PreparedSync sync, String value) {
        return "(" + column(sync) + " >= " + Identifiers.quoteLiteral(value) + "::" + sync.watermarkType()
                + " - interval '" + sync.options().overlap().toSeconds() + " seconds' OR " + column(sync)
                + " IS NULL)";
    }

    static String blindness(PreparedSync sync) {
        return "by " + sync.options().watermark()
                + ", a round does not see changes that leave it as it was, nor those of"
                + " transactions that took longer than "
                + DurationText.say(sync.options().overlap());
    }

    private static String column(PreparedSync sync) {
        return Identifiers.quote(String.valueOf(sync.options().watermark()));
    }
}
