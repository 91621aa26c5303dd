package io.watchkeeper.http;

import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.http.page.ReplicaRow;
import io.watchkeeper.http.page.SlotRow;
import io.watchkeeper.http.page.StatusView;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.runbook.TableState;
import java.util.Arrays;

/** What each table can be sorted and filtered by. */
final class Listings {

    static final Listing<StatusView.Row> RUNBOOKS = new Listing<StatusView.Row>(
                    "/runbooks",
                    row -> Arrays.asList(
                            row.runbook().name(),
                            row.runbook().description(),
                            row.runbook().owner(),
                            row.scheduleWords(),
                            row.last() == null ? null : row.last().state().wireName()))
            .column("name", row -> row.runbook().name())
            .column("schedule", StatusView.Row::scheduleWords)
            .column("lastRun", row -> row.last() == null ? null : row.last().startedAt())
            .column("state", row -> row.last() == null ? null : row.last().state())
            .column("next", StatusView.Row::next);

    static final Listing<TableState> SYNC = new Listing<TableState>(
                    "/sync", table -> Arrays.asList(table.database(), table.table(), table.source()))
            .column("database", TableState::database)
            .column("table", TableState::table)
            .column("source", TableState::source)
            .column("syncedAt", TableState::syncedAt)
            .column("verifiedAt", TableState::verifiedAt)
            .column("differences", TableState::differences);

    static final Listing<BackupState> BACKUPS = new Listing<BackupState>(
                    "/backups",
                    backup -> Arrays.asList(
                            backup.id(), backup.database(), backup.kind(), backup.provider(), backup.damages()))
            .column("id", BackupState::id)
            .column("database", BackupState::database)
            .column("kind", BackupState::kind)
            .column("finishedAt", BackupState::finishedAt)
            .column("bytes", BackupState::bytes)
            .column("verifiedAt", BackupState::verifiedAt)
            .column("restoredAt", BackupState::restoredAt);

    static final Listing<DrillState> DRILLS = new Listing<DrillState>(
                    "/drills",
                    drill -> Arrays.asList(drill.database(), drill.backup(), drill.failures(), drill.runId()))
            .column("database", DrillState::database)
            .column("at", DrillState::at)
            .column("passed", DrillState::passed)
            .column("rpoSeconds", DrillState::rpoSeconds)
            .column("rtoSeconds", DrillState::rtoSeconds);

    static final Listing<ReplicaRow> REPLICAS = new Listing<ReplicaRow>(
                    "/replicas",
                    row -> Arrays.asList(
                            row.database(),
                            row.replica().name(),
                            row.replica().connection(),
                            row.replica().address()))
            .column("name", row -> row.replica().name())
            .column("database", ReplicaRow::database)
            .column("connection", row -> row.replica().connection())
            .column("lagSeconds", row -> ReplicationDocument.known(row.replica().seconds()))
            .column(
                    "lagBytes",
                    row -> ReplicationDocument.known(row.replica().bytes().replay()))
            .column("seenAt", row -> row.replica().seenAt());

    static final Listing<SlotRow> SLOTS = new Listing<SlotRow>(
                    "/slots",
                    row -> Arrays.asList(
                            row.database(),
                            row.slot().name(),
                            row.slot().replica(),
                            row.slot().walStatus()))
            .column("slot", row -> row.slot().name())
            .column("database", SlotRow::database)
            .column("retainedBytes", row -> row.slot().retainedBytes())
            .column("safeBytes", row -> ReplicationDocument.known(row.slot().safeBytes()))
            .column("inactiveSince", row -> row.slot().inactiveSince());

    static final Listing<KeptReport> CHECKLISTS = new Listing<KeptReport>(
                    "/checklists", report -> Arrays.asList(report.runbook(), report.kind(), report.verdicts()))
            .column("runbook", KeptReport::runbook)
            .column("checklist", KeptReport::kind)
            .column("startedAt", KeptReport::startedAt)
            .column("status", KeptReport::state);

    private Listings() {}
}
