package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where {@linkplain Checkpoint how far a verification has come} is kept: in the target, so that any host can go on, or in a file where
 * the target takes no writes. What nobody has gone on with for a day is of no use any more, and goes.
 */
abstract class Checkpoints {

    private static final String TABLE = "verifications";

    private static final String COLUMNS =
            "plan text PRIMARY KEY, agent text NOT NULL, updated_at timestamptz NOT NULL, state text NOT NULL";

    private static final Duration KEPT = Duration.ofDays(1);

    abstract Optional<Checkpoint> load() throws SQLException;

    abstract void save(Checkpoint checkpoint) throws SQLException;

    abstract void forget() throws SQLException;

    /**
     * The place for this plan. Two agents with one plan do not share it: the second one keeps no record.
     *
     * @param folder for files; null where there is none
     */
    static Checkpoints of(Session target, String plan, @Nullable Path folder) throws SQLException {
        boolean alone = target.one(
                "select pg_try_advisory_lock(hashtextextended('watchkeeper verify ' || ?::text, 0))",
                row -> row.getBoolean(1),
                plan);
        if (!alone) {
            return new None();
        }
        try {
            AgentSchema.require(target, TABLE, COLUMNS);
            Checkpoints ofTarget = new OfTarget(target, plan);
            ofTarget.load();
            target.update("delete from watchkeeper.verifications where updated_at < now() - interval '1 day'");
            return ofTarget;
        } catch (SQLException | OperatorException e) {
            String state = FailureClass.sqlState(e).orElse("");
            if (!Set.of(SqlStates.INSUFFICIENT_PRIVILEGE, SqlStates.READ_ONLY_SQL_TRANSACTION)
                    .contains(state)) {
                throw e;
            }
            return folder == null ? new None() : new OfFile(folder, plan);
        }
    }

    private static final class OfTarget extends Checkpoints {
        private final Session target;
        private final String plan;

        OfTarget(Session target, String plan) {
            this.target = target;
            this.plan = plan;
        }

        @Override
        Optional<Checkpoint> load() throws SQLException {
            return target
                    .list(
                            "select state from watchkeeper.verifications where plan = ? and updated_at >= now() - interval '1 day'",
                            row -> row.getString(1),
                            plan)
                    .stream()
                    .findFirst()
                    .flatMap(Checkpoint::parse);
        }

        @Override
        void save(Checkpoint checkpoint) throws SQLException {
            target.update(
                    "insert into watchkeeper.verifications values (?, ?, now(), ?)"
                            + " on conflict (plan) do update set agent = excluded.agent, updated_at = excluded.updated_at,"
                            + " state = excluded.state",
                    plan,
                    target.work().applicationName(),
                    checkpoint.toJson());
        }

        @Override
        void forget() throws SQLException {
            target.update("delete from watchkeeper.verifications where plan = ?", plan);
        }
    }

    /** A file of its own for each plan, replaced as a whole. */
    private static final class OfFile extends Checkpoints {
        private final Path file;

        OfFile(Path folder, String plan) {
            this.file = folder.resolve(plan + ".json");
            DifferenceFile.io(() -> {
                Files.createDirectories(folder);
                Path now = Files.createTempFile(folder, "now", ".tmp");
                FileTime old =
                        FileTime.from(Files.getLastModifiedTime(now).toInstant().minus(KEPT));
                Files.delete(now);
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path one : files.toList()) {
                        if (Files.getLastModifiedTime(one).compareTo(old) < 0) {
                            Files.deleteIfExists(one);
                        }
                    }
                }
                return true;
            });
        }

        @Override
        Optional<Checkpoint> load() {
            try {
                return Files.exists(file) ? Checkpoint.parse(Files.readString(file)) : Optional.empty();
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        @Override
        void save(Checkpoint checkpoint) {
            DifferenceFile.io(() -> {
                Path next = file.resolveSibling(file.getFileName() + ".next");
                Files.writeString(next, checkpoint.toJson());
                return Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            });
        }

        @Override
        void forget() {
            DifferenceFile.io(() -> Files.deleteIfExists(file));
        }
    }

    private static final class None extends Checkpoints {
        @Override
        Optional<Checkpoint> load() {
            return Optional.empty();
        }

        @Override
        void save(Checkpoint checkpoint) {}

        @Override
        void forget() {}
    }
}
