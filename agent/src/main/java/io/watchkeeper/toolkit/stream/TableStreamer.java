package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/** Streams one table: a publication and a subscription of its own, named after it, taken over from polling without a copy. */
public final class TableStreamer {

    private final Database source;
    private final Database target;
    private final Work work;

    public TableStreamer(Database source, Database target, Work work) {
        this.source = source;
        this.target = target;
        this.work = work;
    }

    /**
     * Makes the stream unless it is there, and looks after it.
     *
     * @return its {@link StreamResult#problem} is to be thrown once the result is recorded
     * @throws OperatorException when a server, a role or the table is not fit for it
     */
    public StreamResult ensure(TableName table) throws SQLException {
        new PublicationProvisioner(source, work).provision(publication(table));
        return provisioner().provision(subscription(table));
    }

    /** Ends the stream; polling goes on from where it is. */
    public StreamResult end(TableName table) throws SQLException {
        return provisioner().handBack(subscription(table));
    }

    /** Whether the subscription is the one that this makes for the table. */
    public static boolean isOwn(TableName table, String subscription) {
        return name(table).equals(subscription);
    }

    /** What {@link #ensure} would do. Changes nothing. */
    public List<PlannedAction> describe(TableName table) throws SQLException {
        List<PlannedAction> actions =
                new ArrayList<>(new PublicationProvisioner(source, work).describe(publication(table)));
        actions.addAll(provisioner().describe(subscription(table)));
        return actions;
    }

    private SubscriptionProvisioner provisioner() {
        return new SubscriptionProvisioner(source, target, work, new SyncPolling(source, target, work));
    }

    private static PublicationPlan publication(TableName table) {
        return PublicationPlan.of(name(table), table.quoted());
    }

    private static SubscriptionPlan subscription(TableName table) {
        return SubscriptionPlan.of(name(table), name(table)).withHandover(true);
    }

    /** What publication and subscription of a table are called. */
    public static String name(TableName table) {
        CRC32 hash = new CRC32();
        hash.update(table.quoted().getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "wk_%08x", hash.getValue());
    }
}
