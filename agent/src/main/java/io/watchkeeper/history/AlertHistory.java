package io.watchkeeper.history;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.AlertLedger;
import io.watchkeeper.alert.OpenAlert;
import io.watchkeeper.units.Secret;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The ledger of open alerts, in the same store as the runs. Secrets in alerts are redacted, also in keys. */
public final class AlertHistory implements AlertLedger {

    private static final String COLUMNS =
            "alert_key, severity, message, labels, opened_at, raised_at, sent_at, unreached, resolved_at";

    /** The row of an alert that nobody has sent or ended since; {@code is} also compares nulls. */
    private static final String AS_TOLD = "alert_key = ? and sent_at = ? and resolved_at is ?";

    private final HistoryFile file;

    AlertHistory(HistoryFile file) {
        this.file = file;
    }

    @Override
    public Optional<OpenAlert> find(String key) {
        return file.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("select " + COLUMNS + " from alert where alert_key = ?")) {
                select.setString(1, Secret.redact(key));
                return read(select).stream().findFirst();
            }
        });
    }

    @Override
    public List<OpenAlert> all() {
        return file.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("select " + COLUMNS + " from alert order by opened_at, alert_key")) {
                return read(select);
            }
        });
    }

    @Override
    public void save(OpenAlert alert) {
        file.write(connection -> save(connection, alert));
    }

    @Override
    public void saveUnreached(OpenAlert told, Set<String> unreached) {
        file.write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update alert set unreached = ? where " + AS_TOLD)) {
                update.setString(1, StoredText.ofNames(unreached));
                bindAsTold(update, 2, told);
                return update.executeUpdate();
            }
        });
    }

    @Override
    public void remove(OpenAlert told) {
        file.write(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("delete from alert where " + AS_TOLD)) {
                bindAsTold(delete, 1, told);
                return delete.executeUpdate();
            }
        });
    }

    private static void bindAsTold(PreparedStatement statement, int first, OpenAlert told) throws SQLException {
        statement.setString(first, Secret.redact(told.key()));
        statement.setString(first + 1, StoredText.of(told.sentAt()));
        Instant resolvedAt = told.resolvedAt();
        statement.setString(first + 2, resolvedAt == null ? null : StoredText.of(resolvedAt));
    }

    private static int save(Connection connection, OpenAlert open) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert or replace into alert (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, Secret.redact(open.key()));
            insert.setString(2, StoredText.of(open.alert().severity()));
            insert.setString(3, StoredText.of(open.alert().text()));
            insert.setString(4, StoredText.ofParams(open.alert().labels()));
            insert.setString(5, StoredText.of(open.openedAt()));
            insert.setString(6, StoredText.of(open.raisedAt()));
            insert.setString(7, StoredText.of(open.sentAt()));
            insert.setString(8, StoredText.ofNames(open.unreached()));
            Instant resolvedAt = open.resolvedAt();
            insert.setString(9, resolvedAt == null ? null : StoredText.of(resolvedAt));
            return insert.executeUpdate();
        }
    }

    private static List<OpenAlert> read(PreparedStatement select) throws SQLException {
        List<OpenAlert> alerts = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String resolvedAt = row.getString("resolved_at");
                alerts.add(new OpenAlert(
                        new Alert(
                                row.getString("severity"),
                                row.getString("message"),
                                StoredText.params(row.getString("labels"))),
                        Instant.parse(row.getString("opened_at")),
                        Instant.parse(row.getString("raised_at")),
                        Instant.parse(row.getString("sent_at")),
                        StoredText.names(row.getString("unreached")),
                        resolvedAt == null ? null : Instant.parse(resolvedAt)));
            }
        }
        return alerts;
    }
}
