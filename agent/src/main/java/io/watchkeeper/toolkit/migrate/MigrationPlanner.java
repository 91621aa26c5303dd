package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Finds out what a migration would do. Changes nothing. */
final class MigrationPlanner {

    private final Path folder;
    private final Work work;

    MigrationPlanner(Path folder, Work work) {
        this.folder = folder;
        this.work = work;
    }

    /**
     * @param databases the one that the wish names, and then those that are kept in step
     * @throws UnknownRevisionException when the plan has no such change
     * @throws OperatorException when the scripts or the registry cannot be read, or do not fit each other
     */
    MigrationPlan plan(MigrationWish wish, List<Database> databases) throws SQLException {
        SqitchProject project = SqitchProject.read(folder);
        String revision = wish.revision();
        int target = revision == null ? -1 : project.position(revision);
        List<MigrationPlan.OfDatabase> plans = new ArrayList<>();
        MessageDigest digest = sha256();
        feed(digest, project.name(), String.valueOf(revision), String.valueOf(wish.revert()));
        for (Database database : databases) {
            try (Session session = database.open(work)) {
                Registry registry = Registry.read(session, project);
                int deployed = registry.position(project, database.name());
                requireDirection(wish, project, database, deployed, target);
                // What was agreed to was agreed to once: afterwards the same changes are other ones.
                feed(digest, database.name(), String.valueOf(registry.turns(session, project)));
                registry.changes().forEach(change -> feed(digest, change.name(), change.scriptHash()));
                ChangeJudge judge = judge(session, project, deployed, wish.lockTimeout());
                List<PlannedChange> changes = new ArrayList<>();
                for (int at : positions(wish.revert(), deployed, target)) {
                    changes.add(wish.revert() ? judge.taken(at) : judge.deployed(at));
                    feedScripts(digest, project, at);
                }
                plans.add(new MigrationPlan.OfDatabase(database.name(), deployed, changes));
            }
        }
        return new MigrationPlan(
                project.name(),
                wish.target(),
                wish.revert(),
                plans,
                HexFormat.of().formatHex(digest.digest()));
    }

    private static ChangeJudge judge(Session session, SqitchProject project, int deployed, Duration lockTimeout) {
        Tables tables = new DatabaseTables(session);
        return new ChangeJudge(
                project,
                deployed,
                new ScriptJudge(session.database().name(), tables, lockTimeout),
                new VerifyJudge(tables));
    }

    /** A change of the plan as one to be deployed, though it is there already. */
    Migrator.Step step(Database database, SqitchChange change) throws SQLException {
        SqitchProject project = SqitchProject.read(folder);
        int at = project.changes().indexOf(change);
        try (Session session = database.open(work)) {
            return new Migrator.Step(
                    database.name(),
                    judge(session, project, at, MigrationWish.LOCK_TIMEOUT).deployed(at));
        }
    }

    /** What is wrong with the verify scripts of the changes that a database has. */
    List<MigrationFinding> verifications(Database database) throws SQLException {
        SqitchProject project = SqitchProject.read(folder);
        try (Session session = database.open(work)) {
            int deployed = Registry.read(session, project).position(project, database.name());
            ChangeJudge judge = judge(session, project, deployed, MigrationWish.LOCK_TIMEOUT);
            return IntStream.range(0, deployed)
                    .mapToObj(judge::verification)
                    .flatMap(List::stream)
                    .toList();
        }
    }

    private static List<Integer> positions(boolean revert, int deployed, int target) {
        List<Integer> positions = new ArrayList<>();
        if (revert) {
            for (int at = deployed - 1; at > target; at--) {
                positions.add(at);
            }
        } else {
            for (int at = deployed; at <= target; at++) {
                positions.add(at);
            }
        }
        return positions;
    }

    private static void requireDirection(
            MigrationWish wish, SqitchProject project, Database database, int deployed, int target) {
        if (!wish.revert() && target < deployed - 1) {
            throw new OperatorException(
                    "database '" + database.name() + "' is further than " + wish.target() + ": it has '"
                            + project.changes().get(deployed - 1).reference() + "'",
                    "to go back is another wish: watchkeeper migrate revert --to " + wish.target() + ".");
        }
        if (wish.revert() && target >= deployed) {
            throw new OperatorException(
                    "database '" + database.name() + "' does not have " + wish.target() + " yet",
                    "there is nothing to take back; watchkeeper migrate deploy --to " + wish.target() + " brings it.");
        }
    }

    private static void feedScripts(MessageDigest digest, SqitchProject project, int at) {
        SqitchChange change = project.changes().get(at);
        feed(digest, change.reference());
        for (String kind : List.of("deploy", "revert", "verify")) {
            Optional<byte[]> script = project.bytes(kind, change);
            feed(digest, kind, script.isPresent() ? "there" : "missing");
            feed(digest, script.orElse(new byte[0]));
        }
    }

    /** The length goes before each text, so that no two sequences of texts are the same bytes. */
    private static void feed(MessageDigest digest, String... texts) {
        for (String text : texts) {
            feed(digest, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void feed(MessageDigest digest, byte[] bytes) {
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
